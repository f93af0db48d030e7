import Compiler
import FirewallIR
import IPTablesBackend
import NFTablesBackend
import PacketModel
import RulesetLab
import Semantics
import TestSupport
import Testing

@testable import Seawall
@testable import SeawallCLI

/// What is emitted is proved to be the policy, and what is not the policy is found out.
struct EmissionProofTests {
    private let seed = TestEnvironment.seed
    private let options = ProofOptions(strictness: .effects)

    @Test func whatRandomPoliciesBecomeIsProved() throws {
        var proved = 0
        for round in 0..<150 * TestEnvironment.rounds {
            var policy = RandomPolicy(random: SeededGenerator(seed: seed &+ UInt64(round)))
            guard let ruleset = try? CompilePolicy.run(policy.document()).ruleset else { continue }
            proved += try prove(ruleset, "SEAWALL_TEST_SEED=\(seed), round \(round)")
        }
        #expect(proved > 150)
    }

    @Test func whatRandomRulesetsBecomeIsProved() throws {
        var proved = 0
        for round in 0..<150 * TestEnvironment.rounds {
            var random = RandomRuleset(random: SeededGenerator(seed: seed &+ UInt64(round)))
            let ruleset = random.ruleset()
            guard ruleset.validate().isEmpty else { continue }
            proved += try prove(ruleset, "SEAWALL_TEST_SEED=\(seed), round \(round)")
        }
        #expect(proved > 150)
    }

    /// How many answers were "equal"; anything else is an issue, unless the rules themselves ask a guard twice.
    private func prove(_ ruleset: Ruleset, _ place: Comment) throws -> Int {
        let questions = try emissions(ruleset).flatMap { try EmissionProof.Question.all(ruleset, $0) }
        var proved = 0
        for question in questions {
            let answer = question.answer(options).answer
            switch answer {
            case .equal: proved += 1
            case .undecided(.askedTwice(let guarded)) where guarded.side == 0: continue
            default: Issue.record("\(place): \(question.family)\n\(ruleset.text)\n\(answer)")
            }
        }
        return proved
    }

    private func emissions(_ ruleset: Ruleset) -> [Emission] {
        let programs = AddressFamily.allCases.compactMap { try? LowerToIPTables.lower(ruleset, family: $0) }
        let mark = BackendComparison.acceptMark
        let table = try? LowerToNFTables.lower(ruleset, acceptMark: mark)
        return [.iptables(programs)] + (table.map { [.nft($0, acceptMark: mark)] } ?? [])
    }

    // MARK: - Mistakes

    @Test func aRuleThatIsMissingIsFoundOut() throws {
        let example = try Compiled(WebHost.self, files: ["blocklist.txt": "192.0.2.128/25\n"])
        var program = try LowerToIPTables.lower(example.ruleset, family: .ip)
        program.entry.removeAll { $0.text.contains("192.0.2.128/25") }
        #expect(try isDifferent(example.ruleset, .iptables([program])))
        var table = try LowerToNFTables.lower(example.ruleset, acceptMark: nil)
        let count = table.table.chains[0].rules.count
        for index in 0..<count {
            table.table.chains[0].rules.remove(at: index)
            #expect(try isDifferent(example.ruleset, .nft(table, acceptMark: nil)), "rule \(index)")
            table = try LowerToNFTables.lower(example.ruleset, acceptMark: nil)
        }
    }

    private func isDifferent(_ ruleset: Ruleset, _ emission: Emission) throws -> Bool {
        try EmissionProof.Question.all(ruleset, emission).contains { question in
            if case .equal = question.answer(options).answer { false } else { true }
        }
    }
}
