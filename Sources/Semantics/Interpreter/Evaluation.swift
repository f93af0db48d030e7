package import FirewallIR
package import PacketModel

/// What becomes of a packet at the end of a scope.
package enum PacketVerdict: Hashable, Sendable {
    /// On to the engine's later rules: Docker's own.
    case leave
    /// Through: nothing in the table is asked any more.
    case accept
    case drop
    case reject(RejectKind)
    /// To a program that decides.
    case queue(QueueTarget)
}

/// All that happens to one packet in one scope.
package struct Evaluation: Hashable, Sendable {
    /// Something that is done on the way, in order; what a strict comparison compares besides the verdict.
    package enum Event: Hashable, Sendable {
        /// A guard was asked, which uses it up, whatever it answers.
        case asked(Circumstances.GuardPlace)
        /// An effect happened.
        case effect(Effect)
    }

    /// How a rule met the packet.
    package enum Meeting: Hashable, Sendable {
        /// No box of the condition holds the packet: the field that fails, for each box.
        case outside([PacketField])
        /// An opaque match does not hold.
        case failed(OpaqueMatch)
        /// A guard did not let the packet on.
        case refused(Guard)
        /// The rule matched.
        case matched
    }

    /// A rule that was asked.
    package struct Step: Hashable, Sendable {
        /// The chain in which the rule stands.
        package var chain: String
        /// The rule.
        package var rule: FirewallRule
        /// How it met the packet.
        package var meeting: Meeting
        /// The packet's mark when it was asked.
        package var mark: UInt32
    }

    /// Where the packet goes.
    package var verdict: PacketVerdict = .leave
    /// The rule that decided; `nil` if the end of the entry chain was reached.
    package var decidedBy: FirewallRule?
    /// What was done on the way.
    package var events: [Event] = []
    /// Every rule that was asked, in order.
    package var steps: [Step] = []
    /// The mark in the end.
    package var mark: UInt32 = 0
}
