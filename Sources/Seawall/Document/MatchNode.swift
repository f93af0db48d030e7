/// One low-level condition: a field of the packet, and the values that it may have; or something else that is asked.
package struct MatchNode: Hashable, Sendable {
    /// The values as written.
    package enum Values: Hashable, Sendable {
        case addresses(AddressExpression)
        case ports(PortExpression)
        case interfaces(InterfaceExpression)
        case names([String])
        case numbers(NumberExpression)
        /// Of the bits in the mask exactly those in the value are set.
        case masked(mask: UInt32, value: UInt32)
        /// Conditions of which all in any one list hold.
        case alternatives([[MatchNode]])
        case module(ModuleNode)
        /// At most so many packets; the others, if `isOver`.
        case rate(RateNode, isOver: Bool)
        case bytes(UInt64)
    }

    package var field: MatchField
    package var values: Values
    /// The field is there, and has none of the values.
    package var isNegated: Bool
    /// For address types: whether the interface of the packet counts (`in`, `out`).
    package var interface: String?
    /// Whether a packet without the field matches as well.
    package var allowsAbsent: Bool

    /// A condition.
    package init(
        field: MatchField, values: Values, isNegated: Bool = false, interface: String? = nil,
        allowsAbsent: Bool = false
    ) {
        self.field = field
        self.values = values
        self.isNegated = isNegated
        self.interface = interface
        self.allowsAbsent = allowsAbsent
    }
}

/// The fields of a packet that a low-level condition can name, and what else can be asked.
package enum MatchField: String, Hashable, Sendable, CaseIterable {
    case family
    case inInterface = "in-interface"
    case outInterface = "out-interface"
    case source
    case destination
    case proto = "protocol"
    case sourcePort = "source-port"
    case destinationPort = "destination-port"
    case icmpType = "icmp-type"
    case icmpv6Type = "icmpv6-type"
    /// Type and code as `type << 8 | code`, of ICMP or ICMPv6.
    case icmpMessage = "icmp-message"
    case tcpFlags = "tcp-flags"
    /// A later fragment, IPv4 alone.
    case fragment
    /// A later fragment of either family.
    case laterFragment = "later-fragment"
    case state
    case direction
    case status
    case originalSource = "original-source"
    case originalDestination = "original-destination"
    case originalProtocol = "original-protocol"
    case originalSourcePort = "original-source-port"
    case originalDestinationPort = "original-destination-port"
    case connectionMark = "connection-mark"
    case length
    case hopLimit = "hop-limit"
    case dscp
    case sourceMAC = "source-mac"
    case mark
    case packetType = "packet-type"
    case sourceType = "source-type"
    case destinationType = "destination-type"
    /// Nothing matches.
    case never
    /// What follows is asked behind what stands before, as it is behind a guard.
    case then
    /// Any of several lists of conditions.
    case anyOf = "any-of"
    /// The clock stands before an instant.
    case before
    /// A match of iptables that keeps no state.
    case module
    /// A match of iptables that keeps a state.
    case statefulModule = "stateful-module"
    /// A rate.
    case limit
    /// A number of bytes in all.
    case quota
}

extension MatchField {
    /// Whether asking it consumes something, so that what stands behind it is asked later.
    package var isGuard: Bool {
        switch self {
        case .statefulModule, .limit, .quota: true
        default: false
        }
    }

    /// Whether it is asked as a whole: the clock, or a match of iptables.
    package var isOpaque: Bool { self == .before || self == .module }

    /// Whether packets may lack the field.
    package var mayBeAbsent: Bool {
        switch self {
        case .sourcePort, .destinationPort, .icmpMessage, .tcpFlags, .direction, .status, .originalSource,
            .originalDestination, .originalProtocol, .originalSourcePort, .originalDestinationPort, .connectionMark,
            .sourceMAC:
            true
        default: false
        }
    }
}
