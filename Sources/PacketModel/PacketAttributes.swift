/// Flags of a TCP header (RFC 9293 §3.1).
public struct TCPFlags: OptionSet, Hashable, Sendable {
    /// The number, or the bits.
    public let rawValue: UInt8

    /// Flags from the header's byte.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// No more data from the sender.
    public static let fin = TCPFlags(rawValue: 1)
    /// Synchronises sequence numbers: opens a connection.
    public static let syn = TCPFlags(rawValue: 2)
    /// Resets the connection.
    public static let rst = TCPFlags(rawValue: 4)
    /// Asks to hand the data on at once.
    public static let psh = TCPFlags(rawValue: 8)
    /// The acknowledgement number counts.
    public static let ack = TCPFlags(rawValue: 16)
    /// The urgent pointer counts.
    public static let urg = TCPFlags(rawValue: 32)
    /// ECN echo; iptables cannot test it.
    public static let ece = TCPFlags(rawValue: 64)
    /// Congestion window reduced; iptables cannot test it.
    public static let cwr = TCPFlags(rawValue: 128)

    /// The names of the members in lower case, from `fin` to `cwr`.
    public var names: [String] { Self.table.filter { contains($0.0) }.map(\.1) }

    /// The flag of a name.
    public init?(name: String) {
        guard let row = Self.table.first(where: { $0.1 == name }) else { return nil }
        self = row.0
    }

    private static let table: [(TCPFlags, String)] = [
        (.fin, "fin"), (.syn, "syn"), (.rst, "rst"), (.psh, "psh"), (.ack, "ack"), (.urg, "urg"), (.ece, "ece"),
        (.cwr, "cwr"),
    ]
}

/// To whom a packet was addressed on its link (`skb->pkt_type`).
public struct PacketTypeSet: OptionSet, Hashable, Sendable {
    /// The number, or the bits.
    public let rawValue: UInt8

    /// A set from its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// To this host (iptables and nft call it unicast, too).
    public static let host = PacketTypeSet(rawValue: 1)
    /// To all.
    public static let broadcast = PacketTypeSet(rawValue: 2)
    /// To a group.
    public static let multicast = PacketTypeSet(rawValue: 4)
    /// To somebody else, or from this host.
    public static let other = PacketTypeSet(rawValue: 8)
    /// All types.
    public static let all: PacketTypeSet = [.host, .broadcast, .multicast, .other]

    /// The names of the members.
    public var names: [String] { Self.table.filter { contains($0.0) }.map(\.1) }

    /// The type of a name.
    public init?(name: String) {
        guard let row = Self.table.first(where: { $0.1 == name }) else { return nil }
        self = row.0
    }

    private static let table: [(PacketTypeSet, String)] = [
        (.host, "host"), (.broadcast, "broadcast"), (.multicast, "multicast"), (.other, "other"),
    ]
}

/// What the routing table says of an address (`RTN_*`, `rtnetlink.h`).
public struct AddressTypeSet: OptionSet, Hashable, Sendable {
    /// The number, or the bits.
    public let rawValue: UInt16

    /// A set from its bits; bit n is the kernel's `RTN_` number n.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// No route.
    public static let unspecified = AddressTypeSet(rawValue: 1)
    /// A gateway or direct route.
    public static let unicast = AddressTypeSet(rawValue: 2)
    /// An address of this host.
    public static let local = AddressTypeSet(rawValue: 4)
    /// A broadcast address.
    public static let broadcast = AddressTypeSet(rawValue: 8)
    /// An anycast address.
    public static let anycast = AddressTypeSet(rawValue: 16)
    /// A multicast route.
    public static let multicast = AddressTypeSet(rawValue: 32)
    /// Dropped in silence by the route.
    public static let blackhole = AddressTypeSet(rawValue: 64)
    /// Said to be unreachable by the route.
    public static let unreachable = AddressTypeSet(rawValue: 128)
    /// Administratively prohibited by the route.
    public static let prohibit = AddressTypeSet(rawValue: 256)

    /// The names of the members in the kernel's order.
    public var names: [String] { Self.table.filter { contains($0.0) }.map(\.1) }

    /// The type of a name.
    public init?(name: String) {
        guard let row = Self.table.first(where: { $0.1 == name }) else { return nil }
        self = row.0
    }

    private static let table: [(AddressTypeSet, String)] = [
        (.unspecified, "unspec"), (.unicast, "unicast"), (.local, "local"), (.broadcast, "broadcast"),
        (.anycast, "anycast"),
        (.multicast, "multicast"), (.blackhole, "blackhole"), (.unreachable, "unreachable"), (.prohibit, "prohibit"),
    ]
}

/// One test of a field by mask: the field's bits under `mask` are `value`, or are not.
public struct MaskedTest<Value: FixedWidthInteger & UnsignedInteger & Sendable>: Hashable, Sendable {
    /// The bits that are looked at.
    public var mask: Value
    /// What they have to be.
    public var value: Value
    /// Whether they have to be something else.
    public var isNegated: Bool

    /// A test of the bits under a mask.
    public init(mask: Value, value: Value, isNegated: Bool = false) {
        self.mask = mask
        self.value = value
        self.isNegated = isNegated
    }

    /// Whether a field passes.
    public func matches(_ field: Value) -> Bool { (field & mask == value) != isNegated }
}
