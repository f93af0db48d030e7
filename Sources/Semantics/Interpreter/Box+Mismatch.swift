package import FirewallIR
internal import PacketModel

extension Box {
    /// Whether a packet is in the box.
    package func contains(_ packet: PacketState) -> Bool { mismatch(with: packet) == nil }

    /// The first field of the packet that the box does not hold; `nil` if the packet is in the box.
    package func mismatch(with packet: PacketState) -> PacketField? {
        if !families.contains(FamilySet(packet.family)) { return .family }
        if let inInterface, !inInterface.contains(packet.inInterface) { return .inInterface }
        if let outInterface, !outInterface.contains(packet.outInterface) { return .outInterface }
        if let source, !source.contains(packet.source) { return .source }
        if let destination, !destination.contains(packet.destination) { return .destination }
        if let protocols, !protocols.contains(packet.proto.rawValue) { return .proto }
        if let isLaterFragment, isLaterFragment != packet.isLaterFragment { return .fragment }
        if let state, !state.contains(packet.state) { return .state }
        if let packetType, !packetType.contains(packet.packetType) { return .packetType }
        return headerMismatch(with: packet) ?? connectionMismatch(with: packet) ?? metaMismatch(with: packet)
    }

    private func headerMismatch(with packet: PacketState) -> PacketField? {
        if !sourcePort.holds(packet.sourcePort, { $0.contains($1) }) { return .sourcePort }
        if !destinationPort.holds(packet.destinationPort, { $0.contains($1) }) { return .destinationPort }
        if !icmp.holds(packet.icmp, { $0.contains($1) }) { return .icmp }
        if !tcpFlags.holds(packet.tcpFlags?.rawValue, { tests, flags in tests.allSatisfy { $0.matches(flags) } }) {
            return .tcpFlags
        }
        return nil
    }

    private func connectionMismatch(with packet: PacketState) -> PacketField? {
        let entry = packet.entry
        if !direction.holds(entry?.direction, { $0.contains($1) }) { return .direction }
        if !status.holds(entry?.status.rawValue, { tests, status in tests.allSatisfy { $0.matches(status) } }) {
            return .status
        }
        if !originalSource.holds(entry?.source, { $0.contains($1) }) { return .originalSource }
        if !originalDestination.holds(entry?.destination, { $0.contains($1) }) { return .originalDestination }
        if !originalProtocol.holds(entry?.proto.rawValue, { $0.contains($1) }) { return .originalProtocol }
        if !originalSourcePort.holds(entry?.sourcePort, { $0.contains($1) }) { return .originalSourcePort }
        if !originalDestinationPort.holds(entry?.destinationPort, { $0.contains($1) }) {
            return .originalDestinationPort
        }
        if !connectionMark.holds(entry?.mark, { tests, mark in tests.allSatisfy { $0.matches(mark) } }) {
            return .connectionMark
        }
        return nil
    }

    private func metaMismatch(with packet: PacketState) -> PacketField? {
        if !mark.allSatisfy({ $0.matches(packet.mark) }) { return .mark }
        if !numbers.isEmpty {
            let failing = NumericField.allCases.first { !numbers[$0].holds(packet.number($0), { $0.contains($1) }) }
            if let failing { return failing.packetField }
        }
        let typesHold = addressTypes.allSatisfy { test in
            test.types.contains(packet.addressType(test.question)) != test.isNegated
        }
        return typesHold ? nil : .addressType
    }
}

extension Optional {
    /// Whether a field passes a restriction, if there is one.
    fileprivate func holds<Values, Value>(_ field: Value?, _ test: (Values, Value) -> Bool) -> Bool
    where Wrapped == Presence<Values> {
        guard let self else { return true }
        return field.map { test(self.values, $0) } ?? self.allowsAbsent
    }
}
