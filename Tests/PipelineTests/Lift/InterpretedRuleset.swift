import FirewallIR
import PacketModel
import Semantics

/// Scopes of the IR, evaluated by the interpreter, in the terms of the oracles.
struct InterpretedRuleset {
    private let scopes: [(interpreter: Interpreter, guards: [Circumstances.GuardPlace: Outcome.Event])]

    init(_ scopes: [Scope]) {
        self.scopes = scopes.map { (Interpreter($0), $0.guardEvents) }
    }

    func outcome(of packet: Packet) -> Outcome {
        var outcome = Outcome()
        for (interpreter, guards) in scopes {
            let answers = guards.compactMapValues { event in
                if case .asked(let parameters) = event { packet.passes(parameters) } else { nil }
            }
            let evaluation = interpreter.evaluate(PacketState(packet), Circumstances(guards: answers))
            outcome.events += evaluation.events.compactMap { $0.oracleEvent(guards) }
            guard evaluation.verdict == .leave else {
                outcome.verdict = evaluation.verdict.oracleVerdict
                return outcome
            }
            if evaluation.decidedBy?.verdict == .leave { return outcome }
        }
        return outcome
    }
}

extension PacketState {
    /// The packet of the oracles, with the same answers of the routing table.
    init(_ packet: Packet) {
        self.init(
            family: packet.family, inInterface: packet.inInterface, outInterface: packet.outInterface,
            source: packet.source, destination: packet.destination, proto: IPProtocol(rawValue: packet.proto),
            sourcePort: packet.sourcePort, destinationPort: packet.destinationPort, icmp: packet.icmp,
            tcpFlags: packet.tcpFlags.map { TCPFlags(rawValue: $0) }, isLaterFragment: packet.isLaterFragment,
            state: packet.state, entry: packet.entry.map { ConntrackEntry($0) }, mark: packet.mark,
            packetType: packet.packetType, time: packet.now)
        for side in [AddressTypeTest.Side.source, .destination] {
            for interface in [AddressTypeTest.Interface?.none, .in, .out] {
                addressTypes[AddressTypeQuestion(side, interface: interface)] = packet.addressType(
                    isSource: side == .source, interface: interface?.rawValue)
            }
        }
    }
}

extension ConntrackEntry {
    fileprivate init(_ entry: Packet.Entry) {
        self.init(
            direction: entry.direction, status: ConntrackStatus(rawValue: entry.status), source: entry.source,
            destination: entry.destination, proto: IPProtocol(rawValue: entry.proto), sourcePort: entry.sourcePort,
            destinationPort: entry.destinationPort)
    }
}

extension Scope {
    /// What each guard is called by the oracles: its parameters.
    fileprivate var guardEvents: [Circumstances.GuardPlace: Outcome.Event] {
        var events: [Circumstances.GuardPlace: Outcome.Event] = [:]
        for rule in chains.flatMap(\.rules) {
            for (index, one) in rule.guards.enumerated() {
                events[Circumstances.GuardPlace(rule: rule.id, index: index)] = one.oracleEvent
            }
        }
        return events
    }
}

extension Guard {
    fileprivate var oracleEvent: Outcome.Event? {
        switch self {
        case .limit(let limit): .limit(limit.count, limit.unit, limit.burst)
        case .quota(let bytes): .quota(bytes)
        default: nil
        }
    }
}

extension Evaluation.Event {
    fileprivate func oracleEvent(_ guards: [Circumstances.GuardPlace: Outcome.Event]) -> Outcome.Event? {
        switch self {
        case .asked(let place): guards[place]
        case .effect(.log(let prefix, let level)): .log(prefix: prefix, level: level.number)
        case .effect(.setMark(let value, let mask)): .mark(value: value, mask: mask)
        case .effect(.count): nil
        }
    }
}

extension PacketVerdict {
    fileprivate var oracleVerdict: Outcome.Verdict {
        switch self {
        case .leave: .leave
        case .accept: .accept
        case .drop: .drop
        case .reject(let kind): .reject(kind)
        }
    }
}
