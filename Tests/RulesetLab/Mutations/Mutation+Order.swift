internal import FirewallIR

extension Mutation {
    /// What the mutation does to a rule set at a place, if it is one of order or of several rules.
    var placeChange: PlaceChange {
        switch self {
        case .neighboursSwapped: { ruleset, place, _ in ruleset.swapWithNext(place) { $0.verdict != $1.verdict } }
        case .ruleDeleted:
            { ruleset, place, _ in
                ruleset.remove(at: place)
                return true
            }
        case .ruleDuplicated:
            { ruleset, place, random in
                var copy = ruleset[place]
                copy.id += "c"
                // Behind itself in its chain it would be dead most of the time.
                ruleset.insert(copy, at: place.moved(to: random.number(0...place.rule)))
                return true
            }
        case .ruleMoved:
            { ruleset, place, random in
                let rule = ruleset[place]
                ruleset.remove(at: place)
                let end = ruleset[chainOf: place].rules.count
                ruleset.insert(rule, at: place.moved(to: random.number(0...end)))
                return true
            }
        case .limitMoved:
            { ruleset, place, _ in ruleset.swapWithNext(place) { !$0.allGuards.isEmpty || !$1.allGuards.isEmpty } }
        case .policyChanged:
            { ruleset, place, random in
                let others = [Verdict.leave, .accept, .drop].filter { $0 != ruleset.scopes[place.scope].policy }
                ruleset.scopes[place.scope].policy = random.pick(others)
                return true
            }
        case .guardDuplicated: { ruleset, place, _ in ruleset.splitGuarded(at: place) }
        case .returnForFinal:
            { ruleset, place, _ in
                let scope = ruleset.scopes[place.scope]
                guard scope.chainsThatReturn.contains(ruleset[chainOf: place].name),
                    ruleset[place].verdict == .leave || ruleset[place].verdict == .accept
                else { return false }
                ruleset[place].verdict = .return
                return true
            }
        default: { _, _, _ in false }
        }
    }
}

extension RulePlace {
    /// Another place in the chain.
    func moved(to rule: Int) -> RulePlace { RulePlace(scope: scope, chain: chain, rule: rule) }
}

extension Ruleset {
    fileprivate mutating func swapWithNext(
        _ place: RulePlace, where isWanted: (FirewallRule, FirewallRule) -> Bool
    ) -> Bool {
        guard place.next.rule < self[chainOf: place].rules.count, isWanted(self[place], self[place.next]) else {
            return false
        }
        let rule = self[place]
        self[place] = self[place.next]
        self[place.next] = rule
        return true
    }

    /// One guarded rule as two for a part of its packets each, both with the guard: which so gives twice as much.
    fileprivate mutating func splitGuarded(at place: RulePlace) -> Bool {
        var first = self[place]
        guard !first.guards.isEmpty, let box = first.condition.first else { return false }
        var second = first
        second.id += "g"
        if first.condition.count > 1 {
            first.condition = [box]
            second.condition.removeFirst()
        } else {
            guard let (low, high) = box.halves else { return false }
            first.condition = [low]
            second.condition = [high]
        }
        self[place] = first
        insert(second, at: place.next)
        return true
    }
}
