package import FirewallIR
internal import PacketModel

/// Moves rules of one verdict together, so that they can be merged.
///
/// A rule moves forward, to the nearest earlier run of its verdict that has rules which restrict the same fields. Sound
/// because it only passes rules of its own verdict, and rules none of whose boxes has a packet in common with its own: for a
/// packet of the moved rule nothing that was asked before is asked later, and for all others nothing has changed. Rules that
/// are not plain (guards, logs and other effects, jumps) never move, and are passed only by rules that none of their
/// packets reaches.
package enum GatherRuns {
    /// A chain with its rules in runs of one verdict as long as they can be made.
    package static func run(_ chain: Chain) -> Chain {
        var runs: [Run] = []
        for rule in chain.rules {
            if let place = place(of: rule, in: runs) {
                runs[place].append(rule)
            } else {
                runs.append(Run(rule))
            }
        }
        return Chain(name: chain.name, rules: runs.flatMap(\.rules))
    }

    /// The run that a rule can join; `nil` if it begins a new one.
    private static func place(of rule: FirewallRule, in runs: [Run]) -> Int? {
        guard rule.isPlain, let last = runs.indices.last else { return nil }
        if runs[last].takes(rule) { return last }
        let shapes = Set(rule.condition.map(\.fields))
        var effort = Self.effort
        for index in runs.indices.reversed().prefix(Self.reach) {
            if runs[index].takes(rule) {
                if !runs[index].shapes.isDisjoint(with: shapes) { return index }
            } else if !runs[index].isApart(from: rule, &effort) {
                return nil
            }
        }
        return nil
    }

    /// How many runs a rule may pass, and with how many boxes it is compared on the way.
    private static let reach = 24
    private static let effort = 128
}

/// Rules that follow one another, with one verdict, or one rule that is not plain.
private struct Run {
    private(set) var rules: [FirewallRule]
    private(set) var shapes: Set<BoxFields>
    private var byPort: [UInt16: [Box]] = [:]
    private var others: [Box] = []

    init(_ rule: FirewallRule) {
        rules = []
        shapes = []
        append(rule)
    }

    func takes(_ rule: FirewallRule) -> Bool { rules[0].isPlain && rules[0].verdict == rule.verdict }

    mutating func append(_ rule: FirewallRule) {
        rules.append(rule)
        for box in rule.condition {
            shapes.insert(box.fields)
            if let port = box.dialledPort { byPort[port, default: []].append(box) } else { others.append(box) }
        }
    }

    /// Whether no packet of a rule is in any box; `false` also where finding out is too much.
    func isApart(from rule: FirewallRule, _ effort: inout Int) -> Bool {
        for box in rule.condition {
            guard let port = box.dialledPort else {
                if !byPort.isEmpty && !isApart(box, byPort.values.joined(), &effort) { return false }
                if !isApart(box, others, &effort) { return false }
                continue
            }
            if !isApart(box, byPort[port] ?? [], &effort) || !isApart(box, others, &effort) { return false }
        }
        return true
    }

    private func isApart(_ box: Box, _ boxes: some Sequence<Box>, _ effort: inout Int) -> Bool {
        for other in boxes {
            effort -= 1
            if effort < 0 || !box.isApart(from: other) { return false }
        }
        return true
    }
}

extension Box {
    /// The one port that was dialled, if the box holds no packet of another and none without.
    fileprivate var dialledPort: UInt16? {
        guard let ports = originalDestinationPort, !ports.allowsAbsent else { return nil }
        return ports.values.single
    }
}
