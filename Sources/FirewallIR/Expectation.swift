package import Diagnostics
package import PacketModel

/// What somebody expects of a rule set: what becomes of all packets in some boxes.
package struct Expectation: Hashable, Sendable {
    /// What becomes of a packet, in the words of those who expect it.
    package enum Outcome: Hashable, Sendable {
        /// Handed on to Docker's own rules, or accepted.
        case allowed
        /// Dropped in silence.
        case dropped
        /// Dropped with an answer; `nil` for any.
        case rejected(RejectKind?)
    }

    /// For which answers of what no packet decides: stateful guards such as limits, and the clock.
    package enum Form: Hashable, Sendable {
        /// Every packet has the outcome now, as long as no limit is used up.
        case now
        /// Every packet has the outcome, whatever guards answer, and at any time.
        case always
        /// No packet has the outcome, whatever guards answer, and at any time.
        case never
    }

    /// Where it was written.
    package var origin: SourceLocation
    /// The form.
    package var form: Form
    /// The outcome.
    package var outcome: Outcome
    /// The packets; none if they come from a file that may be empty and is.
    package var packets: [Box]

    /// An expectation.
    package init(at origin: SourceLocation, _ form: Form, _ outcome: Outcome, packets: [Box]) {
        self.origin = origin
        self.form = form
        self.outcome = outcome
        self.packets = packets
    }
}
