import FirewallIR
import PacketModel
import Semantics

/// What a rule set of the IR does with a packet, by the interpreter: the meaning that both backends have to keep.
struct RulesetOracle {
    private let interpreters: [Interpreter]
    private let guards: [Circumstances.GuardPlace: Outcome.Event]

    init(ruleset: Ruleset) { self.init(scopes: ruleset.scopes) }

    init(scopes: [Scope]) {
        interpreters = scopes.map { Interpreter($0) }
        let rules = scopes.flatMap(\.chains).flatMap(\.rules)
        let all = rules.flatMap { rule in
            rule.guards.enumerated().map { (Circumstances.GuardPlace(rule: rule.id, index: $0), Outcome.Event($1)) }
        }
        guards = Dictionary(all) { first, _ in first }
    }

    func outcome(of packet: Packet) -> Outcome {
        var outcome = Outcome()
        let circumstances = Circumstances(guards: guards.mapValues { packet.passes($0) })
        for interpreter in interpreters {
            let evaluation = interpreter.evaluate(PacketState(packet), circumstances)
            outcome.events += evaluation.events.compactMap(event)
            outcome.verdict = Outcome.Verdict(evaluation.verdict)
            if evaluation.decidedBy != nil { break }
        }
        return outcome
    }

    private func event(_ event: Evaluation.Event) -> Outcome.Event? {
        switch event {
        case .asked(let place): guards[place]
        case .effect(.log(let prefix, let level, _)): .log(prefix: prefix, level: level.number)
        case .effect(.setMark(let value, let mask)): .mark(value: value, mask: mask)
        case .effect(.count), .effect(.netlinkLog), .effect(.connectionMark), .effect(.module): nil
        }
    }
}

extension Outcome.Event {
    /// A guard that is asked.
    fileprivate init(_ one: Guard) {
        switch one {
        case .limit(let limit): self = .limit(limit.count, limit.unit, limit.burst)
        case .quota(let bytes): self = .quota(bytes)
        default: preconditionFailure("no backend has \(one.text) yet, and no random rule set asks it")
        }
    }
}

extension Outcome.Verdict {
    fileprivate init(_ verdict: PacketVerdict) {
        switch verdict {
        case .leave: self = .leave
        case .accept: self = .accept
        case .drop: self = .drop
        case .reject(let kind): self = .reject(kind)
        case .queue: preconditionFailure("no random rule set hands packets to a queue")
        }
    }
}

extension PacketState {
    /// A packet of the tests as the interpreter takes it.
    fileprivate init(_ packet: Packet) {
        self.init(
            family: packet.family, inInterface: packet.inInterface, outInterface: packet.outInterface,
            source: packet.source, destination: packet.destination, proto: IPProtocol(rawValue: packet.proto),
            sourcePort: packet.sourcePort, destinationPort: packet.destinationPort, icmp: packet.icmp,
            tcpFlags: packet.tcpFlags.map { TCPFlags(rawValue: $0) }, isLaterFragment: packet.isLaterFragment,
            state: packet.state, entry: packet.entry.map { ConntrackEntry($0) }, mark: packet.mark,
            packetType: packet.packetType, addressTypes: packet.addressTypes, time: packet.now)
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

extension Packet {
    /// The answers of the routing table to all questions.
    fileprivate var addressTypes: [AddressTypeQuestion: AddressTypeSet] {
        var types: [AddressTypeQuestion: AddressTypeSet] = [:]
        for side in [AddressTypeTest.Side.source, .destination] {
            for interface in [nil, AddressTypeTest.Interface.in, .out] {
                types[AddressTypeQuestion(side, interface: interface)] = addressType(
                    isSource: side == .source, interface: interface?.rawValue)
            }
        }
        return types
    }
}
