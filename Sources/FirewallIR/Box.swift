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
///
/// The fields are shared by all copies of a box until one of these is changed: rules are copied often, and changed rarely.
package struct Box: Hashable, Sendable {
    @usableFromInline var storage = Storage(BoxContent())

    /// All packets.
    package init() {}

    /// What copies share; it is changed only where there is no second one.
    @usableFromInline
    final class Storage: @unchecked Sendable {
        @usableFromInline @exclusivity(unchecked) var content: BoxContent

        @usableFromInline
        init(_ content: BoxContent) { self.content = content }
    }

    /// The fields.
    @inlinable var content: BoxContent {
        get { storage.content }
        _modify {
            if !isKnownUniquelyReferenced(&storage) { storage = Storage(storage.content) }
            yield &storage.content
        }
    }

    package static func == (a: Box, b: Box) -> Bool {
        a.storage === b.storage || a.storage.content == b.storage.content
    }

    package func hash(into hasher: inout Hasher) { storage.content.hash(into: &hasher) }
}

/// A look-up of an address in the routing table (`-m addrtype`, `fib`).
@usableFromInline
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
@usableFromInline
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

    @usableFromInline
    package static func < (a: NumericField, b: NumericField) -> Bool { a.rawValue < b.rawValue }
}
