import Compiler
import FirewallIR
import PacketModel
import RulesetLab
import TestSupport
import Testing

@testable import Seawall

/// What a rule set is lowered to is read back with the same meaning: verdicts, log lines and marks in order, and each guard
/// asked as often.
struct LiftTests {
    private let seed = TestEnvironment.seed

    @Test func randomRulesetsAreReadBack() throws { try check(rulesets: 600, allowsAbsence: false) }

    @Test func randomRulesetsThatMatchTheAbsenceOfAnEntryAreReadBack() throws {
        try check(rulesets: 300, allowsAbsence: true)
    }

    @Test func randomPoliciesAreReadBack() throws {
        var lifted = 0
        for round in 0..<500 * TestEnvironment.rounds {
            var policy = RandomPolicy(random: SeededGenerator(seed: seed &+ UInt64(round)))
            guard let ruleset = try? CompilePolicy.run(policy.document()).ruleset else { continue }
            var random = SeededGenerator(seed: UInt64(round))
            guard let count = try compare(ruleset, &random, packets: 40, "round \(round)") else { return }
            lifted += count
        }
        #expect(lifted > 300)
    }

    @Test func theExampleIsReadBack() throws {
        let example = try Compiled(
            WebHost.self, files: ["blocklist.txt": "192.0.2.128/25\n2001:db8:bad::/48\n198.51.100.7\n"])
        var random = SeededGenerator(seed: seed)
        #expect(try compare(example.ruleset, &random, packets: 3000, "the example") == 3)
    }

    @Test(arguments: TemplateRulesets.names) func theTemplatesAreReadBack(_ name: String) async throws {
        let ruleset = try await TemplateRulesets.shared.ruleset(name)
        var random = SeededGenerator(seed: seed)
        #expect(try compare(ruleset, &random, packets: 2000, name) == 3)
    }

    private func check(rulesets: Int, allowsAbsence: Bool) throws {
        var lifted = 0
        for round in 0..<rulesets * TestEnvironment.rounds {
            var generator = RandomRuleset(
                random: SeededGenerator(seed: seed &+ UInt64(round)), allowsAbsence: allowsAbsence)
            let ruleset = generator.ruleset()
            guard let count = try compare(ruleset, &generator.random, packets: 40, "round \(round)", mayAskTwice: true)
            else { return }
            lifted += count
        }
        // A test that refuses everything would prove nothing.
        #expect(lifted > rulesets)
    }

    /// How many forms were read back; `nil` if one of them is not what it was.
    private func compare(
        _ ruleset: Ruleset, _ random: inout SeededGenerator, packets: Int, _ name: String,
        mayAskTwice: Bool = false
    ) throws -> Int? {
        let comparison = try LiftComparison(ruleset)
        #expect(comparison.mistakes.isEmpty, "SEAWALL_TEST_SEED=\(seed), \(name)")
        if let unproved = comparison.unproved(orAskedTwice: mayAskTwice) {
            Issue.record("SEAWALL_TEST_SEED=\(seed), \(name):\n\(unproved)")
            return nil
        }
        let boxes = ruleset.scopes.flatMap(\.chains).flatMap(\.rules).flatMap(\.condition)
        for _ in 0..<packets where !boxes.isEmpty {
            let packet = random.packet(near: random.pick(boxes))
            guard let difference = comparison.difference(packet) else { continue }
            Issue.record("SEAWALL_TEST_SEED=\(seed), \(name):\n\(difference)")
            return nil
        }
        return comparison.lifted
    }
}
