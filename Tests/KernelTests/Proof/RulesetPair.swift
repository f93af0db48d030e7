import Compiler
import FirewallIR
import IPTablesBackend
import PacketLab
import PacketModel
import RulesetLab
import Seawall
import Semantics

/// Two rule sets that both engines can have, one third of them nearly equal.
struct RulesetPair {
    let a: LoadedRuleset
    let b: LoadedRuleset
    /// What makes the second out of the first, for the message of a test.
    let change: String
    let isSurelyEqual: Bool

    /// The pair of a seed; `nil` if chance makes none.
    init?(seed: UInt64, isSeen: (LoadedRuleset, LoadedRuleset) -> Bool) {
        var policies = RandomPolicy(seed: seed)
        var rulesets = RandomRulesets(seed: seed)
        let layout: IPTablesLayout = seed.isMultiple(of: 2) ? .dockerUser : .ownChain
        func policy() -> LoadedRuleset? {
            for _ in 0..<60 {
                if let ruleset = Self.compiled(policies.make()), let loaded = LoadedRuleset(ruleset, layout: layout) {
                    return loaded
                }
            }
            return nil
        }
        guard let a = policy() else { return nil }
        self.a = a
        switch seed % 3 {
        case 0:
            var found: (LoadedRuleset, String)?
            for _ in 0..<40 {
                let other = rulesets.rewritten(a.ruleset, times: rulesets.random.number(0...2))
                let mutation = rulesets.random.pick(Mutation.allCases)
                guard let mutant = mutation.apply(to: other, random: &rulesets.random),
                    let loaded = LoadedRuleset(mutant.ruleset, layout: layout)
                else { continue }
                found = (loaded, mutant.description)
                // A mistake that no packet of the lab shows is taken where there is no other.
                if isSeen(a, loaded) { break }
            }
            guard let found else { return nil }
            (b, change, isSurelyEqual) = (found.0, found.1, false)
        case 1:
            var rewritten: LoadedRuleset?
            for _ in 0..<20 where rewritten == nil {
                let other = rulesets.rewritten(a.ruleset, times: rulesets.random.number(1...6))
                rewritten = LoadedRuleset(other, layout: layout)
            }
            guard let other = rewritten else { return nil }
            (b, change, isSurelyEqual) = (other, "the same in other words", true)
        default:
            guard let other = policy() else { return nil }
            (b, change, isSurelyEqual) = (other, "another policy", false)
        }
    }

    private static func compiled(_ content: PolicyContent) -> Ruleset? {
        let document = ValuePolicy.$content.withValue(content) { ValuePolicy.makeDocument(relativeTo: nil) }
        return try? CompilePolicy.run(document).ruleset
    }
}
