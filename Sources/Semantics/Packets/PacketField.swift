/// The fields of a packet on which a rule can depend.
package enum PacketField: String, CaseIterable, Hashable, Sendable {
    case family
    case inInterface = "in-interface"
    case outInterface = "out-interface"
    case source
    case destination
    case proto = "protocol"
    case sourcePort = "source-port"
    case destinationPort = "destination-port"
    case icmp
    case tcpFlags = "tcp-flags"
    case fragment
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
    case addressType = "address-type"
}
