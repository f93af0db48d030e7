internal import CLinux
internal import Glibc

/// Ethernet frames that lie ready to be sent.
struct Frames {
    private static let stride = 64
    private var bytes: [UInt8]
    private var lengths: [UInt16]

    /// How many there are.
    var count: Int { lengths.count }

    /// The first packet of each connection, to the router at the end of the link.
    init(_ flows: [Flow], to router: [UInt8]) {
        bytes = [UInt8](repeating: 0, count: flows.count * Self.stride)
        lengths = []
        for (index, flow) in flows.enumerated() {
            let frame = Self.frame(flow, to: router)
            bytes.replaceSubrange(index * Self.stride..<index * Self.stride + frame.count, with: frame)
            lengths.append(UInt16(frame.count))
        }
    }

    /// Sends all of them, so many times over.
    ///
    /// - Returns: nanoseconds for each. The sender does the work of the router as well: over veth, a packet is forwarded in
    ///   the sender's own time.
    mutating func send(by socket: Int32, times: Int) throws -> Double {
        let start = Clock.nanoseconds
        for _ in 0..<times {
            let failed = seawall_send_frames(socket, &bytes, Self.stride, lengths, lengths.count)
            if failed != 0 { throw BenchError("cannot send: \(String(cString: strerror(failed)))") }
        }
        return Double(Clock.nanoseconds - start) / Double(max(1, times * lengths.count))
    }

    /// A SYN, or a datagram of eight bytes.
    static func frame(_ flow: Flow, to router: [UInt8]) -> [UInt8] {
        var transport = flow.sourcePort.bytes + flow.port.bytes
        if flow.isTCP {
            transport += [0, 0, 0, 0, 0, 0, 0, 0, 0x50, 0x02, 0xff, 0xff, 0, 0, 0, 0]
        } else {
            transport += UInt16(16).bytes + [0, 0] + [UInt8](repeating: 0, count: 8)
        }
        let addresses = flow.source.bytes + Road.router.bytes
        let pseudoHeader = addresses + [0, flow.proto] + UInt16(transport.count).bytes
        let place = flow.isTCP ? 16 : 6
        transport.replaceSubrange(place..<place + 2, with: checksum(pseudoHeader + transport).bytes)
        var header = [0x45, 0] + UInt16(20 + transport.count).bytes + [0, 0, 0, 0, 64, flow.proto, 0, 0] + addresses
        header.replaceSubrange(10..<12, with: checksum(header).bytes)
        return router + [2, 2, 2, 2, 2, 2] + [0x08, 0x00] + header + transport
    }

    /// The checksum of the Internet protocols (RFC 1071), whose own field is zero in the bytes.
    private static func checksum(_ bytes: [UInt8]) -> UInt16 {
        var sum: UInt32 = 0
        for index in Swift.stride(from: 0, to: bytes.count, by: 2) {
            sum += UInt32(bytes[index]) << 8 | (index + 1 < bytes.count ? UInt32(bytes[index + 1]) : 0)
        }
        while sum > 0xffff { sum = sum & 0xffff + sum >> 16 }
        return ~UInt16(sum)
    }
}

extension FixedWidthInteger {
    /// The bytes in the order of the network.
    fileprivate var bytes: [UInt8] {
        (0..<Self.bitWidth / 8).reversed().map { UInt8(truncatingIfNeeded: self >> Self(8 * $0)) }
    }
}
