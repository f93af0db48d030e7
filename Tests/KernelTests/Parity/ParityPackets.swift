import PacketLab
import PacketModel

/// Packets of each class that a policy can tell apart, each of a flow of its own.
enum ParityPackets {
    /// Before a policy is there: questions that were answered.
    static let before = AddressFamily.allCases.flatMap { family in
        [Probe.published(.udp(source: 40_001, destination: 5353), family), .answer(to: 40_001, family)]
    }

    /// Under a policy, in this order.
    static let all: [Probe] = {
        let probes = AddressFamily.allCases.flatMap { inbound($0) + inside($0) + running($0) }
        // Fixed numbers, so that the same packets come under both engines: a rule may ask for any of them.
        return probes.enumerated().map { index, probe in
            probe.with { $0 = $0.numbered(UInt16(20_000 + index)) }
        }
    }()

    private static func inbound(_ family: AddressFamily) -> [Probe] {
        [Host.client, .stranger, .neighbour].flatMap { client in
            let published: [Packet.Payload] = [
                .tcp(destination: 8080), .tcp(destination: 443), .tcp(destination: 22), .tcp(destination: 5432),
                .udp(destination: 5353), .udp(destination: 443), .sctp(destination: 3868),
            ]
            let dialled: [Probe] = published.map { .published($0, family, from: client) }
            let direct: [Probe] = payloads(family).map { .direct($0, family, from: client) }
            var probes = dialled + direct
            probes += dialled.prefix(5).map { $0.marked(1) }
            probes += direct.map(\.invalid)
            probes += direct.map(\.untracked)
            probes += direct.map { $0.marked(2) }
            return probes
        }
    }

    /// Between containers, and out.
    private static func inside(_ family: AddressFamily) -> [Probe] {
        [(Host.web, Host.client), (.web, .database), (.database, .web), (.database, .neighbour)].flatMap {
            client, host in
            payloads(family).map { Probe.direct($0, family, from: client, to: host) }
        }
    }

    /// Packets of a connection that was there before.
    private static func running(_ family: AddressFamily) -> [Probe] {
        [
            .published(.udp(source: 40_001, destination: 5353), family), .answer(to: 40_001, family),
            .complaint(about: 40_001, family), .containerComplaint(about: 40_001, family),
        ]
    }

    private static func payloads(_ family: AddressFamily) -> [Packet.Payload] {
        [
            .tcp(destination: 80), .tcp(destination: 8080, flags: .ack), .tcp(destination: 443, flags: [.syn, .fin]),
            .udp(destination: 53), .icmp(type: family == .ip ? 8 : 128), .icmp(type: family == .ip ? 3 : 1),
            .other(protocol: 47), .other(protocol: 253), .sctp(destination: 3868),
        ]
    }
}
