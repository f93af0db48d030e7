import FirewallIR
import PacketModel
import Semantics
import Testing

/// How often two rule sets were proved equal, effects and limits included.
struct EqualityTally {
    private(set) var proved = 0
    /// How often that took an assumption about packets; that no other table is there is none.
    private(set) var assumed = 0
    /// What is beyond the engine: one packet that asks the same limit twice, marks that others change on the way.
    private(set) var undecided = 0

    /// Proves that two rule sets are equal, in every hook and family of which the first speaks, and records an issue otherwise.
    ///
    /// - Parameters:
    ///   - a: what was meant.
    ///   - b: what came back.
    ///   - families: the families that are compared.
    ///   - allowed: what the proof may assume.
    ///   - name: what they are called.
    mutating func expectEqual(
        _ a: Ruleset, _ b: Ruleset, families: FamilySet = .both, assuming allowed: Set<Assumption> = [], _ name: String
    ) {
        let report = ProveEquality.run(a, b, ProofOptions(strictness: .effects, families: families))
        let wanted = a.scopes.reduce(0) { $0 + $1.families.intersection(families).families.count }
        #expect(report.scopes.count == wanted, "\(name): a scope is missing\n\(a.text)\(b.text)")
        for proof in report.scopes {
            switch proof.answer {
            case .equal(let assumptions) where allowed.isSuperset(of: assumptions):
                if assumptions.allSatisfy({ $0 == .noOtherTable }) { proved += 1 } else { assumed += 1 }
            case .undecided(.askedTwice), .undecided(.changedOnTheWay): undecided += 1
            default: Issue.record("\(name): \(proof)\n\(a.text)\(b.text)")
            }
        }
    }
}
