import FirewallIR
import PacketLab
import PacketModel
import Semantics

/// A connection that stands before rules come: a question, and an answer to it.
struct StandingConnection {
    let family: AddressFamily
    let client: Host
    let server: Host
    /// The first packet, as the client sends it.
    let question: Packet
    /// The first packet, as it reaches the server.
    let asked: Packet
    /// What conntrack knows of it once it was answered.
    let entry: ConntrackEntry

    /// A connection to an address, which may be translated on the way, as the client's may be.
    private init(
        _ family: AddressFamily, from client: Host, _ source: IPAddress? = nil, as seen: IPAddress? = nil,
        to server: Host,
        _ payload: Packet.Payload, dialling published: Packet.Payload? = nil
    ) {
        let dialled = published == nil ? server.address(family) : Host.router.address(family)
        let source = source ?? client.address(family)
        self.family = family
        self.client = client
        self.server = server
        question = Packet(from: source, to: dialled, published ?? payload)
        asked = Packet(from: seen ?? source, to: server.address(family), payload)
        var status: ConntrackStatus = [.confirmed, .seenReply]
        if published != nil { status.insert(.dnat) }
        if seen != nil { status.insert(.snat) }
        entry = question.connection(status)
    }

    /// Connections of all kinds, none of which has a port or a number of another packet.
    static func all(_ family: AddressFamily) -> [StandingConnection] {
        let gateway = IPAddress(family == .ip ? "172.18.0.1" : "fd00:0:0:18::fe")
        let echo: UInt8 = family == .ip ? 8 : 128
        return [
            StandingConnection(
                family, from: .client, to: .web, .udp(source: 40_001, destination: 53),
                dialling: .udp(source: 40_001, destination: 5353)),
            StandingConnection(family, from: .client, to: .web, .udp(source: 40_002, destination: 53)),
            StandingConnection(
                family, from: .web, as: Host.router.address(family), to: .client,
                .udp(source: 40_003, destination: 53)),
            StandingConnection(
                family, from: .database, as: gateway, to: .web, .udp(source: 40_004, destination: 443)),
            // Its client is no machine's address, so that nobody resets it; the server answers by itself.
            StandingConnection(
                family, from: .client, LabPackets.far(family), to: .web, .tcp(source: 40_005, destination: 113),
                dialling: .tcp(source: 40_005, destination: 113)),
            StandingConnection(family, from: .stranger, to: .web, .icmp(type: echo, identifier: 40_006)),
        ]
    }

    /// The packet that begins it, and is sent again later.
    var original: LabPacket { packet(question, from: client, to: server, destination: asked) }

    /// The packet that answers it.
    var reply: LabPacket {
        packet(asked.answer, from: server, to: client, destination: question.answer)
    }

    /// Errors about it: from the client's side, about answers, and from the server's, about questions.
    func errors(_ type: UInt8, _ code: UInt8, from others: [Host]) -> [LabPacket] {
        let back = others.map { host in
            let error = Packet(
                from: host.address(family), to: question.destination,
                .icmpError(type: type, code: code, about: question.answer))
            let probe = Probe(error, from: host, reaches: server)
            return LabPacket(probe, to: asked.destination, connection: entry, .related)
        }
        let error = Packet(
            from: server.address(family), to: asked.source, .icmpError(type: type, code: code, about: asked))
        let probe = Probe(error, from: server, reaches: client)
        return back + [LabPacket(probe, to: question.source, connection: inReply, .related)]
    }

    private var inReply: ConntrackEntry {
        var entry = entry
        entry.direction = .reply
        return entry
    }

    /// A packet of it, and as which it meets the rules.
    private func packet(_ packet: Packet, from sender: Host, to receiver: Host, destination: Packet) -> LabPacket {
        let isReply = sender == server
        let port: UInt16? =
            switch destination.payload {
            case .tcp(_, let port, _), .udp(_, let port), .sctp(_, let port): port
            default: nil
            }
        let address = isReply ? question.source : destination.destination
        return LabPacket(
            Probe(packet, from: sender, reaches: receiver), to: address, port: port,
            connection: isReply ? inReply : entry, .established)
    }
}
