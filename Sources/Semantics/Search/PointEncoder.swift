internal import FirewallIR
internal import PacketModel

extension Query {
    /// The point at which a packet is, by the answers of opaque matches and guards on each side: the way back from
    /// `PointDecoder`.
    func point(of packet: PacketState, _ circumstances: [Circumstances]) -> [Dimension: ClosedRange<UInt32>] {
        Dictionary(
            uniqueKeysWithValues: space.axes.map { axis in
                let atom = atom(of: packet, circumstances, axis.dimension) ?? axis.absent ?? 0
                return (axis.dimension, atom...atom)
            })
    }

    /// The atom of a packet in one dimension; `nil` if it lacks the field.
    private func atom(of packet: PacketState, _ circumstances: [Circumstances], _ dimension: Dimension) -> UInt32? {
        let domains = space.domains
        let entry = packet.entry
        return switch dimension {
        case .inInterface: domains.interfaces.atom(of: packet.inInterface)
        case .outInterface: domains.interfaces.atom(of: packet.outInterface)
        case .source: domains.sourceAtom(packet.source)
        case .destination: domains.destinationAtom(packet.destination)
        case .proto: domains.proto.atom(of: packet.proto.rawValue)
        case .sourcePort: packet.sourcePort.map { domains.sourcePort.atom(of: $0) }
        case .destinationPort: packet.destinationPort.map { domains.destinationPort.atom(of: $0) }
        case .icmp: packet.icmp.map { domains.icmp.atom(of: $0) }
        case .tcpFlags: packet.tcpFlags.map { domains.tcpFlags.atom(of: $0.rawValue) }
        case .fragment: packet.isLaterFragment ? 1 : 0
        case .state: Self.place(of: packet.state, in: Domains.states)
        case .direction: entry.flatMap { Self.place(of: $0.direction, in: Domains.directions) }
        case .status: entry.map { domains.status.atom(of: $0.status.rawValue) }
        case .originalSource: entry.map { domains.sourceAtom($0.source) }
        case .originalDestination: entry.map { domains.destinationAtom($0.destination) }
        case .originalProtocol: entry.map { domains.proto.atom(of: $0.proto.rawValue) }
        case .originalSourcePort: entry.map { domains.sourcePort.atom(of: $0.sourcePort) }
        case .originalDestinationPort: entry.map { domains.destinationPort.atom(of: $0.destinationPort) }
        case .connectionMark: entry.map { domains.connectionMark.atom(of: $0.mark) }
        case .number(let field): packet.number(field).flatMap { domains.numbers[field]?.atom(of: $0) }
        case .mark: domains.mark.atom(of: packet.mark)
        case .packetType: Self.place(of: packet.packetType, in: Domains.packetTypes)
        case .addressType(let question): Self.place(of: packet.addressType(question), in: domains.addressTypes)
        case .time: domains.time.atom(of: Domains.ordered(packet.time))
        case .opaque(let match): circumstances.contains { $0.opaque[match] == true } ? 1 : 0
        case .guarded(let number):
            guards.members[number].allSatisfy { circumstances[$0.side].lets($0.place) } ? 1 : 0
        }
    }

    private static func place<Value: Equatable>(of value: Value, in values: [Value]) -> UInt32? {
        values.firstIndex(of: value).map { UInt32($0) }
    }
}

extension Domains {
    fileprivate func sourceAtom(_ address: IPAddress) -> UInt32 {
        switch address {
        case .v4(let value): source4.atom(of: value)
        case .v6(let value): source6.atom(of: value)
        }
    }

    fileprivate func destinationAtom(_ address: IPAddress) -> UInt32 {
        switch address {
        case .v4(let value): destination4.atom(of: value)
        case .v6(let value): destination6.atom(of: value)
        }
    }
}
