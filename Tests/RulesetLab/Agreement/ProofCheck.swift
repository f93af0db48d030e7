package import FirewallIR
internal import PacketModel
package import Semantics

/// Holds a proof's answers to the interpreter: what is equal must be so for every packet that is tried, and what is
/// different must be so for the packet that is shown.
package struct ProofCheck {
    /// What was asked.
    package var options: ProofOptions
    /// How many packets are tried where the answer is equal.
    package var packets: Int
    /// Whether there may be no answer, for want of budget.
    package var mayStop = false
    private let a: Ruleset
    private let b: Ruleset

    /// A check of answers about two rule sets.
    package init(_ a: Ruleset, _ b: Ruleset, _ options: ProofOptions, packets: Int = 200) {
        self.a = a
        self.b = b
        self.options = options
        self.packets = packets
    }

    /// What is wrong with a report; nothing, let us hope.
    package func faults(in report: ProofReport, random: inout SeededGenerator) -> [String] {
        var found = report.scopes.flatMap { faults(in: $0, &random) }
        let answered = report.scopes.map { "\($0.hook.rawValue) \($0.family.rawValue)" }.sorted()
        if answered != expectedScopes { found.append("answers for \(answered), and not for \(expectedScopes)") }
        return found
    }

    /// Each hook and family of which both speak.
    private var expectedScopes: [String] {
        let spoken = [a, b].map { ruleset in
            Set(
                ruleset.scopes.flatMap { scope in
                    scope.families.intersection(options.families).families.map {
                        "\(scope.hook.rawValue) \($0.rawValue)"
                    }
                })
        }
        return spoken[0].intersection(spoken[1]).sorted()
    }

    private func faults(in proof: ScopeProof, _ random: inout SeededGenerator) -> [String] {
        let found: [String] =
            switch proof.answer {
            case .equal(let assumptions): faults(inEqual: proof, assumptions, &random)
            case .different(let example): faults(inDifferent: proof, example)
            case .undecided(.budget), .undecided(.tooManyMarks): mayStop ? [] : ["the budget was outgrown"]
            case .undecided(.severalScopes(let side)): faults(inSeveral: proof, side)
            case .undecided(.changedOnTheWay): changesOnTheWay ? [] : ["nothing is changed on the way"]
            case .undecided(.unconfirmed(let packet)): ["a counterexample that is none: \(packet)"]
            case .undecided(.unrelated), .undecided(.askedTwice):
                hasGuards ? [] : ["guards cannot be related, but there is none"]
            }
        return found.map { "\(proof.hook.rawValue), \(proof.family), \(options.strictness.rawValue): \($0)" }
    }

    private var rules: [FirewallRule] { [a, b].flatMap(\.scopes).flatMap(\.chains).flatMap(\.rules) }

    private var hasGuards: Bool { rules.contains { !$0.allGuards.isEmpty } }

    private var changesOnTheWay: Bool {
        rules.contains { rule in
            rule.effects.contains { if case .connectionMark = $0 { true } else { false } }
                || rule.effects.contains { if case .module("SET", _) = $0 { true } else { false } }
                || rule.allGuards.contains { if case .module("recent", _) = $0 { true } else { false } }
        }
    }

    private func faults(inSeveral proof: ScopeProof, _ side: Int) -> [String] {
        let scopes = [a, b][side].scopes.filter {
            $0.hook == proof.hook && $0.families.contains(FamilySet(proof.family))
        }
        return scopes.count > 1 ? [] : ["there is one list of rules"]
    }

    private func faults(
        inEqual proof: ScopeProof, _ assumptions: [Assumption], _ random: inout SeededGenerator
    ) -> [String] {
        guard let comparison = PacketComparison(a, b, proof.hook) else { return ["not both rule sets have the hook"] }
        let difference = comparison.difference(
            options.strictness, assuming: assumptions, packets: packets, random: &random
        ) { packet in
            packet.family == proof.family && assumptions.allSatisfy { $0.holds(for: packet, at: proof.hook) }
        }
        return difference.map { ["equal, assuming \(assumptions), but not for\n\($0)"] } ?? []
    }

    private func faults(inDifferent proof: ScopeProof, _ example: Counterexample) -> [String] {
        guard let first = Judge(a, proof.hook), let second = Judge(b, proof.hook) else {
            return ["not both rule sets have the hook"]
        }
        var found: [String] = []
        if !example.packet.isValid { found.append("no packet can be so") }
        if example.packet.at(proof.hook) != example.packet { found.append("no packet at the hook has such interfaces") }
        if example.packet.family != proof.family { found.append("the packet is of the other family") }
        for assumption in Assumption.allCases where !assumption.holds(for: example.packet, at: proof.hook) {
            found.append("the packet does not keep to '\(assumption.rawValue)'")
        }
        if example.circumstancesA.opaque != example.circumstancesB.opaque { found.append("opaque matches vary") }
        if !first.areAsked(example.circumstancesA, as: second, example.circumstancesB) { found.append("guards vary") }
        let one = first.evaluation(of: example.packet, example.circumstancesA)
        let other = second.evaluation(of: example.packet, example.circumstancesB)
        if one != example.a || other != example.b { found.append("the traces are not those of the interpreter") }
        let strictness = options.strictness
        if first.treatment(one, strictness) == second.treatment(other, strictness) {
            found.append("the packet is treated alike: \(first.treatment(one, strictness))")
        }
        return found.isEmpty ? [] : found + ["\(example.packet)", "\(example.circumstancesA)"]
    }
}
