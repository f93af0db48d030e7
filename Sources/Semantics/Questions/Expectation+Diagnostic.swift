package import Diagnostics
package import FirewallIR
internal import PacketModel

extension Expectation {
    /// What there is to say about the answer; `nil` if the expectation holds.
    package func diagnostic(_ answer: CheckExpectation.Answer) -> Diagnostic? {
        switch answer {
        case .holds: nil
        case .broken(let counterproof):
            Diagnostic(
                "expectation-failed", at: origin,
                "a connection that \(outcome.demand(form)) is \(counterproof.evaluation.verdict.text(at: counterproof.evaluation.hook))",
                notes: counterproof.notes)
        case .empty:
            Diagnostic(
                "expectation-empty", at: origin,
                "there is no connection of which the expectation speaks: its parts exclude each other")
        case .undecided(let reason):
            Diagnostic("expectation-undecided", at: origin, "the expectation cannot be decided: \(reason.text)")
        }
    }
}

extension Expectation.Outcome {
    fileprivate func demand(_ form: Expectation.Form) -> String {
        switch form {
        case .now: "is expected to be \(words)"
        case .always: "should always be \(words)"
        case .never: "should never be \(words)"
        }
    }

    private var words: String {
        switch self {
        case .allowed: "allowed"
        case .dropped: "dropped"
        case .rejected(nil): "rejected"
        case .rejected(let kind?): "rejected with \(kind.rawValue)"
        }
    }
}

extension CheckExpectation.Counterproof {
    fileprivate var notes: [Diagnostic.Note] {
        var verdicts = evaluation
        verdicts.steps.removeAll { $0.rule.verdict == .next }
        let explanation = Explanation(packet, verdicts)
        var notes = [Diagnostic.Note("the packet: \(packet.sentence)"), decision]
        notes += explanation.takenForGranted.map { Diagnostic.Note("taken for granted: \($0)") }
        if holdsIfPublished {
            notes.append(
                Diagnostic.Note("for published ports it is as expected: 'published: true' speaks of these alone"))
        }
        return notes
    }

    private var decision: Diagnostic.Note {
        guard let rule = evaluation.decidedBy else {
            return Diagnostic.Note(
                evaluation.verdict == .leave
                    ? "no rule decides: the packet is left to Docker's own rules"
                    : "no rule decides, so the policy holds: the packet is \(evaluation.verdict.text(at: evaluation.hook))"
            )
        }
        let comment = rule.comment.map { " \"\($0)\"" } ?? ""
        return Diagnostic.Note("this rule decides: [\(rule.id)]\(comment)", at: rule.origin)
    }
}

extension Undecided {
    /// Why there is no answer if there are too many marks.
    package static let textOfTooManyMarks =
        "the rules tell apart too many combinations of bits of the mark, the conntrack status or the TCP flags"

    fileprivate var text: String {
        switch self {
        case .budget(let edges): "the rules need decision diagrams of more than \(edges) edges"
        case .tooManyMarks: Undecided.textOfTooManyMarks
        case .severalScopes: Undecided.textOfSeveralScopes("the policy")
        case .changedOnTheWay(let change): Undecided.text(of: change)
        case .askedTwice(let place):
            "a packet asks a guard twice, whose answers cannot be told apart: \(place.packet.sentence)"
        case .unrelated: "its stateful guards cannot be related"
        case .unconfirmed(let packet):
            "a packet was found that does not meet the rules so, which is a mistake in Seawall to be reported: \(packet.sentence)"
        }
    }
}
