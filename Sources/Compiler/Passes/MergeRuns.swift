package import FirewallIR
internal import PacketModel

/// Merges plain rules that follow one another with one verdict: into one rule for all boxes that differ in the values of
/// their keys alone.
///
/// Sound because the rules of a run commute: a packet that any of them matches has their one verdict. Each merged rule is a
/// union of boxes, so it is one set for a backend that has sets, of one field or of several (`BoxShape`); bit masks, states and
/// whatever is not compared with a value stay outside of the keys, and so does a field whose absence matches.
package struct MergeRuns {
    private let names: FreshNames

    /// Merging in a scope, with names for merged rules.
    package init(_ names: FreshNames) { self.names = names }

    /// A chain with merged rules.
    package func run(_ chain: Chain) -> Chain {
        var rules: [FirewallRule] = []
        var run: [FirewallRule] = []
        for rule in chain.rules {
            if let last = run.last, !rule.isPlain || last.verdict != rule.verdict { flush(&run, into: &rules) }
            if rule.isPlain { run.append(rule) } else { rules.append(rule) }
        }
        flush(&run, into: &rules)
        return Chain(name: chain.name, rules: rules)
    }

    private func flush(_ run: inout [FirewallRule], into rules: inout [FirewallRule]) {
        defer { run = [] }
        guard run.count > 1 else {
            rules += run
            return
        }
        var classes = BoxClasses()
        var groups: [Group] = []
        for rule in run {
            var box = 0
            for source in rule.sources {
                for _ in 0..<source.boxes {
                    let own = rule.condition[box]
                    let place = classes.number(of: own, besides: own.presentKeys)
                    if place == groups.count { groups.append(Group(shape: BoxShape(own))) }
                    groups[place].add(own, source)
                    box += 1
                }
            }
        }
        for group in groups { rules.append(rule(group, verdict: run[0].verdict)) }
    }

    private func rule(_ group: Group, verdict: Verdict) -> FirewallRule {
        let first = group.sources[0]
        let isOne = group.sources.count == 1
        let id = isOne ? names.part(of: first.id) : names.merged("\(verdict.text) \(group.shape.text)")
        var rule = FirewallRule(
            id: id, origin: first.origin, condition: group.boxes, verdict: verdict,
            comment: isOne ? first.comment : nil)
        rule.merged = group.sources
        return rule
    }

    /// Boxes of one shape.
    private struct Group {
        let shape: BoxShape
        var boxes: [Box] = []
        var sources: [MergedSource] = []

        mutating func add(_ box: Box, _ source: MergedSource) {
            boxes.append(box)
            if sources.last?.id == source.id {
                sources[sources.count - 1].boxes += 1
            } else {
                var own = source
                own.boxes = 1
                sources.append(own)
            }
        }
    }
}
