internal import FirewallIR
internal import PacketModel
internal import Seawall

/// The low-level conditions of a rule, stage by stage, in the order in which they are asked.
enum RuleConditions {
    static func of(_ rule: FirewallRule, in families: FamilySet) -> [MatchNode] {
        var matches: [MatchNode] = []
        var isGuarded = true
        for stage in rule.stagesBehindGuards {
            if !isGuarded { matches.append(MatchNode(field: .then, values: .names([]))) }
            isGuarded = !stage.guards.isEmpty
            matches += conditions(stage.condition, in: families) + stage.opaque.map(opaque)
            matches += stage.guards.map(guarding)
        }
        return matches
    }

    /// A union of boxes: what they have in common, and the rest as alternatives.
    static func conditions(_ boxes: [Box], in families: FamilySet) -> [MatchNode] {
        let lists = boxes.merged.compactMap { BoxConditions.of($0, in: families) }
        guard let first = lists.first else { return [MatchNode(field: .never, values: .names([]))] }
        if lists.count == 1 { return first }
        let common = first.filter { match in lists.allSatisfy { $0.contains(match) } }
        let rest = lists.map { list in list.filter { !common.contains($0) } }
        // One that asks for nothing more holds all the others.
        if rest.contains(where: \.isEmpty) { return common }
        return common + [MatchNode(field: .anyOf, values: .alternatives(rest))]
    }

    private static func opaque(_ match: OpaqueMatch) -> MatchNode {
        switch match {
        case .before(let instant): MatchNode(field: .before, values: .names([UTCDate.text(instant) + "Z"]))
        case .module(let name, let words): MatchNode(field: .module, values: .module(ModuleNode(name, words)))
        case .not(let inner): negated(opaque(inner))
        }
    }

    private static func negated(_ match: MatchNode) -> MatchNode {
        var copy = match
        copy.isNegated.toggle()
        return copy
    }

    private static func guarding(_ match: Guard) -> MatchNode {
        switch match {
        case .limit(let limit):
            MatchNode(field: .limit, values: .rate(RateNode(limit), isOver: limit.isOver))
        case .quota(let bytes): MatchNode(field: .quota, values: .bytes(bytes))
        case .module(let name, let words): MatchNode(field: .statefulModule, values: .module(ModuleNode(name, words)))
        }
    }
}

extension RateNode {
    /// A rate as written; a burst of 5 goes without saying.
    init(_ limit: Limit) {
        self.init(count: limit.count, unit: limit.unit.rawValue, burst: limit.burst == 5 ? nil : limit.burst)
    }
}
