import FirewallIR
import PacketModel
import RulesetLab
import TestSupport
import Testing

@testable import Semantics

/// The check would see a wrong answer: it is given answers that were made up.
@Suite("Check of proofs")
struct ProofCheckTests {
    let seed = TestEnvironment.seed

    private func report(_ answer: ProofAnswer) -> ProofReport {
        ProofReport(scopes: AddressFamily.allCases.map { ScopeProof(hook: .containers, family: $0, answer: answer) })
    }

    @Test("That all are equal is believed only of rule sets that are")
    func equality() {
        var random = SeededGenerator(seed: seed)
        let ruleset = Workloads.policyShaped(rules: 30, seed: seed)
        let other = Workloads.policyShaped(rules: 30, seed: seed &+ 1)
        let answer = report(.equal(assuming: []))
        let options = ProofOptions(strictness: .verdict)
        let translated = Workloads.setTranslation(of: ruleset)
        #expect(ProofCheck(ruleset, translated, options).faults(in: answer, random: &random) == [])
        #expect(ProofCheck(ruleset, other, options).faults(in: answer, random: &random).count == 2)
        let none = ProofReport(scopes: [])
        #expect(ProofCheck(ruleset, translated, options).faults(in: none, random: &random).count == 1)
    }

    @Test("A counterexample has to be valid, and to be treated differently")
    func difference() throws {
        var random = SeededGenerator(seed: seed)
        let ruleset = Workloads.policyShaped(rules: 30, seed: seed, families: .ip)
        let mutant = try #require(Mutation.dropForLeave.apply(to: ruleset, random: &random)).ruleset
        let comparison = try #require(PacketComparison(ruleset, mutant, .containers))
        let found = try #require(
            comparison.difference(.verdict, packets: 50_000, random: &random) { packet in
                Assumption.allCases.allSatisfy { $0.holds(for: packet) }
            })
        let options = ProofOptions(strictness: .verdict, families: .ip)
        func faults(_ packet: PacketState, _ other: Ruleset) -> [String] {
            let example = Counterexample(
                packet: packet, circumstancesA: .usual, circumstancesB: .usual,
                a: Interpreter(ruleset.scopes[0]).evaluate(packet), b: Interpreter(other.scopes[0]).evaluate(packet))
            let report = ProofReport(scopes: [ScopeProof(hook: .containers, family: .ip, answer: .different(example))])
            return ProofCheck(ruleset, other, options).faults(in: report, random: &random)
        }
        #expect(faults(found.packet, mutant) == [])
        #expect(faults(found.packet, ruleset) != [])
        var broken = found.packet
        broken.isLaterFragment = true
        #expect(faults(broken, mutant) != [])
    }
}
