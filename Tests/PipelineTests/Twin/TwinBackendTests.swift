import Compiler
import Diagnostics
import FirewallIR
import IPTablesBackend
import NFTablesBackend
import PacketModel
import RulesetLab
import Semantics
import TestSupport
import Testing

@testable import SeawallCLI

/// What both backends make of the twin is read back and proved to be it.
struct TwinBackendTests {
    private struct Case {
        var seed: UInt64
        var ruleset: Ruleset
    }

    private func cases(_ count: Int) -> [Case] {
        (0..<UInt64(count)).compactMap { round in
            let seed = TestEnvironment.seed &+ round &* 7
            var random = SeededGenerator(seed: seed)
            var rulesets = RandomRulesets(seed: seed)
            rulesets.hasGuards = round % 3 == 0
            var ruleset = rulesets.ruleset(atMost: 15)
            ruleset.scopes[0].hook = .containers
            let twin = try? AddInputTwin.run(ruleset, listeners: random.listeners())
            return twin.flatMap { $0.scopes.count == 2 ? Case(seed: seed, ruleset: $0) : nil }
        }
    }

    private func prove(_ one: Case, _ emission: Emission) throws -> Int {
        let questions = try EmissionProof.Question.all(one.ruleset, emission)
        for question in questions {
            let answer = question.answer(ProofOptions(strictness: .effects))
            if case .different(let found) = answer.answer {
                Issue.record(
                    "seed \(one.seed), \(question.policy.hook): \(found)\n\(one.ruleset.text)\n\(emission.text)")
            }
        }
        return questions.count { $0.policy.hook == .proxied }
    }

    @Test func iptablesSaysTheTwin() throws {
        var proved = 0
        for one in cases(150 * TestEnvironment.rounds) {
            for ruleset in [one.ruleset, OptimizeRuleset.runForLines(one.ruleset, hasSets: false)] {
                let programs = AddressFamily.allCases.compactMap { try? LowerToIPTables.lower(ruleset, family: $0) }
                proved += try prove(one, .iptables(programs))
            }
        }
        #expect(proved > 50, "\(proved)")
    }

    @Test func nftSaysTheTwin() throws {
        var proved = 0
        let mark = BackendComparison.acceptMark
        for one in cases(150 * TestEnvironment.rounds) {
            let documents = [
                try? LowerToNFTables.lower(one.ruleset, acceptMark: mark),
                try? LowerToNFTables.lower(OptimizeRuleset.run(one.ruleset), acceptMark: mark, optimized: true),
            ]
            for document in documents.compactMap({ $0 }) { proved += try prove(one, .nft(document, acceptMark: mark)) }
        }
        #expect(proved > 50, "\(proved)")
    }
}
