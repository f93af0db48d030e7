internal import Diagnostics
internal import FirewallIR
internal import PacketModel

extension Ruleset {
    /// Puts the rules from a place on into a chain of their own; its end is the end of the old one, since a goto pushes not.
    mutating func outlineRest(from place: RulePlace) -> Bool {
        let name = freshChain("rest", in: place.scope)
        let rest = Array(self[chainOf: place].rules[place.rule...])
        let lead = leading(.goto(name), to: rest[0], in: place.scope)
        self[chainOf: place].rules.replaceSubrange(place.rule..., with: [lead])
        scopes[place.scope].chains.append(Chain(name: name, rules: rest))
        return true
    }

    /// Puts some rules into a chain that is jumped to; none of them may end the chain in which they stand.
    mutating func wrapRun(from place: RulePlace, _ random: inout SeededGenerator) -> Bool {
        let rules = self[chainOf: place].rules
        let run = rules[place.rule...].prefix { !$0.verdict.endsItsChain }
        guard !run.isEmpty else { return false }
        let wrapped = Array(run.prefix(random.number(1...run.count)))
        let name = freshChain("run", in: place.scope)
        let lead = leading(.jump(name), to: wrapped[0], in: place.scope)
        self[chainOf: place].rules.replaceSubrange(place.rule..<place.rule + wrapped.count, with: [lead])
        scopes[place.scope].chains.append(Chain(name: name, rules: wrapped))
        return true
    }

    /// Makes one scope of each family; the rules of one have no boxes of the other.
    mutating func splitFamilies(of scope: Int) -> Bool {
        guard scopes[scope].families == .both else { return false }
        let halves = [FamilySet.ip, .ip6].map { families in
            var half = scopes[scope]
            half.families = families
            for place in places where place.scope == scope {
                half.chains[place.chain].rules[place.rule].restrict(to: families)
            }
            return half
        }
        scopes.replaceSubrange(scope...scope, with: halves)
        return true
    }

    /// Puts a copy of a chain's rules where all packets are led to it; the chain stays for others.
    ///
    /// Not where it holds a guard, which the copy would double.
    mutating func inlineChain(at place: RulePlace) -> Bool {
        let rule = self[place]
        guard rule.condition.contains(where: { $0 == Box() || $0 == wholeBox(of: place.scope) }), rule.opaque.isEmpty,
            rule.stages.isEmpty, rule.isPure,
            let target = rule.verdict.target,
            let chain = scopes[place.scope].chains.first(where: { $0.name == target }),
            chain.rules.allSatisfy(\.allGuards.isEmpty)
        else { return false }
        var copies: [FirewallRule] = []
        for (index, one) in chain.rules.enumerated() {
            var copy = one
            copy.id = freshName("copy\(index)x")
            copies.append(copy)
        }
        switch rule.verdict {
        case .goto: self[chainOf: place].rules.replaceSubrange(place.rule..., with: copies)
        case .jump where !copies.contains { $0.verdict.endsItsChain }:
            self[chainOf: place].rules.replaceSubrange(place.rule...place.rule, with: copies)
        default: return false
        }
        return true
    }

    /// A rule that leads all packets somewhere.
    private func leading(_ verdict: Verdict, to first: FirewallRule, in scope: Int) -> FirewallRule {
        FirewallRule(
            id: freshName("lead"), origin: first.origin, condition: [wholeBox(of: scope)], verdict: verdict)
    }

    private func wholeBox(of scope: Int) -> Box { Box().with { $0.families = scopes[scope].families } }
}

extension Verdict {
    /// Whether it takes a packet out of its chain, but not out of the policy.
    fileprivate var endsItsChain: Bool {
        switch self {
        case .return, .goto: true
        default: false
        }
    }
}

extension FirewallRule {
    /// Takes out what is for other families.
    fileprivate mutating func restrict(to families: FamilySet) {
        condition = condition.restricted(to: families)
        for index in stages.indices { stages[index].condition = stages[index].condition.restricted(to: families) }
    }
}

extension [Box] {
    fileprivate func restricted(to families: FamilySet) -> [Box] {
        map { box in box.with { $0.families.formIntersection(families) } }.filter { !$0.families.isEmpty }
    }
}
