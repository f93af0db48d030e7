internal import Diagnostics
package import FirewallIR
internal import PacketModel
package import Semantics

/// A second path to the answer of a proof, which needs no diagram: rules that both sides have are cancelled, and the
/// interpreter is asked about what is left.
///
/// Nothing left means equal; a packet that is treated differently lies in what is left, and none does where the answer is
/// "equal".
package struct ResidualCheck {
    /// For how many answers the rules could be cancelled.
    package private(set) var applied = 0
    private let a: Ruleset
    private let b: Ruleset
    private let strictness: Strictness

    /// A check of answers about two rule sets.
    package init(_ a: Ruleset, _ b: Ruleset, _ strictness: Strictness) {
        self.a = a
        self.b = b
        self.strictness = strictness
    }

    /// What is wrong with a report.
    package mutating func faults(in report: ProofReport, random: inout SeededGenerator) -> [String] {
        report.scopes.flatMap { proof -> [String] in
            let isOwn = { (scope: Scope) in
                scope.hook == proof.hook && scope.families.contains(FamilySet(proof.family))
            }
            if case .undecided(.severalScopes) = proof.answer { return [] }
            guard let one = a.scopes.first(where: isOwn), let other = b.scopes.first(where: isOwn),
                let common = CommonRules(one, other, family: proof.family, effects: strictness == .effects)
            else { return [] }
            applied += 1
            let boxes = common.residual.a + common.residual.b
            return faults(in: proof, boxes, &random).map { "\($0), with \(boxes.count) boxes left" }
        }
    }

    private func faults(in proof: ScopeProof, _ boxes: [Box], _ random: inout SeededGenerator) -> [String] {
        switch proof.answer {
        case .equal: return boxes.isEmpty ? [] : difference(in: boxes, proof, &random)
        case .different(let example):
            let isLeft = Interpreter(region(boxes, proof)).evaluate(example.packet).verdict == .drop
            return isLeft ? [] : ["different by a packet that only common rules judge: \(example.packet)"]
        case .undecided(.budget), .undecided(.changedOnTheWay): return []
        case .undecided(let reason): return ["no answer without guards: \(reason)"]
        }
    }

    /// A packet of what is left, one for each class of it and some at random, that is treated differently.
    private func difference(in boxes: [Box], _ proof: ScopeProof, _ random: inout SeededGenerator) -> [String] {
        guard case .equal(let assumptions) = proof.answer, let first = Judge(a, proof.hook),
            let second = Judge(b, proof.hook)
        else { return [] }
        let region = region(boxes, proof)
        let near = RandomPackets(near: [a, b, Ruleset(name: "Left", scopes: [region])])
        let classes = PacketClasses.representatives(of: [region], family: proof.family, limit: 20)
        let packets = classes.map(\.packet) + (0..<20).map { _ in near.packet(&random) }
        for packet in packets where packet.family == proof.family {
            guard assumptions.allSatisfy({ $0.holds(for: packet, at: proof.hook) }) else { continue }
            let answers = near.answers(&random)
            let one = first.treatment(first.evaluation(of: packet, answers), strictness, assuming: assumptions)
            let other = second.treatment(second.evaluation(of: packet, answers), strictness, assuming: assumptions)
            if one != other { return ["equal, but not for \(packet): \(one), \(other)"] }
        }
        return []
    }

    /// What is left, as a scope that drops it.
    private func region(_ boxes: [Box], _ proof: ScopeProof) -> Scope {
        let rule = FirewallRule(
            id: "residual", origin: SourceLocation(file: "Residual.swift"), condition: boxes, verdict: .drop)
        return Scope(
            hook: proof.hook, families: .both, entry: "residual",
            chains: [Chain(name: "residual", rules: boxes.isEmpty ? [] : [rule])])
    }
}
