internal import Glibc
internal import PacketModel

/// Sees what arrives at an interface of a machine, its `eth0` for one.
struct Sniffer: Sendable {
    /// The number of the interface.
    let interface: Int32
    private let socket: Descriptor
    private let kinds: Range<UInt8>

    /// A sniffer.
    ///
    /// - Parameters:
    ///   - namespace: the machine.
    ///   - name: its interface.
    ///   - seesOthers: whether it sees packets to other link addresses as well.
    /// - Throws: `LabError` if there is no such interface.
    init(in namespace: Namespace, at name: String = "eth0", seesOthers: Bool = false) throws {
        // 3 is PACKET_OTHERHOST, 4 PACKET_OUTGOING.
        kinds = 0..<(seesOthers ? 4 : 3)
        (socket, interface) = try namespace.run {
            let index = Int32(if_nametoindex(name))
            let flags = Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
            let all: UInt16 = 3
            let socket = Descriptor(try check(Glibc.socket(AF_PACKET, flags, Int32(all.bigEndian)), "packet socket"))
            // Room for some hundred packets that arrive before the first is looked at.
            try socket.setOption(SOL_SOCKET, SO_RCVBUFFORCE, to: 16 << 20)
            try socket.bind(to: SocketAddress(interface: index, etherType: all))
            return (socket, index)
        }
    }

    var entry: pollfd { socket.readEntry }

    /// The packets that have come in since the last time, from the network header on.
    func arrived() -> [[UInt8]] {
        var packets: [[UInt8]] = []
        while let (bytes, address) = socket.receive() {
            if address.bytes.count > 10, kinds.contains(address.bytes[10]) { packets.append(bytes) }
        }
        return packets
    }

    /// Sends a packet through the interface to a link address; says whether the kernel took it.
    func send(_ packet: [UInt8], _ family: AddressFamily, to hardwareAddress: [UInt8]) -> Bool {
        let etherType: UInt16 = family == .ip ? 0x0800 : 0x86dd
        return socket.send(
            packet,
            to: SocketAddress(interface: interface, etherType: etherType, hardwareAddress: hardwareAddress))
    }
}

/// The part of a packet behind its network header, with the protocol that it is of.
struct Datagram {
    let family: AddressFamily
    let number: UInt8
    let body: ArraySlice<UInt8>
    /// Where it goes.
    let destination: IPAddress

    init?(_ bytes: [UInt8]) {
        guard let first = bytes.first else { return nil }
        if first >> 4 == 4, bytes.count >= 20 {
            (family, number) = (.ip, bytes[9])
            body = bytes.dropFirst(Int(first & 15) * 4)
            destination = .v4(bytes[16..<20].reduce(0) { $0 << 8 | UInt32($1) })
        } else if first >> 4 == 6, bytes.count >= 40 {
            (family, number) = (.ip6, bytes[6])
            body = bytes.dropFirst(40)
            destination = .v6(bytes[24..<40].reduce(0) { $0 << 8 | UInt128($1) })
        } else {
            return nil
        }
    }

    /// The type and code, if it is an ICMP error.
    var error: (type: UInt8, code: UInt8)? {
        guard body.count >= 8, let type = body.first, let code = body.dropFirst().first else { return nil }
        let isError = family == .ip ? number == 1 && [3, 5, 11, 12].contains(type) : number == 58 && type < 128
        return isError ? (type, code) : nil
    }

    /// The port that a TCP reset goes to.
    var resetPort: UInt16? {
        guard number == IPProtocol.tcp.rawValue, body.count >= 20 else { return nil }
        let header = Array(body.prefix(20))
        return header[13] & TCPFlags.rst.rawValue == 0 ? nil : UInt16(header[2]) << 8 | UInt16(header[3])
    }
}
