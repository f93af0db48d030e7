import FirewallIR
import RulesetLab
import Semantics
import TestSupport
import Testing

@Suite("Rewrites and mutations")
struct RewriteTests {
    let seed = TestEnvironment.seed

    @Test("A rewrite keeps what a rule set means", arguments: Rewrite.allCases)
    func rewrite(_ rewrite: Rewrite) throws {
        var generator = RandomRulesets(seed: seed)
        var applied = 0
        for round in 0..<60 {
            let ruleset = generator.rewritten(generator.ruleset(), times: 2)
            guard let other = rewrite.apply(to: ruleset, random: &generator.random) else { continue }
            applied += 1
            #expect(other != ruleset && other.validate().isEmpty)
            let comparison = try #require(PacketComparison(ruleset, other, ruleset.scopes[0].hook))
            let difference = comparison.difference(.effects, packets: 100, random: &generator.random)
            #expect(
                difference == nil,
                "SEAWALL_TEST_SEED=\(seed), round \(round): \(difference?.description ?? "")\n\(ruleset.text)\n\(other.text)"
            )
        }
        #expect(applied > 5, "\(applied)")
    }

    @Test("A mutation is valid, and now and then changes what becomes of a packet", arguments: Mutation.allCases)
    func mutation(_ mutation: Mutation) throws {
        var generator = RandomRulesets(seed: seed)
        var applied = 0
        var found = 0
        for _ in 0..<400 where applied < 10 || found == 0 {
            let ruleset = generator.ruleset(atMost: 20)
            guard let mutant = mutation.apply(to: ruleset, random: &generator.random) else { continue }
            applied += 1
            #expect(mutant.ruleset != ruleset && mutant.ruleset.validate().isEmpty, "\(mutant.description)")
            let comparison = try #require(PacketComparison(ruleset, mutant.ruleset, ruleset.scopes[0].hook))
            if comparison.difference(.effects, packets: 100, random: &generator.random) != nil { found += 1 }
        }
        #expect(applied > 5 && found > 0, "\(found) of \(applied)")
    }
}
