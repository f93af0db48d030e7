package import FirewallIR
package import PacketModel

/// One packet at a hook, with all that a rule can ask about it: a point in the space in which boxes are sets.
///
/// Absence is a value, so optional fields are those that a packet can lack. The dependencies between the fields (a packet
/// has ports only if its protocol has them, a direction only if it has a conntrack entry) are those of `isValid`.
package struct PacketState: Hashable, Sendable {
    /// The address family.
    package var family: AddressFamily
    /// Where the packet entered.
    package var inInterface: String
    /// Where it will leave.
    package var outInterface: String
    /// The source address; of `family`, as the other addresses.
    package var source: IPAddress
    /// The destination address, after DNAT.
    package var destination: IPAddress
    /// The layer 4 protocol.
    package var proto: IPProtocol
    /// The source port.
    package var sourcePort: UInt16?
    /// The destination port, after DNAT.
    package var destinationPort: UInt16?
    /// Type and code of an ICMP or ICMPv6 message as `type << 8 | code`.
    package var icmp: UInt16?
    /// The flags of the TCP header.
    package var tcpFlags: TCPFlags?
    /// Whether it is a fragment other than the first.
    package var isLaterFragment: Bool
    /// What conntrack says; exactly one state.
    package var state: ConntrackStateSet
    /// The connection; `nil` for a packet that is invalid or untracked.
    package var entry: ConntrackEntry?
    /// The length from the IP header on, in bytes.
    package var length: UInt32 = 60
    /// The time to live, or hop limit.
    package var hopLimit: UInt8 = 64
    /// The differentiated services code point, six bits.
    package var dscp: UInt8 = 0
    /// The source address on an Ethernet link, 48 bits; `nil` on other links.
    package var sourceMAC: UInt64?
    /// The mark.
    package var mark: UInt32
    /// To whom it was addressed on its link; exactly one type.
    package var packetType: PacketTypeSet
    /// What the routing table says of its addresses; exactly one type for each question, `unicast` where none is given.
    package var addressTypes: [AddressTypeQuestion: AddressTypeSet]
    /// The clock, in seconds since 1970 (UTC).
    package var time: Int64

    /// A packet.
    package init(
        family: AddressFamily, inInterface: String, outInterface: String, source: IPAddress, destination: IPAddress,
        proto: IPProtocol, sourcePort: UInt16? = nil, destinationPort: UInt16? = nil, icmp: UInt16? = nil,
        tcpFlags: TCPFlags? = nil, isLaterFragment: Bool = false, state: ConntrackStateSet,
        entry: ConntrackEntry? = nil, mark: UInt32 = 0, packetType: PacketTypeSet = .host,
        addressTypes: [AddressTypeQuestion: AddressTypeSet] = [:], time: Int64 = 0
    ) {
        self.family = family
        self.inInterface = inInterface
        self.outInterface = outInterface
        self.source = source
        self.destination = destination
        self.proto = proto
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
        self.icmp = icmp
        self.tcpFlags = tcpFlags
        self.isLaterFragment = isLaterFragment
        self.state = state
        self.entry = entry
        self.mark = mark
        self.packetType = packetType
        self.addressTypes = addressTypes
        self.time = time
    }

    /// The packet as it is at a hook: what comes in leaves at no interface, and what goes out entered at none.
    ///
    /// The name of a missing interface is empty (`ip_tables.c` compares with zeros), so that no pattern means it.
    package func at(_ hook: Scope.Hook) -> PacketState {
        var packet = self
        if hook == .input || hook == .proxied { packet.outInterface = "" }
        if hook == .output { packet.inInterface = "" }
        return packet
    }

    /// What the routing table says to a question.
    package func addressType(_ question: AddressTypeQuestion) -> AddressTypeSet {
        addressTypes[question] ?? .unicast
    }
}

/// What conntrack knows of a connection: the packet's way in it, and the tuple of its first packet.
package struct ConntrackEntry: Hashable, Sendable {
    /// Exactly one direction.
    package var direction: ConntrackDirectionSet
    /// The status bits.
    package var status: ConntrackStatus
    /// Source address of the original tuple.
    package var source: IPAddress
    /// Destination address of the original tuple: what the client dialled.
    package var destination: IPAddress
    /// Protocol of the original tuple.
    package var proto: IPProtocol
    /// Source port of the original tuple, or what stands in its place for a protocol without ports.
    package var sourcePort: UInt16
    /// Destination port of the original tuple, or what stands in its place: type and code for ICMP, 0 for most others.
    package var destinationPort: UInt16
    /// The mark of the connection.
    package var mark: UInt32

    /// A connection.
    package init(
        direction: ConntrackDirectionSet, status: ConntrackStatus = [], source: IPAddress, destination: IPAddress,
        proto: IPProtocol, sourcePort: UInt16, destinationPort: UInt16, mark: UInt32 = 0
    ) {
        self.direction = direction
        self.status = status
        self.source = source
        self.destination = destination
        self.proto = proto
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
        self.mark = mark
    }
}

/// A question to the routing table: the type of one address, in all routes or in those of an interface.
package struct AddressTypeQuestion: Hashable, Sendable {
    /// Which address.
    package var side: AddressTypeTest.Side
    /// The interface to which the look-up is limited.
    package var interface: AddressTypeTest.Interface?

    /// A question.
    package init(_ side: AddressTypeTest.Side, interface: AddressTypeTest.Interface? = nil) {
        self.side = side
        self.interface = interface
    }
}

extension AddressTypeTest {
    /// What the test asks.
    package var question: AddressTypeQuestion { AddressTypeQuestion(side, interface: interface) }
}

extension PacketState {
    /// Whether the fields agree with one another, as those of every packet at a hook do.
    ///
    /// - Ports are there if the protocol has them, type and code if it is the family's ICMP, flags if it is TCP, and none
    ///   of them in a later fragment.
    /// - An entry is there exactly in the states new, established and related.
    /// - All addresses are of the packet's family, and only IPv4 has later fragments without a header.
    /// - State, direction, packet type and each address type are exactly one.
    /// - The code point has six bits, and a hardware address 48.
    package var isValid: Bool {
        let hasHeader = !isLaterFragment
        let hasPorts = hasHeader && proto.hasPorts
        let entryFits = entry.map { $0.source.family == family && $0.destination.family == family } ?? true
        return (sourcePort != nil) == hasPorts && (destinationPort != nil) == hasPorts
            && (icmp != nil) == (hasHeader && proto == family.icmp) && (tcpFlags != nil) == (hasHeader && proto == .tcp)
            && (entry != nil) == ConntrackStateSet.tracked.contains(state)
            && source.family == family && destination.family == family && entryFits
            && (family == .ip || !isLaterFragment) && hasOneOfEach && dscp < 64 && sourceMAC ?? 0 < 1 << 48
    }

    private var hasOneOfEach: Bool {
        let direction = entry?.direction ?? .original
        return ConntrackStateSet.all.contains(state) && state.rawValue.nonzeroBitCount == 1
            && ConntrackDirectionSet.both.contains(direction) && direction.rawValue.nonzeroBitCount == 1
            && PacketTypeSet.all.contains(packetType) && packetType.rawValue.nonzeroBitCount == 1
            && addressTypes.values.allSatisfy { $0.rawValue.nonzeroBitCount == 1 && !$0.names.isEmpty }
    }
}

extension AddressFamily {
    /// The family's ICMP.
    package var icmp: IPProtocol { self == .ip ? .icmp : .icmpv6 }
}
