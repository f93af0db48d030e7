package import FirewallIR
internal import PacketModel
package import Semantics

extension Assumption {
    /// Whether a packet is as the assumption says, where it says something of the hook.
    package func holds(for packet: PacketState, at hook: Scope.Hook = .containers) -> Bool {
        // What comes in is for this host, and what goes out may be.
        if self == .destinationNotLocal, hook == .input || hook == .output { return true }
        guard self != .defragmented else { return !packet.isLaterFragment }
        // That is no matter of packets.
        guard self != .noOtherTable else { return true }
        guard self != .destinationNotLocal else {
            // Nor do the routes of one interface call local what is not.
            return [nil, .in, .out].allSatisfy { interface in
                packet.addressType(AddressTypeQuestion(.destination, interface: interface)) != .local
            }
        }
        guard let entry = packet.entry else { return true }
        // Of related packets, ICMP errors alone speak of another connection than their own.
        let isError = packet.state == .related && packet.proto == packet.family.icmp
        let isFromClient = entry.direction == .original && !isError
        switch self {
        case .defragmented, .destinationNotLocal, .noOtherTable: return true
        case .openedByRequest:
            let requests: [UInt16] = packet.family == .ip ? [8, 13, 15, 17] : [128, 139]
            if packet.state == .new, let icmp = packet.icmp, !requests.contains(icmp >> 8) { return false }
            if entry.proto == packet.family.icmp { return requests.contains(entry.destinationPort >> 8) }
            if entry.proto.hasPorts || entry.proto.rawValue == 47 { return true }
            return entry.sourcePort == 0 && entry.destinationPort == 0
        case .newIsOriginal:
            return packet.state != .new || entry.direction == .original && !entry.status.contains(.seenReply)
        case .protocolOfConnection: return isError || packet.proto == entry.proto
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
