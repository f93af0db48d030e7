package import PacketModel

/// A packet that the lab builds byte by byte.
package struct Packet: Hashable, Sendable {
    /// The source address; it need not be that of the sender.
    package var source: IPAddress
    /// The destination address.
    package var destination: IPAddress
    /// What the packet carries.
    package var payload: Payload
    /// The differentiated services code point, 0 to 63; what the router makes of it is in `TrafficClass`.
    package var trafficClass: UInt8 = 0
    /// How many routers may pass it on: time to live, or hop limit.
    ///
    /// The lab's router counts it down before it asks any rule.
    package var hopLimit: UInt8 = 64
    /// Whether the checksum of the transport header is wrong, which makes conntrack call the packet invalid.
    package var hasWrongChecksum = false
    /// Whether the packet is sent in two fragments.
    package var isFragmented = false
    /// To whom the packet is addressed on the link; without it, to the next hop.
    package var linkAddress: LinkAddress?

    /// What a packet carries.
    package indirect enum Payload: Hashable, Sendable {
        /// A TCP segment; a source port of 0 is replaced by one that no other probe has.
        case tcp(source: UInt16 = 0, destination: UInt16, flags: TCPFlags = .syn)
        /// A UDP datagram; a source port of 0 is replaced by one that no other probe has.
        case udp(source: UInt16 = 0, destination: UInt16)
        /// An SCTP packet that opens an association.
        case sctp(source: UInt16 = 0, destination: UInt16)
        /// An ICMP message, of the packet's family; an identifier of 0 is replaced by one that no other probe has.
        case icmp(type: UInt8, code: UInt8 = 0, identifier: UInt16 = 0)
        /// An ICMP error about another packet.
        case icmpError(type: UInt8, code: UInt8, about: Packet)
        /// Any protocol, with no header of its own.
        case other(protocol: UInt8)
    }

    /// An address of a link for more than one.
    package enum LinkAddress: Hashable, Sendable {
        /// All on the link.
        case broadcast
        /// A group.
        case multicast
    }

    /// A packet.
    package init(from source: IPAddress, to destination: IPAddress, _ payload: Payload) {
        self.source = source
        self.destination = destination
        self.payload = payload
    }

    /// The family of the packet.
    package var family: AddressFamily { destination.family }

    /// A copy with a change.
    package func with(_ change: (inout Packet) -> Void) -> Packet {
        var copy = self
        change(&copy)
        return copy
    }
}

extension Packet {
    /// The packet with a source port, or the identifier of an ICMP message, in the place of 0.
    package func numbered(_ port: UInt16) -> Packet {
        with { packet in
            switch packet.payload {
            case .tcp(source: 0, let destination, let flags):
                packet.payload = .tcp(source: port, destination: destination, flags: flags)
            case .udp(source: 0, let destination): packet.payload = .udp(source: port, destination: destination)
            case .sctp(source: 0, let destination): packet.payload = .sctp(source: port, destination: destination)
            case .icmp(let type, let code, identifier: 0):
                packet.payload = .icmp(type: type, code: code, identifier: port)
            default: break
            }
        }
    }
}
