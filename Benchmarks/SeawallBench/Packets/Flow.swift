internal import FirewallIR
internal import PacketModel
internal import Semantics

/// The first packet of a connection to a published port: what a client sends.
struct Flow: Hashable {
    var source: UInt32
    var sourcePort: UInt16
    var proto: UInt8
    /// The port that was dialled.
    var port: UInt16

    /// The packet as the rules see it: behind DNAT.
    var state: PacketState {
        PacketState(
            family: .ip, inInterface: Road.outside, outInterface: Road.inside, source: .v4(source),
            destination: .v4(Road.container), proto: IPProtocol(rawValue: proto), sourcePort: sourcePort,
            destinationPort: Road.containerPort, tcpFlags: isTCP ? .syn : nil, state: .new,
            entry: ConntrackEntry(
                direction: .original, status: .dnat, source: .v4(source), destination: .v4(Road.router),
                proto: IPProtocol(rawValue: proto), sourcePort: sourcePort, destinationPort: port))
    }

    /// Whether it is a SYN; otherwise it is a datagram.
    var isTCP: Bool { proto == IPProtocol.tcp.rawValue }
}
