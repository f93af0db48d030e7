package import FirewallIR

/// A change of a rule set's text that changes nothing of what it means: of no verdict, of no effect, of no guard.
package enum Rewrite: String, CaseIterable, Hashable, Sendable {
    /// A box of a rule in two parts.
    case boxSplit
    /// A rule in two, for a part of the packets each.
    case ruleSplit
    /// A rule that no packet reaches, or that none matches.
    case deadRuleAdded
    /// Neighbours that no packet both matches, or that say the same, change places.
    case neighboursSwapped
    /// The rest of a chain in a chain of its own that is gone to.
    case restOutlined
    /// Some rules in a chain of their own that is jumped to.
    case runWrapped
    /// The rules of a chain where all packets go to it or jump to it.
    case chainInlined
    /// A restriction that holds for all packets, said.
    case restrictionSaid
    /// A rule by another name.
    case ruleRenamed
    /// The policy and `return` in the chain that is asked first.
    case leaveForReturn
    /// The condition of a rule in a stage of its own.
    case stageAdded
    /// A list of rules for both families as one for each.
    case familiesSplit

    /// The rule set in other words, at a place that chance picks; `nil` where there is none.
    package func apply(to ruleset: Ruleset, random: inout SeededGenerator) -> Ruleset? {
        ruleset.changingPlace(&random, change)?.ruleset
    }

    private var change: PlaceChange {
        switch self {
        case .boxSplit: { ruleset, place, random in ruleset[place].splitBox(&random) }
        case .ruleSplit: { ruleset, place, random in ruleset.splitRule(at: place, &random) }
        case .deadRuleAdded: { ruleset, place, random in ruleset.addDeadRule(like: place, &random) }
        case .neighboursSwapped: { ruleset, place, _ in ruleset.swapNeighbours(at: place) }
        case .restOutlined: { ruleset, place, _ in ruleset.outlineRest(from: place) }
        case .runWrapped: { ruleset, place, random in ruleset.wrapRun(from: place, &random) }
        case .chainInlined: { ruleset, place, _ in ruleset.inlineChain(at: place) }
        case .restrictionSaid: { ruleset, place, random in ruleset[place].sayRestriction(&random) }
        case .ruleRenamed:
            { ruleset, place, _ in
                ruleset[place].id = ruleset.freshName("renamed")
                return true
            }
        case .stageAdded: { ruleset, place, _ in ruleset[place].outlineStage() }
        case .familiesSplit: { ruleset, place, _ in ruleset.splitFamilies(of: place.scope) }
        case .leaveForReturn: { ruleset, place, _ in ruleset.exchangeLeaveAndReturn(at: place) }
        }
    }
}

extension RandomRulesets {
    /// The rule set after some rewrites: the same meaning in other words.
    package mutating func rewritten(_ ruleset: Ruleset, times: Int) -> Ruleset {
        (0..<times).reduce(ruleset) { result, _ in
            random.pick(Rewrite.allCases).apply(to: result, random: &random) ?? result
        }
    }

    /// Two rule sets: of three pairs one that has nothing in common, one of equals, one that nearly is.
    package mutating func pair(atMost size: Int = 40) -> (Ruleset, Ruleset, isSurelyEqual: Bool) {
        let first = ruleset(atMost: size)
        guard !random.oneIn(3) else { return (first, ruleset(atMost: size), false) }
        let other = rewritten(first, times: random.number(1...6))
        guard random.oneIn(2), let mutant = random.pick(Mutation.allCases).apply(to: other, random: &random) else {
            return (first, other, true)
        }
        return (first, mutant.ruleset, false)
    }
}
