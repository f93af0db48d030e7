import FirewallIR
import IPTablesBackend
import PacketModel
import Semantics

/// What a rule set of the IR does with a packet, by the interpreter: the meaning that both backends have to keep.
struct RulesetOracle {
    private let interpreters: [Interpreter]
    private let guards: [Circumstances.GuardPlace: Outcome.Event]

    private let opaque: Set<OpaqueMatch>
    /// What the words of `-m conntrack` mean that stay as they are.
    private let conntrack: [[String]: ConntrackMatch]

    init(ruleset: Ruleset) { self.init(scopes: ruleset.scopes) }

    init(scopes: [Scope], conntrack: [[String]: ConntrackMatch] = [:]) {
        self.conntrack = conntrack
        interpreters = scopes.map { Interpreter($0) }
        let rules = scopes.flatMap(\.chains).flatMap(\.rules)
        let all = rules.flatMap { rule in
            rule.allGuards.enumerated().map { (Circumstances.GuardPlace(rule: rule.id, index: $0), Outcome.Event($1)) }
        }
        guards = Dictionary(all) { first, _ in first }
        opaque = Set(
            rules.flatMap(\.allStages).flatMap(\.opaque).map { if case .not(let match) = $0 { match } else { $0 } })
    }

    func outcome(of packet: Packet) -> Outcome {
        var outcome = Outcome()
        let answers = opaque.map { ($0, holds($0, packet)) }
        let circumstances = Circumstances(
            opaque: Dictionary(uniqueKeysWithValues: answers), guards: guards.mapValues { packet.passes($0) })
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
        case .effect(.netlinkLog(let log)): .netlinkLog(group: log.group, prefix: log.prefix)
        case .effect(.connectionMark(let change)): .done("\(Self.target(change))")
        case .effect(.module(let name, let words)): .done(([name] + words).joined(separator: " "))
        case .effect(.count): nil
        }
    }

    private static func target(_ change: ConnectionMarkChange) -> ConnectionMarkTarget {
        switch change {
        case .set(let value, let mask): .set(value: value, mask: mask)
        case .save(let connection, let packet): .save(packetMask: packet, connectionMask: connection)
        case .restore(let connection, let packet): .restore(packetMask: packet, connectionMask: connection)
        }
    }

    /// What a match says that is no function of the modelled fields.
    private func holds(_ match: OpaqueMatch, _ packet: Packet) -> Bool {
        guard case .module(let name, let words) = match else { return false }
        switch name {
        case "conntrack": return conntrack[words]?.holds(packet) ?? false
        case "-s", "-d":
            let parts = words[0].split(separator: "/").compactMap { IPAddress($0) }
            return IPMaskedAddress(parts[0], mask: parts[1])?.contains(
                name == "-s" ? packet.source : packet.destination)
                ?? false
        default: return packet.meets(name, words)
        }
    }
}

extension Outcome.Event {
    /// A guard that is asked.
    fileprivate init(_ one: Guard) {
        switch one {
        case .limit(let limit): self = .limit(limit.count, limit.unit, limit.burst)
        case .quota(let bytes): self = .quota(bytes)
        case .module(let name, let words): self = .module(name, words)
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
        case .queue(let target): self = .queue(target.numbers)
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
        length = UInt32(packet.length)
        hopLimit = packet.hopLimit
        dscp = packet.dscp
        sourceMAC = packet.sourceMAC
    }
}

extension ConntrackEntry {
    fileprivate init(_ entry: Packet.Entry) {
        self.init(
            direction: entry.direction, status: ConntrackStatus(rawValue: entry.status), source: entry.source,
            destination: entry.destination, proto: IPProtocol(rawValue: entry.proto), sourcePort: entry.sourcePort,
            destinationPort: entry.destinationPort, mark: entry.mark)
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
