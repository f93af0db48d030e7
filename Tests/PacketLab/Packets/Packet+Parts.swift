package import PacketModel

extension Packet {
    /// The layer 4 protocol.
    package var proto: IPProtocol {
        switch payload {
        case .tcp: .tcp
        case .udp: .udp
        case .sctp: .sctp
        case .icmp, .icmpError: family == .ip ? .icmp : .icmpv6
        case .other(let number): IPProtocol(rawValue: number)
        }
    }

    /// The length from the network header on, in bytes, where it is sent in one piece.
    package var length: Int { bytes(marker: [UInt8](repeating: 0, count: markerLength), identifier: 1)[0].count }
}

extension Packet.Payload {
    /// The same with another destination port.
    package func to(_ port: UInt16) -> Self {
        switch self {
        case .tcp(let source, _, let flags): .tcp(source: source, destination: port, flags: flags)
        case .udp(let source, _): .udp(source: source, destination: port)
        case .sctp(let source, _): .sctp(source: source, destination: port)
        case .icmp, .icmpError, .other: self
        }
    }

    /// Source and destination port in the original tuple of a connection, or what stands in their place there.
    package var ends: (source: UInt16, destination: UInt16) {
        switch self {
        case .tcp(let source, let destination, _): (source, destination)
        case .udp(let source, let destination), .sctp(let source, let destination): (source, destination)
        case .icmp(let type, let code, let identifier): (identifier, UInt16(type) << 8 | UInt16(code))
        case .icmpError, .other: (0, 0)
        }
    }

    /// What tells connections apart on either side: a request and its answer have the same number.
    var places: (UInt16, UInt16) {
        if case .icmp(_, _, let number) = self { (number, number) } else { ends }
    }
}
