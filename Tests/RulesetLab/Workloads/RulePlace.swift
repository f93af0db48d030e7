package import FirewallIR

/// Where a rule stands in a rule set.
package struct RulePlace: Hashable, Sendable, Comparable {
    /// The scope, by its number.
    package var scope: Int
    /// The chain in the scope, by its number.
    package var chain: Int
    /// The rule in the chain, by its number.
    package var rule: Int

    /// The place behind.
    package var next: RulePlace { RulePlace(scope: scope, chain: chain, rule: rule + 1) }

    /// The order of the text.
    package static func < (a: RulePlace, b: RulePlace) -> Bool {
        (a.scope, a.chain, a.rule) < (b.scope, b.chain, b.rule)
    }
}

extension Ruleset {
    /// The places of all rules, in order.
    package var places: [RulePlace] {
        scopes.indices.flatMap { scope in
            scopes[scope].chains.indices.flatMap { chain in
                scopes[scope].chains[chain].rules.indices.map { RulePlace(scope: scope, chain: chain, rule: $0) }
            }
        }
    }

    /// The rule at a place.
    package subscript(place: RulePlace) -> FirewallRule {
        get { scopes[place.scope].chains[place.chain].rules[place.rule] }
        set { scopes[place.scope].chains[place.chain].rules[place.rule] = newValue }
    }

    /// Puts a rule before the one at a place, or at the end of its chain.
    package mutating func insert(_ rule: FirewallRule, at place: RulePlace) {
        scopes[place.scope].chains[place.chain].rules.insert(rule, at: place.rule)
    }

    /// Takes a rule out.
    package mutating func remove(at place: RulePlace) {
        scopes[place.scope].chains[place.chain].rules.remove(at: place.rule)
    }

    /// The chain in which a place is.
    package subscript(chainOf place: RulePlace) -> Chain {
        get { scopes[place.scope].chains[place.chain] }
        set { scopes[place.scope].chains[place.chain] = newValue }
    }
}
