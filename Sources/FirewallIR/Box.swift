package import PacketModel

/// The values of a field that a packet may lack: those that match, and whether its absence matches as well.
@usableFromInline
package struct Presence<Values: Hashable & Sendable>: Hashable, Sendable {
    /// The values that match where the field is there.
    @usableFromInline package var values: Values
    /// Whether a packet without the field matches.
    @usableFromInline package var allowsAbsent: Bool

    /// Values, absence apart.
    @inlinable
    package init(_ values: Values, allowsAbsent: Bool = false) {
        self.values = values
        self.allowsAbsent = allowsAbsent
    }

    // Written out, so that other modules have them for their own type of values.
    @inlinable
    package static func == (a: Presence, b: Presence) -> Bool {
        a.allowsAbsent == b.allowsAbsent && a.values == b.values
    }

    @inlinable
    package func hash(into hasher: inout Hasher) {
        hasher.combine(values)
        hasher.combine(allowsAbsent)
    }
}

/// A set of packets that gives each field a set of values, independently of the others; `nil` restricts nothing.
///
/// Absence is a value: a packet without a port matches `destinationPort` only where that says `allowsAbsent`. So negation
/// is exact, and neither iptables' implicit demands nor nft's BREAK can leak into the meaning. The domains are those of
/// netfilter's forward hook.
package struct Box: Hashable, Sendable {
    /// The address families.
    package var families: FamilySet = .both
    /// Where the packet entered (`-i`, `iifname`).
    package var inInterface: InterfaceSet?
    /// Where it will leave (`-o`, `oifname`).
    package var outInterface: InterfaceSet?
    /// The source address (`-s`, `ip saddr`).
    package var source: IPAddressSet?
    /// The destination address after DNAT (`-d`, `ip daddr`).
    package var destination: IPAddressSet?
    /// The layer 4 protocol (`-p`, `meta l4proto`).
    package var protocols: IntervalSet<UInt8>?
    /// The source port (`--sport`); absent unless the protocol has ports.
    package var sourcePort: Presence<IntervalSet<UInt16>>?
    /// The destination port after DNAT (`--dport`); absent unless the protocol has ports.
    package var destinationPort: Presence<IntervalSet<UInt16>>?
    /// Type and code of ICMP or ICMPv6 as `type << 8 | code`; absent for other protocols.
    package var icmp: Presence<IntervalSet<UInt16>>?
    /// Tests of the TCP flags that all hold; absent for other protocols.
    package var tcpFlags: Presence<[MaskedTest<UInt8>]>?
    /// Whether the packet is a fragment other than the first (`-f`).
    package var isLaterFragment: Bool?
    /// What conntrack says; never absent, since a packet without an entry is invalid or untracked.
    package var state: ConntrackStateSet?
    /// The direction; absent without an entry.
    package var direction: Presence<ConntrackDirectionSet>?
    /// Tests of the status bits that all hold; absent without an entry.
    package var status: Presence<[MaskedTest<UInt32>]>?
    /// Source address of the original tuple; absent without an entry.
    package var originalSource: Presence<IPAddressSet>?
    /// Destination address of the original tuple: what the client dialled; absent without an entry.
    package var originalDestination: Presence<IPAddressSet>?
    /// Protocol of the original tuple; absent without an entry.
    package var originalProtocol: Presence<IntervalSet<UInt8>>?
    /// Source port of the original tuple, 16 raw bits whatever the protocol; absent without an entry.
    package var originalSourcePort: Presence<IntervalSet<UInt16>>?
    /// Destination port of the original tuple, 16 raw bits whatever the protocol; absent without an entry.
    package var originalDestinationPort: Presence<IntervalSet<UInt16>>?
    /// Tests of the connection's mark that all hold; absent without an entry.
    package var connectionMark: Presence<[MaskedTest<UInt32>]>?
    /// Fields that are numbers, and rarely asked for.
    package var numbers: [NumericField: Presence<IntervalSet<UInt64>>] = [:]
    /// Tests of the packet's mark that all hold.
    package var mark: [MaskedTest<UInt32>] = []
    /// To whom the packet was addressed on its link.
    package var packetType: PacketTypeSet?
    /// What the routing table says of its addresses; all hold.
    package var addressTypes: [AddressTypeTest] = []

    /// All packets.
    package init() {}
}

/// A look-up of an address in the routing table (`-m addrtype`, `fib`).
package struct AddressTypeTest: Hashable, Sendable {
    /// Which address of the packet.
    package enum Side: String, Hashable, Sendable {
        case source
        case destination
    }

    /// The interface of the packet to which the look-up is limited.
    package enum Interface: String, Hashable, Sendable {
        case `in`
        case out
    }

    package var side: Side
    package var types: AddressTypeSet
    package var isNegated: Bool
    package var interface: Interface?

    /// A look-up with the types that match.
    package init(_ side: Side, _ types: AddressTypeSet, isNegated: Bool = false, interface: Interface? = nil) {
        self.side = side
        self.types = types
        self.isNegated = isNegated
        self.interface = interface
    }
}

/// A field of the packet that is a number and that few rules ask for.
package enum NumericField: String, Hashable, Sendable, CaseIterable, Comparable {
    /// The length of the packet from its IP header on, in bytes (`-m length`).
    case length
    /// The time to live, or hop limit (`-m ttl`, `-m hl`).
    case hopLimit = "hop-limit"
    /// The differentiated services code point, six bits (`-m dscp`).
    case dscp
    /// The source address on the Ethernet link; absent on other links (`-m mac`).
    case sourceMAC = "source-mac"

    /// How many bits the field has.
    package var bits: Int {
        switch self {
        case .length: 32
        case .hopLimit: 8
        case .dscp: 6
        case .sourceMAC: 48
        }
    }

    /// All values.
    package var all: IntervalSet<UInt64> { IntervalSet([0...(1 << UInt64(bits) - 1)]) }

    /// Whether packets may lack it.
    package var mayBeAbsent: Bool { self == .sourceMAC }

    package static func < (a: NumericField, b: NumericField) -> Bool { a.rawValue < b.rawValue }
}
