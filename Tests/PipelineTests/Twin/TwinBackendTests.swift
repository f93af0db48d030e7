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

@testable import Seawall
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
            let answer = question.answer(nil, ProofOptions(strictness: .effects))
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

    /// A policy with all that has to be there once at each hook, and with an end and chains of its own.
    private struct Demanding: Policy {
        var body: PolicyContent {
            Containers(families: .ip, policy: .allow) {
                Inbound(on: "eth0", toward: "docker0") {
                    Allow(.tcp(8080), from: "10.0.0.0/8").limit(.perMinute(10)).log(prefix: "a")
                    Reject(.tcp, with: .hostProhibited, containerPort: 80)
                }
                Chain("further") { Rule(.allow) { Match.source("192.0.2.0/24") } }
                Rule(.jump("further")) {}
                Rule(.accept) { Match.inInterface("eth1") }
            }
            Containers(families: .ip6, policy: .allow) {
                Inbound(on: "eth0") { Default(.drop).log(prefix: "b", limit: .perSecond(1)) }
            }
        }
    }

    /// A policy with an end that drops, and chains that return to it.
    private struct Closed: Policy {
        var body: PolicyContent {
            Containers(families: .both, policy: .drop) {
                Rule(.goto("further")) { Match.inInterface("eth1") }
                Inbound(on: "eth0") { Allow(.tcp, containerPort: 80) }
                Rule(.jump("further"))
                Chain("further") {
                    Rule(.return) { Match.source("192.0.2.0/24") }
                    Rule(.allow) { Match.source("192.0.0.0/16") }
                }
            }
        }
    }

    @Test(arguments: [2, 1]) func limitsLogsPoliciesAndFamiliesAreSaid(scopes: Int) throws {
        let compiled = try scopes == 2 ? Compiled(Demanding.self) : Compiled(Closed.self)
        let ruleset = try AddInputTwin.run(compiled.ruleset, listeners: Listeners.four)
        #expect(ruleset.scopes.suffix(scopes).allSatisfy { $0.hook == .proxied } && ruleset.scopes.count == 2 * scopes)
        let one = Case(seed: 0, ruleset: ruleset)
        let mark = BackendComparison.acceptMark
        for options in [OptimizeRuleset.Options(), OptimizeRuleset.Options(countsRules: true)] {
            let optimized = OptimizeRuleset.run(ruleset, options)
            let document = try LowerToNFTables.lower(optimized, acceptMark: mark, optimized: true)
            #expect(try prove(one, .nft(document, acceptMark: mark)) == 2)
        }
        let plain = try LowerToNFTables.lower(ruleset, acceptMark: mark)
        #expect(plain.renamedChains.allSatisfy { $0.hook == .containers })
        #expect(try prove(one, .nft(plain, acceptMark: mark)) == 2)
        for sets in [nil, IPSetOptions(minimumLines: 1)] {
            let programs = try AddressFamily.allCases.map {
                try LowerToIPTables.lower(ruleset, family: $0, sets: sets)
            }
            #expect(try prove(one, .iptables(programs)) == 2)
        }
    }

    /// A policy with rules of its own for what comes in.
    private struct Mixed: Policy {
        var body: PolicyContent {
            Containers { Inbound(on: "eth0") { Default(.drop) } }
            Input(policy: .drop) { Rule(.accept) { Match.inInterface("eth1") } }
        }
    }

    @Test func rulesOfThePolicyForInputAreAnotherList() throws {
        let ruleset = try AddInputTwin.run(try Compiled(Mixed.self).ruleset, listeners: Listeners.four)
        let document = try LowerToNFTables.lower(OptimizeRuleset.run(ruleset), optimized: true)
        let bases = document.table.chains.compactMap { chain in chain.hook.map { "\($0.hook) \($0.priority)" } }
        #expect(bases == ["forward -10", "input 0", "input -10"])
        #expect(try prove(Case(seed: 0, ruleset: ruleset), .nft(document, acceptMark: nil)) == 2)
    }

    @Test func whatIsMissingOrTooMuchIsFoundOut() throws {
        let example = try Compiled(WebHost.self, files: ["blocklist.txt": "192.0.2.128/25\n"])
        let ruleset = try AddInputTwin.run(example.ruleset, listeners: Listeners.four)
        func isEqual(_ policy: Ruleset, _ emission: Emission) throws -> Bool {
            try EmissionProof.Question.all(policy, emission).allSatisfy { question in
                if case .equal = question.answer(nil, ProofOptions(strictness: .effects)).answer { true } else { false }
            }
        }
        var table = try LowerToNFTables.lower(ruleset)
        #expect(try isEqual(ruleset, .nft(table, acceptMark: nil)))
        #expect(try !isEqual(example.ruleset, .nft(table, acceptMark: nil)))
        #expect(try !isEqual(ruleset, .nft(try LowerToNFTables.lower(example.ruleset), acceptMark: nil)))
        table.table.sets[0].elements = []
        #expect(try !isEqual(ruleset, .nft(table, acceptMark: nil)))
        var program = try LowerToIPTables.lower(ruleset, family: .ip)
        #expect(try isEqual(ruleset, .iptables([program])))
        program.input.removeLast()
        #expect(try !isEqual(ruleset, .iptables([program])))
        program.input = []
        #expect(try !isEqual(ruleset, .iptables([program])))
    }

    @Test func aFamilyWithoutSocketsHasNoChainInIPTables() throws {
        let example = try Compiled(WebHost.self, files: ["blocklist.txt": "192.0.2.128/25\n"])
        let listeners = Listeners.four.filter { $0.family == .ip }
        let ruleset = try AddInputTwin.run(example.ruleset, listeners: listeners)
        let programs = try AddressFamily.allCases.map { try LowerToIPTables.lower(ruleset, family: $0) }
        #expect(programs[0].ownChains == ["SEAWALL-INPUT", "SEAWALL-proxied-containers"])
        #expect(programs[1] == (try LowerToIPTables.lower(example.ruleset, family: .ip6)))
        #expect(try prove(Case(seed: 0, ruleset: ruleset), .iptables(programs)) == 2)
    }
}
