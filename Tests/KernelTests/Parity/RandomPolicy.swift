import Seawall

/// Makes policies that nobody would write, out of the values that `ParityPackets` carry.
struct RandomPolicy {
    private var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    /// A policy of one to four parts.
    mutating func make() -> PolicyContent {
        let parts = (0..<Int.random(in: 1...4, using: &random)).map { _ in random.once(in: 3) ? lowLevelRule() : scope()
        }
        return Containers { for part in parts { part } }.content
    }

    // MARK: - Scopes

    private mutating func scope() -> PolicyContent {
        let rules = (0..<Int.random(in: 1...5, using: &random)).map { _ in random.once(in: 3) ? lowLevelRule() : rule()
        }
        let end: [PolicyContent] = random.once(in: 2) ? [Default(random.pick([.drop, .reject, .allow])).content] : []
        let (related, invalid, untracked) = (treatment(.pass), treatment(.judge), treatment(.judge))
        @PolicyBuilder func body() -> PolicyContent { for rule in rules + end { rule } }
        switch Int.random(in: 0..<6, using: &random) {
        case 0:
            return Outbound(
                via: interfaces(), from: addresses(), related: related, invalid: invalid, untracked: untracked, body
            ).content
        case 1:
            return Between(interfaces(), interfaces(), related: related, invalid: invalid, untracked: untracked, body)
                .content
        default:
            return Inbound(
                on: interfaces(), toward: random.once(in: 3) ? interfaces() : .any, related: related, invalid: invalid,
                untracked: untracked, direct: treatment(.judge), body
            ).content
        }
    }

    private mutating func treatment(_ usual: Treatment) -> Treatment {
        random.once(in: 4) ? random.pick([.judge, .pass, .drop]) : usual
    }

    private mutating func interfaces() -> InterfaceSelection {
        random.pick([
            "eth0", "eth0", "eth1", "eth*", "docker0", "br-*", ["eth1", "docker0"], .not("eth0"),
            .not(["br-*", "eth1"]),
        ])
    }

    // MARK: - Rules

    private mutating func rule() -> PolicyContent {
        let (from, to, inside) = (some(addresses()), some(addresses()), some(addresses()))
        let port = random.once(in: 4) ? ports() : .any
        if random.once(in: 6) { return Reject(.tcp(ports()), from: from, to: to, with: .tcpReset).content }
        // A port after translation needs a protocol that has ports.
        let service = port == .any ? service() : random.pick([.tcp, .udp])
        switch Int.random(in: 0..<3, using: &random) {
        case 0: return Allow(service, from: from, to: to, containerPort: port, containerAddress: inside).content
        case 1:
            return Reject(service, from: from, to: to, with: kind(), containerPort: port, containerAddress: inside)
                .content
        default: return Drop(service, from: from, to: to, containerPort: port, containerAddress: inside).content
        }
    }

    private mutating func kind() -> RejectKind {
        random.pick([.portUnreachable, .hostUnreachable, .noRoute, .adminProhibited])
    }

    private mutating func some(_ addresses: AddressSet) -> AddressSet { random.once(in: 3) ? addresses : .any }

    private mutating func service() -> Service {
        random.pick([
            .tcp, .udp, .tcp(ports()), .tcp(ports()), .udp(ports()), .sctp(3868), .icmp, .icmpv6, .icmp(.echoRequest),
            .icmpv6(.echoRequest), .protocol("gre"), .protocol(253),
        ])
    }

    private mutating func ports() -> PortSet {
        random.pick([
            8080, 443, [8080, 22], 80, 53, 5353, 8000...9100, [22, 80...500, 5353], .not(8080),
            .not([443, 5000...6000]),
        ])
    }

    private mutating func addresses() -> AddressSet {
        random.pick([
            "192.168.0.1", ["192.168.0.1", "fd00:0:0:1::1"], ["192.168.0.0/25", "fd00:0:0:1::/64"], "172.18.0.0/16",
            ["172.18.0.2", "fd00:0:0:18::2"], "192.168.0.254", .not("192.168.0.1"), "fd00::/16",
            .not(["192.168.0.254", "fd00:0:0:1::fe"]), ["192.168.0.90-192.168.1.9", "fd00:0:0:1::90-fd00:0:0:2::9"],
        ])
    }

    // MARK: - Low-level rules

    private mutating func lowLevelRule() -> PolicyContent {
        var matches = (0..<Int.random(in: 1...3, using: &random)).flatMap { _ in match() }
        if random.once(in: 4) { matches = matches.map { random.once(in: 2) ? .not($0) : $0 } }
        let verdict: Rule.Verdict = random.pick([.drop, .drop, .allow, .reject])
        return Rule(verdict) { for match in matches { match } }.content
    }

    /// Conditions of one field, with the protocol that they need.
    private mutating func match() -> [Match] {
        let transport = Match.protocol(random.pick(["tcp", "udp"]))
        switch Int.random(in: 0..<20, using: &random) {
        case 0: return [.family(random.pick([.ip, .ip6]))]
        case 1: return [.inInterface(interfaces())]
        case 2: return [.outInterface(interfaces())]
        case 3: return [.source(addresses())]
        case 4: return [.destination(addresses())]
        case 5: return [transport]
        case 6: return [transport, .sourcePort(random.pick([20_000...20_100, .not(20_000...20_200)]))]
        case 7: return [transport, .destinationPort(ports())]
        case 8: return [random.once(in: 2) ? .icmpType(.echoRequest) : .icmpv6Type(.echoRequest)]
        case 9:
            return [
                .protocol("tcp"), .tcpFlags(random.pick([.syn, [], .ack, [.syn, .ack]]), outOf: [.syn, .ack, .fin]),
            ]
        default: return connectionMatch(transport)
        }
    }

    private mutating func connectionMatch(_ transport: Match) -> [Match] {
        switch Int.random(in: 0..<11, using: &random) {
        case 0: return [.mark(random.pick([1, 2]), mask: random.pick([.max, 3]))]
        case 1: return [.status(random.pick([.dnat, .snat, .seenReply, [.dnat, .confirmed]]))]
        case 2: return [.direction(random.pick([.original, .reply]))]
        case 3: return [.originalSource(addresses())]
        case 4: return [.originalDestination(addresses())]
        case 5: return [.originalProtocol(random.pick(["tcp", "udp", "icmp"]))]
        case 6: return [transport, .originalSourcePort(20_000...20_300)]
        case 7: return [.originalDestinationPort(ports())]
        case 8: return [transport, .originalDestinationPort(ports())]
        default:
            return [
                .state(
                    random.pick([
                        .new, .established, [.established, .related], .invalid, .untracked, [.new, .invalid],
                    ]))
            ]
        }
    }
}
