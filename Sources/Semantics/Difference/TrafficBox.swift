package import FirewallIR
package import PacketModel

/// Packets of a kind, as a product: each field has one of its values, independently of the others.
///
/// Address fields hold addresses of both families; a packet is held by the part of its own. What is no restriction is not
/// there, and a field that a packet may lack is there in each packet of a box that restricts it.
package struct TrafficBox: Hashable, Sendable {
    /// The families.
    package var families: FamilySet
    /// What conntrack takes the packets for.
    package var kinds: TrafficKinds
    /// The values of the fields that matter.
    package var fields: [TrafficField: TrafficValues]
}

/// A field of packets, or an answer that is no function of it, in the order in which people look at them.
package enum TrafficField: Hashable, Sendable {
    case proto
    /// The port that was dialled.
    case dialledPort
    case icmp
    case source
    case inInterface
    case outInterface
    /// The address that was dialled.
    case dialled
    /// The protocol that was dialled, where that can be another.
    case dialledProtocol
    /// The port behind Docker's DNAT.
    case containerPort
    /// The address behind Docker's DNAT.
    case container
    case sourcePort
    /// The address of the side that dialled, where that can be another than the packet's.
    case client
    /// The port of the side that dialled, where that can be another than the packet's.
    case clientPort
    case tcpFlags
    case status
    case connectionMark
    case number(NumericField)
    case mark
    case packetType
    case addressType(AddressTypeQuestion)
    case time
    case opaque(OpaqueMatch)
    /// Whether a guard lets the packet on.
    case guarded(Guard, rule: String)
}

/// The values of a field.
package enum TrafficValues: Hashable, Sendable {
    case addresses(IPAddressSet)
    case protocols(IntervalSet<UInt8>)
    /// Ports, or type and code of ICMP.
    case numbers(IntervalSet<UInt16>)
    case interfaces(InterfaceNames)
    /// Numbers of a field of its own, and whether packets without it are held as well.
    case numbersOf(NumericField, Presence<IntervalSet<UInt64>>)
    /// All tests of one of the lists hold.
    case bits([[MaskedTest<UInt32>]])
    case packetTypes(PacketTypeSet)
    case addressTypes(AddressTypeSet)
    /// Seconds since 1970, with the sign bit turned so that the order is kept.
    case instants(IntervalSet<UInt64>)
    /// Whether a match holds, or a guard lets the packet on.
    case answer(Bool)
}

extension TrafficField {
    /// The place among the fields of a box.
    package var order: Int {
        switch self {
        case .proto: 0
        case .dialledPort: 1
        case .icmp: 2
        case .source: 3
        case .inInterface: 4
        case .outInterface: 5
        case .dialled: 6
        case .dialledProtocol: 7
        case .containerPort: 8
        case .container: 9
        case .sourcePort: 10
        case .client: 11
        case .clientPort: 12
        case .tcpFlags: 13
        case .status: 14
        case .connectionMark: 15
        case .number: 16
        case .mark: 17
        case .packetType: 18
        case .addressType(let question): 19 + question.order
        case .time: 25
        case .opaque: 26
        case .guarded: 27
        }
    }
}
