import FirewallIR
import PacketLab
import PacketModel
import RulesetLab
import Semantics

/// Random packets that the lab can send, with the values that `RandomPolicy` asks for: no two of them of one connection.
struct LabPackets {
    private let family: AddressFamily
    private var random: RulesetLab.SeededGenerator
    private var number: UInt16
    /// Connections without a number of their own that were begun: in either direction.
    private var begun: Set<Unnumbered> = []

    private struct Unnumbered: Hashable {
        var ends: Set<IPAddress>
        var proto: UInt8
    }

    /// An address behind the client, at which nobody answers.
    static func far(_ family: AddressFamily) -> IPAddress {
        family == .ip ? .v4(0x0a00_0005) : .v6(0x2001_0db8_0001 << 80 | 5)
    }

    /// So many new, invalid and untracked packets, and those of the connections that stand.
    static func draw(_ count: Int, _ family: AddressFamily, seed: UInt64) -> [LabPacket] {
        var packets = LabPackets(
            family: family, random: RulesetLab.SeededGenerator(seed: seed), number: family == .ip ? 20_000 : 30_000)
        return packets.standing() + (0..<count).compactMap { _ in packets.packet() }
    }

    private mutating func standing() -> [LabPacket] {
        let errors: [(UInt8, UInt8)] = family == .ip ? [(3, 3), (3, 1), (11, 0)] : [(1, 4), (1, 3), (3, 0)]
        return StandingConnection.all(family).flatMap { connection in
            var packets = [connection.original, connection.reply]
            // A reset tells by its port alone which packet it answers.
            let isTCP = connection.entry.proto == .tcp
            packets += isTCP ? [] : packets.map { $0.marked(random.pick([1, 2])) }
            let (type, code) = random.pick(errors)
            let neighbours: [Host] = connection.client == .client ? [.client, .stranger] : [connection.client]
            return packets + connection.errors(type, code, from: neighbours)
        }
    }

    private mutating func packet() -> LabPacket? {
        number += 1
        return random.oneIn(3) ? published() : direct()
    }

    private mutating func trafficClass() -> UInt8 { random.oneIn(3) ? random.pick([1, 2, 3]) : 0 }

    // MARK: - Through published ports

    private mutating func published() -> LabPacket? {
        // Port 113 is left to the connection that stands.
        let port = random.pick(PublishedPort.usual.filter { $0.host != 113 })
        let sender = random.pick([Host.client, .client, .stranger, .neighbour, .database])
        if sender == port.container { return nil }
        let payload: (UInt16) -> Packet.Payload = { [number] destination in
            switch port.transport {
            case .tcp: .tcp(source: number, destination: destination)
            case .udp: .udp(source: number, destination: destination)
            default: .sctp(source: number, destination: destination)
            }
        }
        let packet = Packet(
            from: source(of: sender, receiver: port.container), to: Host.router.address(family), payload(port.host)
        ).with { $0.trafficClass = trafficClass() }
        return LabPacket(
            Probe(packet, from: sender, reaches: port.container), to: port.container.address(family), port: port.port,
            connection: packet.connection(.dnat), .new)
    }

    private mutating func source(of sender: Host, receiver: Host) -> IPAddress {
        let isOutside = [Host.client, .stranger, .neighbour].contains(sender) && receiver != .client
        return isOutside && random.oneIn(4) ? Self.far(family) : sender.address(family)
    }

    // MARK: - Routed directly

    private mutating func direct() -> LabPacket? {
        let sender = random.pick([Host.client, .client, .stranger, .neighbour, .web, .web, .database, .peer])
        let outside = [Host.client, .neighbour]
        let receivers =
            switch sender {
            case .web, .peer: outside + [.database]
            case .database: outside + [.web, .peer]
            case .neighbour: [Host.web, .web, .database, .client]
            default: [Host.web, .web, .peer, .database, .neighbour]
            }
        let receiver = random.pick(receivers)
        let source = source(of: sender, receiver: receiver)
        let (payload, isNew) = payload()
        var packet = Packet(from: source, to: receiver.address(family), payload)
        packet.trafficClass = trafficClass()
        var state: ConntrackStateSet = isNew ? .new : .invalid
        if random.oneIn(6) {
            packet.trafficClass = TrafficClass.untracked
            state = .untracked
        } else if random.oneIn(8), payload.hasChecksum {
            packet.hasWrongChecksum = true
            state = .invalid
        }
        if state == .new, case .other(let proto) = payload {
            // Containers are masqueraded by one address, and nothing else would tell their connections apart.
            let isInside = [Host.web, .peer, .database].contains(sender)
            let seen = isInside ? Host.router.address(family) : source
            let isFirst = begun.insert(Unnumbered(ends: [seen, packet.destination], proto: proto)).inserted
            let isAnswer = begun.contains(Unnumbered(ends: [source, packet.destination], proto: proto))
            if !isFirst || isInside && isAnswer { return nil }
            begun.insert(Unnumbered(ends: [source, packet.destination], proto: proto))
        }
        return LabPacket(
            Probe(packet, from: sender, reaches: receiver), connection: state == .new ? packet.connection() : nil,
            state)
    }

    /// What a packet carries, and whether a connection can begin with it.
    private mutating func payload() -> (Packet.Payload, Bool) {
        let port: UInt16 = random.pick([22, 53, 80, 443, 5353, 5432, 8080, 9000])
        switch random.number(0...11) {
        case 0...3: return (.tcp(source: number, destination: port), true)
        case 4: return (.tcp(source: number, destination: port, flags: .ack), true)
        case 5: return (.tcp(source: number, destination: port, flags: [.syn, .fin]), false)
        case 6, 7: return (.udp(source: number, destination: port), true)
        case 8: return (.sctp(source: number, destination: 3868), true)
        case 9: return (.icmp(type: family == .ip ? 8 : 128, identifier: number), true)
        case 10: return (.icmp(type: family == .ip ? 3 : 1, identifier: number), false)
        default: return (.other(protocol: random.pick([47, 253])), true)
        }
    }
}

extension LabPacket {
    /// The same packet with a mark.
    fileprivate func marked(_ mark: UInt8) -> LabPacket {
        let probe = Probe(probe.packet.with { $0.trafficClass = mark }, from: probe.sender, reaches: probe.receiver)
        return LabPacket(
            probe, to: state.destination, port: state.destinationPort, connection: state.entry, state.state)
    }
}

extension Packet.Payload {
    fileprivate var hasChecksum: Bool {
        if case .other = self { false } else { true }
    }
}
