package import FirewallIR
package import Semantics

/// What a rule set does with a packet, as far as a strictness looks.
package struct Treatment: Hashable, Sendable {
    /// Something that is done on the way.
    package enum Event: Hashable, Sendable {
        /// A guard was asked; which rule it stands in does not matter.
        case asked(Guard)
        case effect(Effect)
    }

    /// Where the packet goes; a drop for every reject where the kind does not matter.
    package var verdict: PacketVerdict
    /// What was done, where that matters: log lines, marks and guards, but not counters.
    package var events: [Event]
}

extension PacketVerdict {
    /// The verdict without the answer to a rejected packet.
    var withoutKind: PacketVerdict {
        if case .reject = self { .drop } else { self }
    }
}
