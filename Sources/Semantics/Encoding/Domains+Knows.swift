internal import FirewallIR
internal import PacketModel

extension Domains {
    /// Whether the sets that came to a column behind those that were known before divide none of its atoms.
    ///
    /// Of fields of bits, and of numbers that few rules ask for, that is not looked for: then nothing may be new.
    func knows(_ dimension: Dimension, in table: BoxTable, behind known: Int) -> Bool {
        switch dimension {
        case .inInterface: table.inInterface.values.dropFirst(known).allSatisfy(interfaces.knows)
        case .outInterface: table.outInterface.values.dropFirst(known).allSatisfy(interfaces.knows)
        case .source: addresses(table.source, source4, source6, known)
        case .destination: addresses(table.destination, destination4, destination6, known)
        case .originalSource: addresses(table.originalSource, source4, source6, known)
        case .originalDestination: addresses(table.originalDestination, destination4, destination6, known)
        case .proto: table.proto.values.dropFirst(known).allSatisfy(proto.knows)
        case .originalProtocol: present(table.originalProtocol, proto, known)
        case .sourcePort: present(table.sourcePort, sourcePort, known)
        case .originalSourcePort: present(table.originalSourcePort, sourcePort, known)
        case .destinationPort: present(table.destinationPort, destinationPort, known)
        case .originalDestinationPort: present(table.originalDestinationPort, destinationPort, known)
        case .icmp: present(table.icmp, icmp, known)
        case .fragment, .state, .direction, .packetType, .addressType: true
        case .tcpFlags, .status, .connectionMark, .number, .mark, .time, .opaque, .guarded: false
        }
    }

    private func present<Value>(
        _ column: Column<Presence<IntervalSet<Value>>>, _ ranks: Ranks<Value>, _ known: Int
    ) -> Bool { column.values.dropFirst(known).allSatisfy { ranks.knows($0.values) } }

    private func addresses(
        _ column: AddressColumn, _ v4: Ranks<UInt32>, _ v6: Ranks<UInt128>, _ known: Int
    ) -> Bool { family == .ip ? present(column.v4, v4, known) : present(column.v6, v6, known) }
}
