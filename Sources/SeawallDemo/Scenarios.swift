internal import PacketLab
internal import PacketModel

extension Scenario {
    /// All templates.
    static let all = [onePortOneClient, allButOneClient, keptOverAReboot, webHost]

    static let onePortOneClient = Scenario(
        template: "one-port-one-client", summary: "port 8080 at eth0 is for 192.168.0.1 alone",
        trials: each { family in
            [
                Trial(.client, 8080, family, family == .ip ? .passes : .dropped),
                Trial(.stranger, 8080, family, .dropped),
                Trial(.neighbour, 8080, family, .passes), Trial(.stranger, 443, family, .passes),
                Trial(.stranger, udp: 443, family, .passes), Trial(errorOf: .stranger, family, .errorPasses),
            ] + outgoing(family)
        })

    static let allButOneClient = Scenario(
        template: "all-but-one-client", summary: "nothing enters at eth0 but from 192.168.0.1",
        trials: each { family in
            let isAllowed = family == .ip
            return [
                Trial(.client, 8080, family, isAllowed ? .passes : .dropped),
                Trial(.client, 443, family, isAllowed ? .passes : .dropped),
                Trial(.client, udp: 443, family, isAllowed ? .passes : .dropped),
                Trial(.stranger, 8080, family, .dropped),
                Trial(.stranger, 443, family, .dropped), Trial(.stranger, udp: 5353, family, .dropped),
                Trial(errorOf: .client, family, isAllowed ? .errorPasses : .dropped),
                Trial(errorOf: .stranger, family, .dropped),
            ] + outgoing(family)
        })

    static let keptOverAReboot = Scenario(
        template: "kept-over-a-reboot", summary: "port 8080 at eth0 is closed",
        stages: [.applied, .booted],
        trials: each { family in
            [
                Trial(.client, 8080, family, .dropped), Trial(.stranger, 8080, family, .dropped),
                Trial(.neighbour, 8080, family, .passes), Trial(.client, 443, family, .passes),
                Trial(errorOf: .client, family, .errorPasses),
            ] + outgoing(family)
        })

    static let webHost = Scenario(
        template: "web-host", summary: "443 for all, 8080 for 192.168.0.1, a reset at 113, nothing else",
        trials: each { family in
            [
                Trial(.client, 443, family, .passes), Trial(.stranger, 443, family, .passes),
                Trial(.stranger, udp: 443, family, .passes),
                Trial(.client, 8080, family, family == .ip ? .passes : .dropped),
                Trial(.stranger, 8080, family, .dropped), Trial(.client, 5432, family, .dropped),
                Trial(.client, 113, family, .refused), Trial(.stranger, 22, family, .dropped),
                Trial(errorOf: .client, family, .dropped), Trial(.neighbour, 22, family, .passes),
            ] + outgoing(family)
        })

    private static func each(_ trials: (AddressFamily) -> [Trial]) -> [Trial] { AddressFamily.allCases.flatMap(trials) }

    /// Connections that the container opens: their replies enter at eth0.
    private static func outgoing(_ family: AddressFamily) -> [Trial] {
        [(Host.client, IPProtocol.tcp), (.stranger, .tcp), (.stranger, .udp)].map { host, transport in
            Trial(attempt: .dial(Connection(from: .web, transport, to: host, 9000, family)), expected: .passes)
        }
    }
}

extension Trial {
    /// TCP to a published port.
    fileprivate init(_ client: Host, _ port: UInt16, _ family: AddressFamily, _ expected: Outcome) {
        self.init(attempt: .dial(Connection(from: client, .tcp, to: .router, port, family)), expected: expected)
    }

    /// UDP to a published port.
    fileprivate init(_ client: Host, udp port: UInt16, _ family: AddressFamily, _ expected: Outcome) {
        self.init(attempt: .dial(Connection(from: client, .udp, to: .router, port, family)), expected: expected)
    }

    /// UDP to the published port 5353, with an ICMP error at the end.
    fileprivate init(errorOf client: Host, _ family: AddressFamily, _ expected: Outcome) {
        self.init(
            attempt: .errorExchange(Connection(from: client, .udp, to: .router, 5353, family)), expected: expected)
    }
}
