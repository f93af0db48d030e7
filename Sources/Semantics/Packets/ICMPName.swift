internal import PacketModel

/// Names of ICMP and ICMPv6 messages, each with its code (IANA "ICMP Parameters", "ICMPv6 Parameters").
enum ICMPName {
    /// Type and code of a name, as `type << 8 | code`; `nil` if a family has no such message.
    static func message(_ name: String, _ family: AddressFamily) -> UInt16? {
        table(family).first { $0.name == name }.map(\.message)
    }

    /// The name of type and code, or the numbers: `echo-request`, `3/13`.
    static func text(_ message: UInt16, _ family: AddressFamily) -> String {
        table(family).first { $0.message == message }?.name ?? "\(message >> 8)/\(message & 255)"
    }

    /// The names of a family.
    static func names(_ family: AddressFamily) -> [String] { table(family).map(\.name) }

    /// A ping.
    static func echoRequest(_ family: AddressFamily) -> UInt16 { family == .ip ? 0x0800 : 0x8000 }

    /// The error that no connection does without: the packet does not fit the path.
    static func usualError(_ family: AddressFamily) -> UInt16 { family == .ip ? 0x0304 : 0x0200 }

    /// The message that answers, as conntrack inverts it (`icmp_pkt_to_tuple`); the same where there is none.
    static func answer(to message: UInt16, _ family: AddressFamily) -> UInt16 {
        let pairs: [(UInt16, UInt16)] =
            family == .ip ? [(8, 0), (13, 14), (15, 16), (17, 18)] : [(128, 129), (139, 140)]
        for (question, answer) in pairs {
            if message >> 8 == question { return answer << 8 | message & 255 }
            if message >> 8 == answer { return question << 8 | message & 255 }
        }
        return message
    }

    private static func table(_ family: AddressFamily) -> [(name: String, message: UInt16)] {
        family == .ip ? v4 : v6
    }

    private static let v4: [(name: String, message: UInt16)] = [
        ("echo-reply", 0x0000), ("destination-unreachable", 0x0300), ("host-unreachable", 0x0301),
        ("protocol-unreachable", 0x0302), ("port-unreachable", 0x0303), ("fragmentation-needed", 0x0304),
        ("admin-prohibited", 0x030d), ("redirect", 0x0500), ("echo-request", 0x0800), ("router-advertisement", 0x0900),
        ("router-solicitation", 0x0a00), ("time-exceeded", 0x0b00), ("parameter-problem", 0x0c00),
        ("timestamp-request", 0x0d00), ("timestamp-reply", 0x0e00),
    ]

    private static let v6: [(name: String, message: UInt16)] = [
        ("destination-unreachable", 0x0100), ("admin-prohibited", 0x0101), ("address-unreachable", 0x0103),
        ("port-unreachable", 0x0104), ("packet-too-big", 0x0200), ("time-exceeded", 0x0300),
        ("parameter-problem", 0x0400), ("echo-request", 0x8000), ("echo-reply", 0x8100),
        ("router-solicitation", 0x8500), ("router-advertisement", 0x8600), ("neighbour-solicitation", 0x8700),
        ("neighbour-advertisement", 0x8800),
    ]
}
