internal import FirewallIR
internal import PacketModel

extension Box {
    /// The packets that are in both boxes; `nil` if no box says which interfaces both mean.
    func intersection(_ other: Box) -> Box? {
        var box = self
        do {
            if let set = other.inInterface { try box.inInterface.narrow(to: set) }
            if let set = other.outInterface { try box.outInterface.narrow(to: set) }
        } catch {
            return nil
        }
        box.families.formIntersection(other.families)
        box.narrowHeader(to: other)
        box.narrowConnection(to: other)
        box.mark += other.mark
        if let types = other.packetType { box.packetType.narrow(to: types) }
        box.addressTypes += other.addressTypes
        if let isLater = other.isLaterFragment {
            // A packet is either: one that is both has no family left.
            if box.isLaterFragment == !isLater { box.families = [] }
            box.isLaterFragment = isLater
        }
        return box
    }

    private mutating func narrowHeader(to other: Box) {
        if let set = other.source { source.narrow(to: set) }
        if let set = other.destination { destination.narrow(to: set) }
        if let set = other.protocols { protocols.narrow(to: set) }
        if let set = other.sourcePort { sourcePort.narrow(to: set) }
        if let set = other.destinationPort { destinationPort.narrow(to: set) }
        if let set = other.icmp { icmp.narrow(to: set) }
        tcpFlags = Self.joined(tcpFlags, other.tcpFlags)
        for (field, set) in other.numbers { numbers[field] = numbers[field]?.intersection(set) ?? set }
    }

    private mutating func narrowConnection(to other: Box) {
        if let set = other.state { state.narrow(to: set) }
        if let set = other.direction { direction.narrow(to: set) }
        status = Self.joined(status, other.status)
        if let set = other.originalSource { originalSource.narrow(to: set) }
        if let set = other.originalDestination { originalDestination.narrow(to: set) }
        if let set = other.originalProtocol { originalProtocol.narrow(to: set) }
        if let set = other.originalSourcePort { originalSourcePort.narrow(to: set) }
        if let set = other.originalDestinationPort { originalDestinationPort.narrow(to: set) }
        connectionMark = Self.joined(connectionMark, other.connectionMark)
    }

    /// The tests of both; absence passes only if it does in both.
    private static func joined<Value>(
        _ a: Presence<[MaskedTest<Value>]>?, _ b: Presence<[MaskedTest<Value>]>?
    ) -> Presence<[MaskedTest<Value>]>? {
        guard let a, let b else { return a ?? b }
        return Presence(a.values + b.values, allowsAbsent: a.allowsAbsent && b.allowsAbsent)
    }
}

extension FirewallRule {
    /// The stages, of which all but the last have a guard: what no guard keeps apart is one stage.
    var stagesBehindGuards: [RuleStage] {
        var result: [RuleStage] = []
        for stage in allStages {
            if let last = result.last, last.guards.isEmpty, let boxes = last.condition.intersection(stage.condition) {
                result[result.count - 1] = RuleStage(
                    condition: boxes, opaque: last.opaque + stage.opaque, guards: stage.guards)
            } else {
                result.append(stage)
            }
        }
        return result
    }
}

extension [Box] {
    /// The packets in both unions of boxes.
    fileprivate func intersection(_ other: [Box]) -> [Box]? {
        var result: [Box] = []
        for a in self {
            for b in other {
                guard let both = a.intersection(b) else { return nil }
                result.append(both)
            }
        }
        return result
    }
}
