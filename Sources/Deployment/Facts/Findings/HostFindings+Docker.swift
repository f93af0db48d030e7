internal import Diagnostics
internal import FirewallIR
internal import PacketModel

extension HostFindings {
    /// A daemon that does not answer, or that answers from elsewhere.
    var engine: [Diagnostic] {
        switch facts.docker.engine {
        case .absent: return []
        case .unreachable(let reason):
            return [
                Diagnostic(
                    "docker-unreachable", .warning, at: nil,
                    "Docker does not answer, so that it is not known what it publishes: \(reason)")
            ]
        case .running:
            guard let kernel = facts.kernel.value, let other = facts.docker.kernel, other != kernel else { return [] }
            return [
                Diagnostic(
                    "docker-elsewhere", .warning, at: nil,
                    "the daemon that answers runs on the kernel \(other), and this host on \(kernel): what Docker says "
                        + "is not of this host",
                    notes: [Diagnostic.Note("DOCKER_HOST, or `docker context`, leads there")])
            ]
        }
    }

    /// Rules that are loaded where Docker's are not.
    var backend: [Diagnostic] {
        let finding = facts.docker.backend
        if finding.outcome == .ambiguous {
            return [
                Diagnostic(
                    "docker-backend-unclear", .warning, at: nil,
                    "the signs of where Docker's rules stand contradict each other",
                    notes: finding.signs.map { Diagnostic.Note($0.text) })
            ]
        }
        guard case .iptables(let variant) = target, let backend = finding.backend else { return [] }
        guard let right = backend.variant else {
            return [
                Diagnostic(
                    "wrong-backend", .warning, at: nil,
                    "Docker has its rules in nft tables of its own, and leads nothing to DOCKER-USER: use `--backend nft`",
                    notes: finding.signs.map { Diagnostic.Note($0.text) })
            ]
        }
        if right == variant { return [] }
        return [
            Diagnostic(
                "wrong-backend", .warning, at: nil,
                "Docker has its rules in iptables-\(right.rawValue), and the policy's go to iptables-\(variant.rawValue): "
                    + "use `--variant \(right.rawValue)`, or `auto`",
                notes: finding.signs.map { Diagnostic.Note($0.text) })
        ]
    }

    /// IPv6 on an engine that makes no `DOCKER-USER` for it.
    var missingIPv6: [Diagnostic] {
        guard case .iptables(let variant) = target, families.contains(.ip6), let version = facts.docker.version,
            (version.major ?? 0) < 28, facts.docker.backend.backend?.variant == variant
        else { return [] }
        let rules = facts.iptables.first { $0.variant == variant && $0.family == .ip6 }?.rules.value
        guard let rules, !rules.hasDockerUserJump else { return [] }
        return [
            Diagnostic(
                "docker-user-without-ipv6", .warning, at: nil,
                "Docker \(version) makes no DOCKER-USER for IPv6: rules there are never asked, and a jump that is made by "
                    + "hand stands below Docker's own rules after the next `docker network create`",
                notes: [
                    Diagnostic.Note("`--backend nft` judges both families, whatever Docker does with its chains")
                ])
        ]
    }

    /// Connections that docker-proxy accepts, so that they are never forwarded.
    var proxyPaths: [Diagnostic] {
        let listeners = facts.proxyListeners.filter { !$0.isLoopback }
        if hasTwin || listeners.isEmpty { return [] }
        let sockets = listeners.count == 1 ? "a socket" : "\(listeners.count) sockets"
        let outside = listeners.filter { $0.family != $0.container.address.family }.map { listener in
            let port = "\(listener.transport.name) \(listener.port)"
            return "\(port) over \(listener.family.displayName): every client comes in that way, since "
                + "\(listener.container.address) is \(listener.container.address.family.displayName)"
        }
        let rest = "the host itself, containers that dial the host's address, and clients while the daemon starts"
        return [
            Diagnostic(
                "proxy-path", .warning, at: nil,
                "docker-proxy accepts connections on \(sockets) of the host, and the policy is not asked: they are never "
                    + "forwarded",
                notes: (HostFindings.shortened(outside) + ["the other ports: \(rest)"]).map { Diagnostic.Note($0) })
        ]
    }

    /// Networks whose ports are not reached as those of others.
    var gatewayModes: [Diagnostic] {
        facts.docker.networks.flatMap { network -> [Diagnostic] in
            guard facts.docker.containers.contains(where: { $0.endpoints.contains { $0.network == network.name } })
            else { return [] }
            let modes = [(AddressFamily.ip, network.gatewayMode), (.ip6, network.gatewayMode6)]
            return modes.compactMap { family, mode in
                if family == .ip6 && !network.hasIPv6 { return nil }
                return gatewayMode(mode, family, network)
            }
        }
    }

    private func gatewayMode(
        _ mode: DockerNetwork.GatewayMode, _ family: AddressFamily, _ network: DockerNetwork
    ) -> Diagnostic? {
        let subject = "the network \(network.name) has the gateway mode \(mode) for \(family.displayName)"
        switch mode {
        case .nat, .isolated: return nil
        case .routed:
            return Diagnostic(
                "gateway-mode", .warning, at: nil,
                "\(subject): nothing is translated, and clients dial the containers' own addresses and ports; rules about "
                    + "published ports mean those")
        case .natUnprotected:
            return Diagnostic(
                "gateway-mode", .warning, at: nil,
                "\(subject): every port of its containers can be reached by routing, published or not",
                notes: [Diagnostic.Note("`direct: .drop` of an Inbound scope shuts that way")])
        case .other:
            return Diagnostic(
                "gateway-mode", .warning, at: nil,
                "\(subject), which this version of Seawall does not know: look what it opens")
        }
    }
}

extension ProxyListener {
    /// Whether only the host itself can reach it.
    var isLoopback: Bool {
        switch address {
        case .v4(let value): value >> 24 == 127
        case .v6(let value): value == 1
        case nil: false
        }
    }
}
