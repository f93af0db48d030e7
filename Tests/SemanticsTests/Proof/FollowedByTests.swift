import FirewallIR
import PacketModel
import RulesetLab
import Semantics
import TestSupport
import Testing

@Suite("Rules behind rules")
struct FollowedByTests {
    private let seed = TestEnvironment.seed

    @Test("What the first leaves, the second decides; random rule sets, near packets")
    func sequence() throws {
        var generator = RandomRulesets(seed: seed)
        generator.hasEffects = false
        var left = 0
        for round in 0..<150 * TestEnvironment.rounds {
            let first = one(&generator)
            let second = one(&generator)
            let both = Ruleset(name: "Both", scopes: [first.scopes[0].followed(by: second.scopes[0])])
            let packets = RandomPackets(near: [first, second])
            let judges = try [first, second, both].map { try #require(Judge($0, .containers)) }
            for _ in 0..<40 {
                let packet = packets.packet(&generator.random)
                let answers = packets.answers(&generator.random)
                var verdict = judges[0].evaluation(of: packet, answers).verdict
                if verdict == .leave {
                    left += 1
                    verdict = judges[1].evaluation(of: packet, answers).verdict
                }
                let found = judges[2].evaluation(of: packet, answers).verdict
                #expect(
                    found == verdict,
                    "SEAWALL_TEST_SEED=\(seed), round \(round):\n\(first.text)\n\(second.text)")
            }
        }
        #expect(left > 500)
    }

    private func one(_ generator: inout RandomRulesets) -> Ruleset {
        var ruleset = generator.ruleset(atMost: 15)
        ruleset.scopes[0].hook = .containers
        ruleset.scopes[0].families = .both
        ruleset.scopes[0].policy = .leave
        return ruleset
    }
}
