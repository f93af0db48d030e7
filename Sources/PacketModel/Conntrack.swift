/// What conntrack says of a packet (`enum ip_conntrack_info`, `nf_conntrack_common.h`): exactly one holds.
public struct ConntrackStateSet: OptionSet, Hashable, Sendable {
    /// The number, or the bits.
    public let rawValue: UInt8

    /// A set from its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The packet begins a connection, or belongs to one of which no reply was seen.
    public static let new = ConntrackStateSet(rawValue: 1)
    /// The packet belongs to a connection that has seen both directions.
    public static let established = ConntrackStateSet(rawValue: 2)
    /// The packet begins a connection that another one announced, or is an ICMP error about a connection.
    public static let related = ConntrackStateSet(rawValue: 4)
    /// Conntrack could not relate the packet to a connection; it has no entry.
    public static let invalid = ConntrackStateSet(rawValue: 8)
    /// Conntrack was told not to look at the packet; it has no entry.
    public static let untracked = ConntrackStateSet(rawValue: 16)

    /// The states of packets that have an entry.
    public static let tracked: ConntrackStateSet = [.new, .established, .related]
    /// The states of packets that have none.
    public static let withoutEntry: ConntrackStateSet = [.invalid, .untracked]
    /// All states.
    public static let all: ConntrackStateSet = [.new, .established, .related, .invalid, .untracked]

    /// The names of the members, in the order of the bits.
    public var names: [String] { Self.table.filter { contains($0.0) }.map(\.1) }

    /// The state of a name.
    public init?(name: String) {
        guard let row = Self.table.first(where: { $0.1 == name }) else { return nil }
        self = row.0
    }

    private static let table: [(ConntrackStateSet, String)] = [
        (.new, "new"), (.established, "established"), (.related, "related"), (.invalid, "invalid"),
        (.untracked, "untracked"),
    ]
}

/// The direction of a packet in its connection.
public struct ConntrackDirectionSet: OptionSet, Hashable, Sendable {
    /// The number, or the bits.
    public let rawValue: UInt8

    /// A set from its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// From the side that opened the connection.
    public static let original = ConntrackDirectionSet(rawValue: 1)
    /// From the side that answers.
    public static let reply = ConntrackDirectionSet(rawValue: 2)
    /// Both directions.
    public static let both: ConntrackDirectionSet = [.original, .reply]

    /// The names of the members.
    public var names: [String] { (contains(.original) ? ["original"] : []) + (contains(.reply) ? ["reply"] : []) }
}

/// Bits of a connection's status (`enum ip_conntrack_status`); several may be set.
public struct ConntrackStatus: OptionSet, Hashable, Sendable {
    /// The number, or the bits.
    public let rawValue: UInt32

    /// A set from the kernel's bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// A helper expected the connection.
    public static let expected = ConntrackStatus(rawValue: 1)
    /// A packet was seen in both directions.
    public static let seenReply = ConntrackStatus(rawValue: 2)
    /// The entry is not given up early.
    public static let assured = ConntrackStatus(rawValue: 4)
    /// The first packet has left the host.
    public static let confirmed = ConntrackStatus(rawValue: 8)
    /// The source is translated.
    public static let snat = ConntrackStatus(rawValue: 16)
    /// The destination is translated, as that of a published port is.
    public static let dnat = ConntrackStatus(rawValue: 32)

    /// The names of the members as nft writes them.
    public var names: [String] { Self.table.filter { contains($0.0) }.map(\.1) }

    /// The bit of a name.
    public init?(name: String) {
        guard let row = Self.table.first(where: { $0.1 == name }) else { return nil }
        self = row.0
    }

    private static let table: [(ConntrackStatus, String)] = [
        (.expected, "expected"), (.seenReply, "seen-reply"), (.assured, "assured"), (.confirmed, "confirmed"),
        (.snat, "snat"),
        (.dnat, "dnat"),
    ]
}
