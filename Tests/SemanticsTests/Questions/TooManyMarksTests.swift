import Diagnostics
import FirewallIR
import PacketModel
import Semantics
import Testing

/// Bits of marks that are asked one by one: beyond what can be told apart, that is said, and not blamed on the budget.
@Suite("Many marks")
struct TooManyMarksTests {
    private func rules(bits: Int, last verdict: Verdict) -> Ruleset {
        let rules = (0..<bits).map { bit -> FirewallRule in
            var box = Box()
            box.mark = [MaskedTest(mask: 1 << UInt32(bit), value: 1 << UInt32(bit))]
            return FirewallRule(
                id: "rule\(bit)", origin: SourceLocation(file: "Policy.swift", line: bit + 1), condition: [box],
                verdict: bit == bits - 1 ? verdict : .drop)
        }
        let chain = Chain(name: "policy", rules: rules)
        return Ruleset(
            name: "Marks", scopes: [Scope(hook: .containers, families: .ip, entry: "policy", chains: [chain])])
    }

    @Test("Some are told apart")
    func some() {
        let proof = ProveEquality.run(rules(bits: 8, last: .drop), rules(bits: 8, last: .accept)).scopes.first
        guard case .different(let found)? = proof?.answer else {
            Issue.record("\(String(describing: proof))")
            return
        }
        #expect(found.packet.mark == 0x80)
    }

    @Test("Too many are not")
    func many() {
        let proof = ProveEquality.run(rules(bits: 20, last: .drop), rules(bits: 20, last: .accept)).scopes.first
        #expect(proof?.answer == .undecided(.tooManyMarks))
    }

    @Test("The same rules are equal, however many")
    func same() {
        let proof = ProveEquality.run(rules(bits: 20, last: .drop), rules(bits: 20, last: .drop)).scopes.first
        #expect(proof?.answer == .equal(assuming: []))
    }
}
