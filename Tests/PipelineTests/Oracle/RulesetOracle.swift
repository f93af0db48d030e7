import FirewallIR
import PacketModel

/// What a rule set of the IR does with a packet: the meaning that both backends have to keep.
struct RulesetOracle {
    let ruleset: Ruleset

    func outcome(of packet: Packet) -> Outcome {
        var packet = packet
        var outcome = Outcome()
        for scope in ruleset.scopes where scope.families.contains(FamilySet(packet.family)) {
            let chains = Dictionary(uniqueKeysWithValues: scope.chains.map { ($0.name, $0.rules) })
            var walk = Walk(chains[scope.entry] ?? [])
            while let rule = walk.next() {
                guard rule.matches(packet, &outcome) else { continue }
                for effect in rule.effects { effect.happen(&packet, &outcome) }
                switch rule.verdict {
                case .next: break
                case .leave: return outcome
                case .accept:
                    outcome.verdict = .accept
                    return outcome
                case .drop:
                    outcome.verdict = .drop
                    return outcome
                case .reject(let kind):
                    outcome.verdict = .reject(kind)
                    return outcome
                case .jump(let name): walk.jump(chains[name] ?? [])
                case .goto(let name): walk.goto(chains[name] ?? [])
                case .return: walk.return()
                }
            }
        }
        return outcome
    }
}

extension FirewallRule {
    fileprivate func matches(_ packet: Packet, _ outcome: inout Outcome) -> Bool {
        guard condition.contains(where: { $0.contains(packet) }) else { return false }
        for match in opaque {
            switch match {
            case .before(let instant): if packet.now >= instant { return false }
            case .extension_: return false
            }
        }
        for one in guards {
            switch one {
            case .limit(let limit):
                if !packet.asks(.limit(limit.count, limit.unit, limit.burst), &outcome) { return false }
            case .quota(let bytes): if !packet.asks(.quota(bytes), &outcome) { return false }
            default: return false
            }
        }
        return true
    }
}

extension Effect {
    fileprivate func happen(_ packet: inout Packet, _ outcome: inout Outcome) {
        switch self {
        case .log(let prefix, let level): outcome.events.append(.log(prefix: prefix, level: level.number))
        case .setMark(let value, let mask):
            outcome.events.append(.mark(value: value, mask: mask))
            packet.mark = packet.mark & ~mask | value
        case .count: break
        }
    }
}

extension Box {
    /// Whether a packet is in the box.
    func contains(_ packet: Packet) -> Bool {
        guard families.contains(FamilySet(packet.family)) else { return false }
        if let inInterface, !inInterface.contains(packet.inInterface) { return false }
        if let outInterface, !outInterface.contains(packet.outInterface) { return false }
        if let source, !source.contains(packet.source) { return false }
        if let destination, !destination.contains(packet.destination) { return false }
        if let protocols, !protocols.contains(packet.proto) { return false }
        if let isLaterFragment, isLaterFragment != packet.isLaterFragment { return false }
        if let state, !state.contains(packet.state) { return false }
        if let packetType, !packetType.contains(packet.packetType) { return false }
        return containsHeader(of: packet) && containsConnection(of: packet)
            && mark.allSatisfy { $0.matches(packet.mark) }
            && addressTypes.allSatisfy { test in
                let type = packet.addressType(isSource: test.side == .source, interface: test.interface?.rawValue)
                return test.types.contains(type) != test.isNegated
            }
    }

    private func containsHeader(of packet: Packet) -> Bool {
        sourcePort.holds(packet.sourcePort) { $0.contains($1) }
            && destinationPort.holds(packet.destinationPort) { $0.contains($1) }
            && icmp.holds(packet.icmp) { $0.contains($1) }
            && tcpFlags.holds(packet.tcpFlags) { tests, flags in tests.allSatisfy { $0.matches(flags) } }
    }

    private func containsConnection(of packet: Packet) -> Bool {
        direction.holds(packet.entry?.direction) { $0.contains($1) }
            && status.holds(packet.entry?.status) { tests, status in tests.allSatisfy { $0.matches(status) } }
            && originalSource.holds(packet.entry?.source) { $0.contains($1) }
            && originalDestination.holds(packet.entry?.destination) { $0.contains($1) }
            && originalProtocol.holds(packet.entry?.proto) { $0.contains($1) }
            && originalSourcePort.holds(packet.entry?.sourcePort) { $0.contains($1) }
            && originalDestinationPort.holds(packet.entry?.destinationPort) { $0.contains($1) }
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
