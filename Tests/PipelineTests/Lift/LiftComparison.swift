import Diagnostics
import FirewallIR
import IPTablesBackend
import NFTablesBackend
import PacketModel
import Semantics

/// A rule set, and what is read back from each form to which it can be lowered.
struct LiftComparison {
    let ruleset: Ruleset
    private let oracle: RulesetOracle
    private var forms: [Form] = []
    private var askingSets = 0

    /// What was read back from one form.
    private struct Form {
        var families: FamilySet
        var scopes: [Scope]
        var interpreted: RulesetOracle
    }

    init(_ ruleset: Ruleset) throws {
        self.ruleset = ruleset
        oracle = RulesetOracle(ruleset: ruleset)
        for family in AddressFamily.allCases {
            guard let program = try? LowerToIPTables.lower(ruleset, family: family) else { continue }
            add(FamilySet(family), [try LiftFromIPTables.lift(program)])
            // As many addresses as can be are in sets.
            let sets = IPSetOptions(minimumLines: 1)
            guard let asking = try? LowerToIPTables.lower(ruleset, family: family, sets: sets), !asking.sets.isEmpty
            else { continue }
            add(FamilySet(family), [try LiftFromIPTables.lift(asking)])
            askingSets += 1
        }
        let mark = BackendComparison.acceptMark
        if let table = try? LowerToNFTables.lower(ruleset, acceptMark: mark).table {
            add(.both, try LiftFromNFTables.lift(table, acceptMark: mark))
        }
    }

    private mutating func add(_ families: FamilySet, _ scopes: [Scope]) {
        forms.append(Form(families: families, scopes: scopes, interpreted: RulesetOracle(scopes: scopes)))
    }

    /// How many forms were read back, beside those that ask sets.
    var lifted: Int { forms.count - askingSets }

    /// What no pass may leave behind.
    var mistakes: [Diagnostic] { forms.flatMap { Ruleset(name: "Lifted", scopes: $0.scopes).validate() } }

    /// What is read back else than the rule set says, in full; `nil` if nothing.
    func difference(_ packet: Packet) -> String? {
        let meant = oracle.outcome(of: packet)
        for form in forms where form.families.contains(FamilySet(packet.family)) {
            let done = form.interpreted.outcome(of: packet)
            if done != meant { return report(packet, meant, done, form.scopes) }
        }
        return nil
    }

    /// What the proof engine does not find equal to the rule set, effects included; `nil` if all is.
    ///
    /// Rule sets in which one packet passes the same limit twice are beyond it, and it says so; no policy is compiled to such.
    func unproved(orAskedTwice: Bool) -> String? {
        for form in forms {
            let lifted = Ruleset(name: "Lifted", scopes: form.scopes)
            let report = ProveEquality.run(
                ruleset, lifted, ProofOptions(strictness: .effects, families: form.families))
            for proof in report.scopes {
                if case .equal(let assumptions) = proof.answer, assumptions.isEmpty { continue }
                if orAskedTwice, case .undecided(.askedTwice) = proof.answer { continue }
                return "\(proof)\n\(ruleset.text)\n\(lifted.text)"
            }
        }
        return nil
    }

    private func report(_ packet: Packet, _ meant: Outcome, _ done: Outcome, _ scopes: [Scope]) -> String {
        let text = Ruleset(name: "Lifted", scopes: scopes).text.split(separator: "\n").prefix(80)
        return """
            packet  \(packet)
            meant   \(meant)
            lifted  \(done)
            \(ruleset.text)
            \(text.joined(separator: "\n"))
            """
    }
}
