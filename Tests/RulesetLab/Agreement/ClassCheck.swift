package import FirewallIR
internal import PacketModel
package import Semantics

/// Holds the diagrams of two rule sets to the interpreter: at one packet of each class that they tell apart.
package struct ClassCheck {
    /// The judges of a hook, and the rules that they judge by.
    private struct Side {
        let judge: Judge
        let scope: Scope
    }

    /// How many packets of each hook and family are looked at.
    package var limit: Int
    /// How many were.
    package private(set) var packets = 0
    private let a: Ruleset
    private let b: Ruleset

    /// A check of the diagrams of two rule sets.
    package init(_ a: Ruleset, _ b: Ruleset, limit: Int) {
        self.a = a
        self.b = b
        self.limit = limit
    }

    /// What is wrong with the classes, given a report: a packet that cannot be, one that a diagram and the interpreter judge
    /// otherwise, or one that tells apart what is said to be equal.
    ///
    /// The diagrams of one representation choose the packets; those of both judge them.
    package mutating func faults(
        in report: ProofReport, _ strictness: Strictness, _ representation: ProofOptions.Representation
    ) -> [String] {
        report.scopes.flatMap { proof -> [String] in
            let sides = [a, b].compactMap { side($0, proof.hook, proof.family) }
            guard sides.count == 2 else {
                if case .undecided(.severalScopes) = proof.answer { return [] }
                return ["not both rule sets have the hook"]
            }
            return faults(in: proof, sides, strictness, representation)
        }
    }

    private func side(_ ruleset: Ruleset, _ hook: Scope.Hook, _ family: AddressFamily) -> Side? {
        let scopes = ruleset.scopes.filter { $0.hook == hook && $0.families.contains(FamilySet(family)) }
        guard let judge = Judge(ruleset, hook), let scope = scopes.first, scopes.count == 1 else { return nil }
        return Side(judge: judge, scope: scope)
    }

    private mutating func faults(
        in proof: ScopeProof, _ sides: [Side], _ strictness: Strictness, _ representation: ProofOptions.Representation
    ) -> [String] {
        let scopes = sides.map(\.scope)
        let others = ProofOptions.Representation.allCases.filter { $0 != representation }.compactMap {
            PacketClassifier(scopes, family: proof.family, representation: $0, budget: 200_000)
        }
        let classes = PacketClasses.representatives(
            of: scopes, family: proof.family, limit: limit, representation: representation)
        packets += classes.count
        for one in classes {
            let said = [one.evaluations] + others.map { $0.classify(one.packet, one.circumstances).evaluations }
            let found = faults(of: one, said, proof, sides, strictness)
            if !found.isEmpty {
                return found.map { "\(proof.hook.rawValue), \(proof.family): \($0)" }
                    + ["\(one.packet)", "\(one.circumstances)"]
            }
        }
        return []
    }

    private func faults(
        of one: PacketClasses.Representative, _ said: [[DiagramEvaluation]], _ proof: ScopeProof, _ sides: [Side],
        _ strictness: Strictness
    ) -> [String] {
        var found: [String] = []
        if !one.packet.isValid { found.append("no packet can be so") }
        if one.packet.family != proof.family { found.append("the packet is of the other family") }
        for assumption in Assumption.allCases where !assumption.holds(for: one.packet, at: proof.hook) {
            found.append("the packet does not keep to '\(assumption.rawValue)'")
        }
        let done = zip(sides, one.circumstances).map { $0.judge.evaluation(of: one.packet, $1) }
        for (index, side) in sides.enumerated() {
            let meant = side.judge.treatment(done[index], .effects)
            for evaluations in said where side.judge.treatment(evaluations[index]) != meant {
                found.append("side \(index): \(evaluations[index]) by the diagram, \(meant) by the interpreter")
            }
        }
        if one.packet.at(proof.hook) != one.packet { found.append("no packet at the hook has such interfaces") }
        if case .equal(let assumptions) = proof.answer {
            let treatments = zip(sides, done).map { $0.judge.treatment($1, strictness, assuming: assumptions) }
            if treatments[0] != treatments[1] { found.append("equal, but \(treatments)") }
        }
        return found
    }
}
