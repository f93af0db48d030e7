package import FirewallIR
internal import PacketModel

/// Asks once for what all rules of a run ask for: an interface, or a direction.
///
/// A run of rules all of whose boxes name the interfaces at which they hold moves to a chain of its own, and rules for each of
/// these interfaces lead there; boxes that hold at all of them need not ask again. Sound because a packet at another interface
/// matches no rule of the run, each packet takes one way at most, since no pattern of an interface covers another, and what
/// is asked does not change on the way. Behind a run that is not the last, packets come back as they would have come to the
/// next rule; then no rule of it may return or go elsewhere, since that would lead back, too. Rules with guards and effects
/// move as they are: they are asked by the same packets in the same order.
package struct HoistConditions {
    private let names: FreshNames

    /// Hoisting in a scope, with names for new chains and rules.
    package init(_ names: FreshNames) { self.names = names }

    /// The chains that a chain becomes, itself first.
    package func run(_ chain: Chain) -> [Chain] {
        [Condition.inInterface, .outInterface, .direction].reduce([chain]) { chains, condition in
            chains.flatMap { hoist(condition, in: $0) }
        }
    }

    /// What can be asked for once.
    fileprivate enum Condition {
        case inInterface, outInterface, direction
    }

    private func hoist(_ condition: Condition, in chain: Chain) -> [Chain] {
        var rules: [FirewallRule] = []
        var further: [Chain] = []
        var next = 0
        while next < chain.rules.count {
            let end = chain.rules[next...].firstIndex { !condition.isAsked(by: $0) } ?? chain.rules.count
            let run = Array(chain.rules[next..<end])
            let isLast = end == chain.rules.count
            if let values = condition.values(of: run, isLast: isLast) {
                let parts = condition.parts(of: run, values)
                for (values, own) in parts {
                    let name = names.chain("\(chain.name)-\(condition.word(values))")
                    rules += values.map { names.lead(to: name, isLast: isLast, [$0], like: own[0]) }
                    further.append(Chain(name: name, rules: parts.count > 1 ? own.map { names.copy($0) } : own))
                }
            } else {
                rules += run
            }
            if end < chain.rules.count { rules.append(chain.rules[end]) }
            next = end + 1
        }
        return [Chain(name: chain.name, rules: rules)] + further
    }
}

extension HoistConditions.Condition {
    /// A shorter run is not worth a chain, and more interfaces are not worth a rule each.
    private static let leastRules = 5
    private static let mostValues = 6

    /// Whether all boxes of a rule name the values at which they hold.
    fileprivate func isAsked(by rule: FirewallRule) -> Bool {
        !rule.condition.isEmpty
            && rule.condition.allSatisfy { box in
                switch self {
                case .inInterface: box.inInterface?.isNegated == false
                case .outInterface: box.outInterface?.isNegated == false
                case .direction: box.direction == Presence(.original)
                }
            }
    }

    /// The boxes of the values, none of which has a packet in common with another; `nil` if the run stays as it is.
    fileprivate func values(of run: [FirewallRule], isLast: Bool) -> [Box]? {
        guard run.count >= Self.leastRules, isLast || run.allSatisfy(\.verdict.staysInJumpedChain) else { return nil }
        let patterns = patterns(of: run)
        switch self {
        case .inInterface: return patterns.map { $0.map { name in Box.only { $0.inInterface = InterfaceSet([name]) } } }
        case .outInterface:
            return patterns.map { $0.map { name in Box.only { $0.outInterface = InterfaceSet([name]) } } }
        case .direction: return [Box.only { $0.direction = Presence(.original) }]
        }
    }

    private func patterns(of run: [FirewallRule]) -> [InterfacePattern]? {
        var found: Set<InterfacePattern> = []
        for box in run.lazy.flatMap(\.condition) {
            found.formUnion((self == .inInterface ? box.inInterface : box.outInterface)?.patterns ?? [])
            if found.count > Self.mostValues { return nil }
        }
        return InterfaceSet(found).patterns
    }

    /// The rules for each of the values apart, where that leaves some out; otherwise all rules for all values.
    ///
    /// What counts or has effects is not doubled: then all values share a chain.
    fileprivate func parts(of run: [FirewallRule], _ values: [Box]) -> [(values: [Box], rules: [FirewallRule])] {
        let together = [(values: values, rules: run.map { lifted(from: $0, values) })]
        guard values.count > 1, self != .direction else { return together }
        let apart = values.map { value in (values: [value], rules: run.compactMap { narrowed($0, to: value) }) }
        let doubled = run.filter { rule in !rule.isPlain && values.count { narrowed(rule, to: $0) != nil } > 1 }
        guard doubled.isEmpty, apart.contains(where: { $0.rules.count < run.count }) else { return together }
        return apart
    }

    /// The rule where only packets of one interface come; `nil` if it is for none of them.
    private func narrowed(_ rule: FirewallRule, to value: Box) -> FirewallRule? {
        let lives = rule.condition.map { !$0.isApart(from: value) }
        guard lives.contains(true) else { return nil }
        var own = lives.allSatisfy { $0 } ? rule : rule.keeping(lives)
        for index in own.condition.indices {
            if let asked = value.inInterface {
                own.condition[index].inInterface = own.condition[index].inInterface?.leftToAsk(within: asked)
            }
            if let asked = value.outInterface {
                own.condition[index].outInterface = own.condition[index].outInterface?.leftToAsk(within: asked)
            }
        }
        return own
    }

    /// The rule where only packets with one of the values come.
    fileprivate func lifted(from rule: FirewallRule, _ values: [Box]) -> FirewallRule {
        var rule = rule
        let incoming = InterfaceSet(values.flatMap { $0.inInterface?.patterns ?? [] })
        let outgoing = InterfaceSet(values.flatMap { $0.outInterface?.patterns ?? [] })
        for index in rule.condition.indices {
            switch self {
            case .inInterface:
                if rule.condition[index].inInterface == incoming { rule.condition[index].inInterface = nil }
            case .outInterface:
                if rule.condition[index].outInterface == outgoing { rule.condition[index].outInterface = nil }
            case .direction: rule.condition[index].direction = nil
            }
        }
        return rule
    }

    fileprivate func word(_ values: [Box]) -> String {
        let patterns = values.flatMap { ($0.inInterface ?? $0.outInterface)?.patterns ?? [] }
        let one = patterns.count == 1 ? "-\(patterns[0].description.filter { $0 != "*" })" : ""
        return switch self {
        case .inInterface: "in\(one)"
        case .outInterface: "out\(one)"
        case .direction: "original"
        }
    }
}

extension InterfaceSet {
    /// What is left to ask of packets at one of some interfaces; `nil` if that is nothing.
    fileprivate func leftToAsk(within asked: InterfaceSet) -> InterfaceSet? {
        let common = intersection(asked)
        return common == asked ? nil : common ?? self
    }
}

extension Box {
    /// All packets that meet what is set.
    fileprivate static func only(_ change: (inout Box) -> Void) -> Box {
        var box = Box()
        change(&box)
        return box
    }
}
