public import PacketModel

/// The fields of a box by themselves; `Box` says what each of them is.
@usableFromInline
struct BoxContent: Hashable, Sendable {
    @usableFromInline var families: FamilySet = .both
    @usableFromInline var inInterface: InterfaceSet?
    @usableFromInline var outInterface: InterfaceSet?
    @usableFromInline var source: IPAddressSet?
    @usableFromInline var destination: IPAddressSet?
    @usableFromInline var protocols: IntervalSet<UInt8>?
    @usableFromInline var sourcePort: Presence<IntervalSet<UInt16>>?
    @usableFromInline var destinationPort: Presence<IntervalSet<UInt16>>?
    @usableFromInline var icmp: Presence<IntervalSet<UInt16>>?
    @usableFromInline var tcpFlags: Presence<[MaskedTest<UInt8>]>?
    @usableFromInline var isLaterFragment: Bool?
    @usableFromInline var state: ConntrackStateSet?
    @usableFromInline var direction: Presence<ConntrackDirectionSet>?
    @usableFromInline var status: Presence<[MaskedTest<UInt32>]>?
    @usableFromInline var originalSource: Presence<IPAddressSet>?
    @usableFromInline var originalDestination: Presence<IPAddressSet>?
    @usableFromInline var originalProtocol: Presence<IntervalSet<UInt8>>?
    @usableFromInline var originalSourcePort: Presence<IntervalSet<UInt16>>?
    @usableFromInline var originalDestinationPort: Presence<IntervalSet<UInt16>>?
    @usableFromInline var connectionMark: Presence<[MaskedTest<UInt32>]>?
    @usableFromInline var numbers: [NumericField: Presence<IntervalSet<UInt64>>] = [:]
    @usableFromInline var mark: [MaskedTest<UInt32>] = []
    @usableFromInline var packetType: PacketTypeSet?
    @usableFromInline var addressTypes: [AddressTypeTest] = []

    @usableFromInline
    init() {}
}

extension Box {
    /// The address families.
    @inlinable package var families: FamilySet {
        get { storage.content.families }
        _modify { yield &content.families }
    }
    /// Where the packet entered (`-i`, `iifname`).
    @inlinable package var inInterface: InterfaceSet? {
        get { storage.content.inInterface }
        _modify { yield &content.inInterface }
    }
    /// Where it will leave (`-o`, `oifname`).
    @inlinable package var outInterface: InterfaceSet? {
        get { storage.content.outInterface }
        _modify { yield &content.outInterface }
    }
    /// The source address (`-s`, `ip saddr`).
    @inlinable package var source: IPAddressSet? {
        get { storage.content.source }
        _modify { yield &content.source }
    }
    /// The destination address after DNAT (`-d`, `ip daddr`).
    @inlinable package var destination: IPAddressSet? {
        get { storage.content.destination }
        _modify { yield &content.destination }
    }
    /// The layer 4 protocol (`-p`, `meta l4proto`).
    @inlinable package var protocols: IntervalSet<UInt8>? {
        get { storage.content.protocols }
        _modify { yield &content.protocols }
    }
    /// The source port (`--sport`); absent unless the protocol has ports.
    @inlinable package var sourcePort: Presence<IntervalSet<UInt16>>? {
        get { storage.content.sourcePort }
        _modify { yield &content.sourcePort }
    }
    /// The destination port after DNAT (`--dport`); absent unless the protocol has ports.
    @inlinable package var destinationPort: Presence<IntervalSet<UInt16>>? {
        get { storage.content.destinationPort }
        _modify { yield &content.destinationPort }
    }
    /// Type and code of ICMP or ICMPv6 as `type << 8 | code`; absent for other protocols.
    @inlinable package var icmp: Presence<IntervalSet<UInt16>>? {
        get { storage.content.icmp }
        _modify { yield &content.icmp }
    }
    /// Tests of the TCP flags that all hold; absent for other protocols.
    @inlinable package var tcpFlags: Presence<[MaskedTest<UInt8>]>? {
        get { storage.content.tcpFlags }
        _modify { yield &content.tcpFlags }
    }
    /// Whether the packet is a fragment other than the first (`-f`).
    @inlinable package var isLaterFragment: Bool? {
        get { storage.content.isLaterFragment }
        _modify { yield &content.isLaterFragment }
    }
    /// What conntrack says; never absent, since a packet without an entry is invalid or untracked.
    @inlinable package var state: ConntrackStateSet? {
        get { storage.content.state }
        _modify { yield &content.state }
    }
    /// The direction; absent without an entry.
    @inlinable package var direction: Presence<ConntrackDirectionSet>? {
        get { storage.content.direction }
        _modify { yield &content.direction }
    }
    /// Tests of the status bits that all hold; absent without an entry.
    @inlinable package var status: Presence<[MaskedTest<UInt32>]>? {
        get { storage.content.status }
        _modify { yield &content.status }
    }
    /// Source address of the original tuple; absent without an entry.
    @inlinable package var originalSource: Presence<IPAddressSet>? {
        get { storage.content.originalSource }
        _modify { yield &content.originalSource }
    }
    /// Destination address of the original tuple: what the client dialled; absent without an entry.
    @inlinable package var originalDestination: Presence<IPAddressSet>? {
        get { storage.content.originalDestination }
        _modify { yield &content.originalDestination }
    }
    /// Protocol of the original tuple; absent without an entry.
    @inlinable package var originalProtocol: Presence<IntervalSet<UInt8>>? {
        get { storage.content.originalProtocol }
        _modify { yield &content.originalProtocol }
    }
    /// Source port of the original tuple, 16 raw bits whatever the protocol; absent without an entry.
    @inlinable package var originalSourcePort: Presence<IntervalSet<UInt16>>? {
        get { storage.content.originalSourcePort }
        _modify { yield &content.originalSourcePort }
    }
    /// Destination port of the original tuple, 16 raw bits whatever the protocol; absent without an entry.
    @inlinable package var originalDestinationPort: Presence<IntervalSet<UInt16>>? {
        get { storage.content.originalDestinationPort }
        _modify { yield &content.originalDestinationPort }
    }
    /// Tests of the connection's mark that all hold; absent without an entry.
    @inlinable package var connectionMark: Presence<[MaskedTest<UInt32>]>? {
        get { storage.content.connectionMark }
        _modify { yield &content.connectionMark }
    }
    /// Fields that are numbers, and rarely asked for.
    @inlinable package var numbers: [NumericField: Presence<IntervalSet<UInt64>>] {
        get { storage.content.numbers }
        _modify { yield &content.numbers }
    }
    /// Tests of the packet's mark that all hold.
    @inlinable package var mark: [MaskedTest<UInt32>] {
        get { storage.content.mark }
        _modify { yield &content.mark }
    }
    /// To whom the packet was addressed on its link.
    @inlinable package var packetType: PacketTypeSet? {
        get { storage.content.packetType }
        _modify { yield &content.packetType }
    }
    /// What the routing table says of its addresses; all hold.
    @inlinable package var addressTypes: [AddressTypeTest] {
        get { storage.content.addressTypes }
        _modify { yield &content.addressTypes }
    }
}
