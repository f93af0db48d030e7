import PacketLab
import PacketModel

extension Probe {
    /// A packet to a published port, from a client's own address or another.
    static func published(
        _ payload: Packet.Payload, _ family: AddressFamily, from client: Host = .client, source: String? = nil
    ) -> Probe {
        let address = source.flatMap { IPAddress($0) } ?? client.address(family)
        return Probe(
            Packet(from: address, to: Host.router.address(family), payload), from: client,
            reaches: container(of: payload))
    }

    /// TCP to a published port.
    static func tcp(
        _ port: UInt16, _ family: AddressFamily, from client: Host = .client, source: String? = nil,
        flags: TCPFlags = .syn
    ) -> Probe {
        published(.tcp(destination: port, flags: flags), family, from: client, source: source)
    }

    /// UDP to a published port.
    static func udp(_ port: UInt16, _ family: AddressFamily, from client: Host = .client, source: String? = nil)
        -> Probe
    {
        published(.udp(destination: port), family, from: client, source: source)
    }

    /// A packet that is routed straight to a machine.
    static func direct(
        _ payload: Packet.Payload, _ family: AddressFamily, from client: Host = .client, to host: Host = .web,
        source: String? = nil
    ) -> Probe {
        let address = source.flatMap { IPAddress($0) } ?? client.address(family)
        return Probe(Packet(from: address, to: host.address(family), payload), from: client, reaches: host)
    }

    /// A ping that is routed straight to a machine.
    static func ping(_ family: AddressFamily, from client: Host = .client, to host: Host = .web) -> Probe {
        direct(.icmp(type: family == .ip ? 8 : 128), family, from: client, to: host)
    }

    /// What `web` answers to a question from port `port` of the client to the published port 5353.
    static func answer(to port: UInt16, _ family: AddressFamily) -> Probe {
        direct(.udp(source: 53, destination: port), family, from: .web, to: .client)
    }

    /// The client's kernel complains about that answer: an ICMP error in the connection's original direction.
    static func complaint(about port: UInt16, _ family: AddressFamily) -> Probe {
        let (client, router) = (Host.client.address(family), Host.router.address(family))
        let answer = Packet(from: router, to: client, .udp(source: 5353, destination: port))
        let payload = Packet.Payload.icmpError(type: family == .ip ? 3 : 1, code: family == .ip ? 3 : 4, about: answer)
        return Probe(Packet(from: client, to: router, payload), from: .client, reaches: .web)
    }

    /// `web`'s kernel complains about the question: an ICMP error in the reply direction.
    static func containerComplaint(about port: UInt16, _ family: AddressFamily) -> Probe {
        let (client, web) = (Host.client.address(family), Host.web.address(family))
        let question = Packet(from: client, to: web, .udp(source: port, destination: 53))
        let payload = Packet.Payload.icmpError(
            type: family == .ip ? 3 : 1, code: family == .ip ? 3 : 4, about: question)
        return Probe(Packet(from: web, to: client, payload), from: .web, reaches: .client)
    }

    /// A packet of the same kind with a change.
    func with(_ change: (inout Packet) -> Void) -> Probe { Probe(packet.with(change), from: sender, reaches: receiver) }

    /// The same packet, invalid for conntrack, which therefore does not translate it either.
    var invalid: Probe { with { $0.hasWrongChecksum = true } }

    /// The same packet, of which conntrack knows nothing.
    var untracked: Probe { with { $0.trafficClass = TrafficClass.untracked } }

    /// The same packet with a mark, one of `TrafficClass.marks`.
    func marked(_ mark: UInt8) -> Probe { with { $0.trafficClass = mark } }

    private static func container(of payload: Packet.Payload) -> Host {
        let dialled: (IPProtocol, UInt16)? =
            switch payload {
            case .tcp(_, let port, _): (.tcp, port)
            case .udp(_, let port): (.udp, port)
            case .sctp(_, let port): (.sctp, port)
            default: nil
            }
        return PublishedPort.usual.first { $0.transport == dialled?.0 && $0.host == dialled?.1 }?.container ?? .web
    }
}
