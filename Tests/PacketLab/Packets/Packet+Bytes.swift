internal import PacketModel

extension Packet {
    /// The packet as sent, in one piece or two; the marker is in each.
    func bytes(marker: [UInt8], identifier: UInt16) -> [[UInt8]] {
        let body = transport(marker: marker, identifier: identifier)
        guard isFragmented else { return [header(length: body.count, identifier: identifier, fragment: nil) + body] }
        // The first piece has to be a multiple of eight bytes; 16 hold every header but TCP's, and 24 that.
        let filled = body + marker + marker
        let cut = 24
        return [
            piece(filled[..<cut], offset: 0, isLast: false, identifier: identifier),
            piece(filled[cut...], offset: cut, isLast: true, identifier: identifier),
        ]
    }

    private func piece(_ part: ArraySlice<UInt8>, offset: Int, isLast: Bool, identifier: UInt16) -> [UInt8] {
        header(length: part.count, identifier: identifier, fragment: (offset, isLast)) + part
    }

    // MARK: - The network header

    private func header(length: Int, identifier: UInt16, fragment: (offset: Int, isLast: Bool)?) -> [UInt8] {
        family == .ip
            ? header4(length: length, identifier: identifier, fragment: fragment)
            : header6(length: length, identifier: identifier, fragment: fragment)
    }

    private func header4(length: Int, identifier: UInt16, fragment: (offset: Int, isLast: Bool)?) -> [UInt8] {
        let place = fragment.map { UInt16($0.offset / 8) | ($0.isLast ? 0 : 0x2000) } ?? 0
        var bytes: [UInt8] = [0x45, trafficClass << 2] + networkBytes(UInt16(20 + length)) + networkBytes(identifier)
        bytes += networkBytes(place) + [hopLimit, protocolNumber, 0, 0] + source.bytes + destination.bytes
        bytes.replaceSubrange(10..<12, with: networkBytes(internetChecksum(bytes)))
        return bytes
    }

    private func header6(length: Int, identifier: UInt16, fragment: (offset: Int, isLast: Bool)?) -> [UInt8] {
        let extra = fragment == nil ? 0 : 8
        var bytes = networkBytes(UInt32(6) << 28 | UInt32(trafficClass) << 22) + networkBytes(UInt16(length + extra))
        bytes += [fragment == nil ? protocolNumber : 44, hopLimit] + source.bytes + destination.bytes
        if let fragment {
            let place = UInt16(fragment.offset) | (fragment.isLast ? 0 : 1)
            bytes += [protocolNumber, 0] + networkBytes(place) + networkBytes(UInt32(identifier))
        }
        return bytes
    }

    /// The number of the protocol that the packet carries.
    private var protocolNumber: UInt8 {
        switch payload {
        case .tcp: IPProtocol.tcp.rawValue
        case .udp: IPProtocol.udp.rawValue
        case .sctp: IPProtocol.sctp.rawValue
        case .icmp, .icmpError: (family == .ip ? IPProtocol.icmp : .icmpv6).rawValue
        case .other(let number): number
        }
    }

    // MARK: - The transport header

    private func transport(marker: [UInt8], identifier: UInt16) -> [UInt8] {
        switch payload {
        case .tcp(let source, let destination, let flags):
            let sequence = networkBytes(UInt32(1000)) + networkBytes(UInt32(flags.contains(.ack) ? 1 : 0))
            let rest = [0x50, flags.rawValue] + networkBytes(UInt16(65535)) + [0, 0, 0, 0]
            return checked(networkBytes(source) + networkBytes(destination) + sequence + rest + marker, at: 16)
        case .udp(let source, let destination):
            let length = networkBytes(UInt16(8 + marker.count + (isFragmented ? 2 * marker.count : 0)))
            return checked(networkBytes(source) + networkBytes(destination) + length + [0, 0] + marker, at: 6)
        case .sctp(let source, let destination):
            return associationOpening(source: source, destination: destination, marker: marker)
        case .icmp(let type, let code, let number):
            return checked([type, code, 0, 0] + networkBytes(number) + [0, 1] + marker, at: 2)
        case .icmpError(let type, let code, let packet):
            let quoted = packet.bytes(marker: marker, identifier: identifier)[0]
            return checked([type, code, 0, 0, 0, 0, 0, 0] + quoted, at: 2)
        case .other: return [0, 0, 0, 0] + marker
        }
    }

    /// An INIT chunk (RFC 9260 §3.3.2), whose parameter of an unknown type holds the marker.
    private func associationOpening(source: UInt16, destination: UInt16, marker: [UInt8]) -> [UInt8] {
        let parameter = [0x80, 0xf0] + networkBytes(UInt16(4 + marker.count)) + marker
        var bytes = networkBytes(source) + networkBytes(destination) + [0, 0, 0, 0, 0, 0, 0, 0, 1, 0]
        bytes += networkBytes(UInt16(20 + parameter.count)) + networkBytes(UInt32(7)) + networkBytes(UInt32(65536))
        bytes += [0, 1, 0, 1, 0, 0, 0, 1] + parameter
        let sum = castagnoliChecksum(bytes) ^ (hasWrongChecksum ? 1 : 0)
        bytes.replaceSubrange(8..<12, with: hostBytes(sum.littleEndian))
        return bytes
    }

    /// The header with its checksum, over the pseudo header where the protocol has one.
    private func checked(_ bytes: [UInt8], at offset: Int) -> [UInt8] {
        var bytes = bytes
        // A fragmented packet is filled up before it is cut.
        let filling = isFragmented ? Array(bytes.suffix(markerLength) + bytes.suffix(markerLength)) : []
        var pseudo: [UInt8] = []
        if protocolNumber != IPProtocol.icmp.rawValue {
            pseudo = source.bytes + destination.bytes
            pseudo += networkBytes(UInt32(bytes.count + filling.count)) + [0, 0, 0, protocolNumber]
        }
        let sum = internetChecksum(pseudo + bytes + filling) ^ (hasWrongChecksum ? 0x5555 : 0)
        bytes.replaceSubrange(offset..<(offset + 2), with: networkBytes(sum))
        return bytes
    }
}

/// The length of every marker.
let markerLength = 12

extension IPAddress {
    /// The bytes in network order.
    var bytes: [UInt8] {
        switch self {
        case .v4(let value): networkBytes(value)
        case .v6(let value): networkBytes(value)
        }
    }
}
