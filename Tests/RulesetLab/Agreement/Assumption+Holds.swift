internal import FirewallIR
internal import PacketModel
package import Semantics

extension Assumption {
    /// Whether a packet is as the assumption says.
    package func holds(for packet: PacketState) -> Bool {
        guard self != .defragmented else { return !packet.isLaterFragment }
        guard self != .destinationNotLocal else {
            return packet.addressType(AddressTypeQuestion(.destination)) != .local
        }
        guard let entry = packet.entry else { return true }
        let isFromClient = entry.direction == .original && packet.state != .related
        switch self {
        case .defragmented, .destinationNotLocal: return true
        case .openedByRequest:
            let requests: [UInt16] = packet.family == .ip ? [8, 13, 15, 17] : [128, 139]
            if packet.state == .new, let icmp = packet.icmp, !requests.contains(icmp >> 8) { return false }
            if entry.proto == packet.family.icmp { return requests.contains(entry.destinationPort >> 8) }
            if entry.proto.hasPorts || entry.proto.rawValue == 47 { return true }
            return entry.sourcePort == 0 && entry.destinationPort == 0
        case .newIsOriginal:
            return packet.state != .new || entry.direction == .original && !entry.status.contains(.seenReply)
        case .protocolOfConnection: return packet.state == .related || packet.proto == entry.proto
        case .sourceOfConnection:
            return !isFromClient || entry.source == packet.source && entry.sourcePort.agrees(with: packet.sourcePort)
        case .destinationOfConnection:
            return !isFromClient || entry.status.contains(.dnat)
                || entry.destination == packet.destination && entry.destinationPort.agrees(with: packet.destinationPort)
        }
    }
}

extension UInt16 {
    /// Whether a port of the packet, if it has one, is the connection's.
    fileprivate func agrees(with port: UInt16?) -> Bool { port.map { $0 == self } ?? true }
}
