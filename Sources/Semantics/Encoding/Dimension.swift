internal import FirewallIR

/// One coordinate of the space that a query looks at: a field of the packet, or an answer that is no function of it.
enum Dimension: Hashable {
    case inInterface
    case outInterface
    case source
    case destination
    case proto
    case sourcePort
    case destinationPort
    case icmp
    case tcpFlags
    case fragment
    case state
    case direction
    case status
    case originalSource
    case originalDestination
    case originalProtocol
    case originalSourcePort
    case originalDestinationPort
    case connectionMark
    case number(NumericField)
    case mark
    case packetType
    case time
    case addressType(AddressTypeQuestion)
    case opaque(OpaqueMatch)
    /// A guard, by its number among the pairs of the query.
    case guarded(Int)

    /// Whether the field comes from a conntrack entry, so that it is absent without one.
    var isOfEntry: Bool {
        switch self {
        case .direction, .status, .originalSource, .originalDestination, .originalProtocol, .originalSourcePort,
            .originalDestinationPort, .connectionMark:
            true
        default: false
        }
    }

    /// Whether packets can lack the field, whatever else they are.
    var isOptional: Bool { if case .number(let field) = self { field.mayBeAbsent } else { false } }

    /// Whether the field is in the header behind the IP header.
    var isOfHeader: Bool {
        switch self {
        case .sourcePort, .destinationPort, .icmp, .tcpFlags: true
        default: false
        }
    }
}
