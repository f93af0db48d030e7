/// A layer 4 protocol by its number (IANA "Assigned Internet Protocol Numbers").
public struct IPProtocol: Hashable, Sendable, RawRepresentable {
    /// The number, or the bits.
    public let rawValue: UInt8

    /// A protocol from its number.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Internet Control Message Protocol for IPv4.
    public static let icmp = IPProtocol(rawValue: 1)
    /// Transmission Control Protocol.
    public static let tcp = IPProtocol(rawValue: 6)
    /// User Datagram Protocol.
    public static let udp = IPProtocol(rawValue: 17)
    /// Datagram Congestion Control Protocol.
    public static let dccp = IPProtocol(rawValue: 33)
    /// Internet Control Message Protocol for IPv6.
    public static let icmpv6 = IPProtocol(rawValue: 58)
    /// Stream Control Transmission Protocol.
    public static let sctp = IPProtocol(rawValue: 132)
    /// Lightweight UDP.
    public static let udplite = IPProtocol(rawValue: 136)

    /// The protocols whose header begins with a source and a destination port.
    public static let withPorts: [IPProtocol] = [.tcp, .udp, .dccp, .sctp, .udplite]

    /// Whether the header begins with a source and a destination port.
    public var hasPorts: Bool { Self.withPorts.contains(self) }

    /// Reads a name of `/etc/protocols` (those that people use in rules) or a number from 0 to 255.
    public init?(name: String) {
        if let number = Self.numbers[name.lowercased()] {
            self.init(rawValue: number)
        } else if let number = UInt8(name), name.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) {
            self.init(rawValue: number)
        } else {
            return nil
        }
    }

    /// The usual name, or the number where there is none.
    public var name: String { Self.names[rawValue] ?? String(rawValue) }

    /// The names that are known, sorted.
    public static var knownNames: [String] { numbers.keys.sorted() }

    private static let table: [(UInt8, [String])] = [
        (0, ["hopopt"]), (1, ["icmp"]), (2, ["igmp"]), (4, ["ipencap", "ipip"]), (6, ["tcp"]), (8, ["egp"]),
        (9, ["igp"]),
        (17, ["udp"]), (27, ["rdp"]), (33, ["dccp"]), (41, ["ipv6"]), (43, ["ipv6-route"]), (44, ["ipv6-frag"]),
        (46, ["rsvp"]), (47, ["gre"]), (50, ["esp"]), (51, ["ah"]), (58, ["icmpv6", "ipv6-icmp"]), (59, ["ipv6-nonxt"]),
        (60, ["ipv6-opts"]), (88, ["eigrp"]), (89, ["ospf"]), (94, ["ipip2"]), (97, ["etherip"]), (98, ["encap"]),
        (103, ["pim"]), (108, ["ipcomp"]), (112, ["vrrp"]), (115, ["l2tp"]), (132, ["sctp"]),
        (135, ["mobility-header"]),
        (136, ["udplite"]), (137, ["mpls-in-ip"]), (139, ["hip"]), (140, ["shim6"]),
    ]
    private static let numbers = Dictionary(uniqueKeysWithValues: table.flatMap { row in row.1.map { ($0, row.0) } })
    private static let names = Dictionary(uniqueKeysWithValues: table.map { ($0.0, $0.1[0]) })
}
