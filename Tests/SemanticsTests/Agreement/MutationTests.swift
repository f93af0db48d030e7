import FirewallIR
import RulesetLab
import Semantics
import TestSupport
import Testing

/// No small mistake escapes: a mutant is found, or it means the same, which packets confirm.
@Suite("Mutations are found")
struct MutationTests {
    let seed = TestEnvironment.seed

    @Test("In random rule sets", arguments: Mutation.allCases)
    func inRandomRulesets(_ mutation: Mutation) {
        let wanted = (TestEnvironment.isLong ? 100 : 8) * TestEnvironment.rounds
        var generator = RandomRulesets(seed: seed)
        generator.hasGuards = mutation.concernsGuards
        var tally = Tally()
        for _ in 0..<200 * wanted where tally.applied < wanted || tally.found == 0 {
            let ruleset = generator.ruleset(atMost: TestEnvironment.isLong ? 12 : 5)
            tally.add(found(mutation, in: ruleset, &generator.random, packets: 500))
        }
        #expect(tally.found > 0, "SEAWALL_TEST_SEED=\(seed): \(tally)")
    }

    @Test("In policies of all sizes", arguments: [10, 100, 1000])
    func inPolicies(rules: Int) {
        var random = SeededGenerator(seed: seed &+ UInt64(rules))
        let ruleset = Workloads.policyShaped(rules: rules, seed: seed)
        var tally = Tally()
        // A large policy takes its time in a debug build.
        let mutations = Mutation.allCases.filter { _ in rules < 1000 || TestEnvironment.isLong || random.oneIn(5) }
        for mutation in mutations {
            tally.add(found(mutation, in: ruleset, &random, packets: rules < 1000 ? 1000 : 200))
        }
        #expect(tally.found > 0, "SEAWALL_TEST_SEED=\(seed): \(tally)")
    }

    /// Whether a mutant is told from its original; `nil` if there is no mutant.
    private func found(
        _ mutation: Mutation, in ruleset: Ruleset, _ random: inout SeededGenerator, packets: Int
    ) -> Bool? {
        guard let mutant = mutation.apply(to: ruleset, random: &random) else { return nil }
        let options = ProofOptions(strictness: .effects, budget: 100_000)
        let report = ProveEquality.run(ruleset, mutant.ruleset, options)
        var check = ProofCheck(ruleset, mutant.ruleset, options, packets: packets)
        check.mayStop = true
        let faults = check.faults(in: report, random: &random)
        #expect(faults == [], "SEAWALL_TEST_SEED=\(seed): \(mutant.description)\n\(ruleset.text)")
        return report.scopes.contains { scope in
            switch scope.answer {
            case .different: true
            case .undecided(.unrelated): mutation.concernsGuards
            default: false
            }
        }
    }
}

/// How many mutants there were, and how many were found.
private struct Tally {
    var applied = 0
    var found = 0

    mutating func add(_ isFound: Bool?) {
        guard let isFound else { return }
        applied += 1
        if isFound { found += 1 }
    }
}
