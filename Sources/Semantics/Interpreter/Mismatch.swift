/// A field of a packet that is not what a rule wants.
package struct Mismatch: Hashable, Sendable {
    /// The field.
    package var field: PacketField
    /// What the packet has; `nil` where it lacks the field.
    package var found: String?
    /// What the rule wants.
    package var wanted: String

    /// `destination port dialled is 8080, the rule wants 443`.
    package var text: String {
        guard let found else { return "there is no \(field.words), the rule wants \(wanted)" }
        return "\(field.words) \(field == .tcpFlags ? "are" : "is") \(found), the rule wants \(wanted)"
    }
}

extension PacketField {
    /// The field in plain words.
    package var words: String {
        switch self {
        case .family: "address family"
        case .inInterface: "in-interface"
        case .outInterface: "out-interface"
        case .source: "source"
        case .destination: "destination (after DNAT)"
        case .proto: "protocol"
        case .sourcePort: "source port"
        case .destinationPort: "destination port (after DNAT)"
        case .icmp: "ICMP type"
        case .tcpFlags: "TCP flags"
        case .fragment: "fragment"
        case .state: "connection state"
        case .direction: "connection direction"
        case .status: "connection status"
        case .originalSource: "source that dialled"
        case .originalDestination: "destination dialled"
        case .originalProtocol: "protocol dialled"
        case .originalSourcePort: "source port that dialled"
        case .originalDestinationPort: "destination port dialled"
        case .connectionMark: "connection mark"
        case .length: "length"
        case .hopLimit: "time to live"
        case .dscp: "DSCP"
        case .sourceMAC: "link address"
        case .mark: "mark"
        case .packetType: "packet type"
        case .addressType: "address type"
        }
    }
}
