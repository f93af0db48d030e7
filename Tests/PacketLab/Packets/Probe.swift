/// A packet that is sent from one machine, and looked for at another.
package struct Probe: Hashable, Sendable {
    /// The packet.
    package let packet: Packet
    /// Who sends it.
    package let sender: Host
    /// Whom it reaches if nothing stops it.
    package let receiver: Host

    /// A probe.
    package init(_ packet: Packet, from sender: Host, reaches receiver: Host) {
        self.packet = packet
        self.sender = sender
        self.receiver = receiver
    }
}

/// What became of a probe.
package enum Fate: Hashable, Sendable {
    /// It arrived.
    case passed
    /// It did not arrive, and nothing was said.
    case dropped
    /// It did not arrive, and a TCP reset came back.
    case reset
    /// It did not arrive, and an ICMP error came back.
    case refused(type: UInt8, code: UInt8)
}
