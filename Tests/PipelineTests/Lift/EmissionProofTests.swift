import Compiler
import FirewallIR
import IPTablesBackend
import NFTablesBackend
import PacketModel
import RulesetLab
import Semantics
import Testing

@testable import Seawall
@testable import SeawallCLI

/// What is emitted and is not the policy is found out; that what is emitted is the policy, `LiftTests` show.
struct EmissionProofTests {
    private let options = ProofOptions(strictness: .effects)

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
            let half = PreparedProof(question.policy, family: question.family, options)
            let answer = question.answer(nil, options).answer
            #expect(question.answer(half, options).answer == answer)
            if case .equal = answer { return false }
            return true
        }
    }
}
