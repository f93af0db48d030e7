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
        /// No box of a stage's condition holds the packet: the field that fails, for each box.
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
        /// The mark of its connection, if it has one.
        package var connectionMark: UInt32?
        /// The stage of the rule that did not hold, counted from 0; the last one if all did.
        package var stage = 0
        /// How many of the rule's guards were asked.
        package var guardsAsked = 0
    }

    /// Where the rules stand, which decides what their verdicts are called.
    package var hook = Scope.Hook.containers

    /// Where the packet goes.
    package var verdict: PacketVerdict = .leave
    /// The rule that decided; `nil` if the end of the entry chain was reached, where the scope's policy decides.
    package var decidedBy: FirewallRule?
    /// What was done on the way.
    package var events: [Event] = []
    /// Every rule that was asked, in order.
    package var steps: [Step] = []
    /// The mark in the end.
    package var mark: UInt32 = 0
}

extension Scope {
    /// What becomes of a packet at the end of the entry chain, or by a return from it.
    package var end: PacketVerdict {
        switch policy {
        case .accept: .accept
        case .drop: .drop
        default: .leave
        }
    }
}
