package import Diagnostics
internal import FirewallIR
internal import PacketModel

/// What stands in the way of Docker's own nft backend (`firewall-backend: nftables`) on a host, and what it would leave behind.
///
/// Errors are what breaks or closes something; warnings are what is different afterwards. Each has its remedy.
package struct DockerNFTablesReadiness: Sendable {
    let facts: HostFacts
    let files: any HostFiles

    /// The findings about a host.
    ///
    /// - Parameters:
    ///   - facts: the host.
    ///   - files: its files: what sets the kernel's settings at boot.
    /// - Returns: errors first, then warnings; the same for the same host.
    package static func find(_ facts: HostFacts, files: any HostFiles) -> [Diagnostic] {
        let readiness = DockerNFTablesReadiness(facts: facts, files: files)
        let all =
            readiness.engine + readiness.swarm + readiness.forwarding + readiness.policies + readiness.dockerUser
            + readiness.gatewayModes + readiness.marks
        return all.filter { $0.severity == .error } + all.filter { $0.severity == .warning }
    }

    private var docker: DockerFacts { facts.docker }

    // MARK: - The engine

    private var engine: [Diagnostic] {
        guard let version = docker.version else {
            return [Self.report(.error, "docker-nft-engine", "no daemon answers, so it is not known what it can", [])]
        }
        guard let major = version.major, major < 29 else { return [] }
        return [
            Self.report(
                .error, "docker-nft-engine", "Docker \(version) has no nft backend of its own: it came with Docker 29",
                ["Seawall's own table needs none: `seawall migrate` works with every engine"])
        ]
    }

    private var swarm: [Diagnostic] {
        guard docker.isInSwarm || docker.networks.contains(where: { $0.driver == "overlay" }) else { return [] }
        return [
            Self.report(
                .error, "docker-nft-swarm",
                "the engine is part of a swarm, and its nft backend has no overlay networks",
                ["stay with the iptables backend, or leave the swarm first (`docker swarm leave`)"])
        ]
    }

    // MARK: - Forwarding

    private var forwarding: [Diagnostic] {
        let needs6 = docker.networks.contains { $0.hasIPv6 && $0.bridge != nil }
        return facts.forwarding.named.prefix(needs6 ? 3 : 1).flatMap { name, value in forwarding(name, value) }
    }

    private func forwarding(_ name: String, _ value: Bool?) -> [Diagnostic] {
        let isKept = isSetAtBoot(name)
        let keep = "write `\(name) = 1` into /etc/sysctl.d/60-docker.conf, and `sysctl --system`"
        if value != true {
            return [
                Self.report(
                    .error, "docker-nft-forwarding",
                    "\(name) is not 1: the daemon would lose \(orphans(name)), for good, since with nft it does not set it by itself",
                    [keep])
            ]
        }
        return isKept
            ? []
            : [
                Self.report(
                    .error, "docker-nft-forwarding",
                    "\(name) is 1, and no file makes it so when the host starts: the daemon would lose \(orphans(name)) then",
                    [keep])
            ]
    }

    /// The networks that would be there by name alone.
    private func orphans(_ setting: String) -> String {
        let isIPv4 = setting == "net.ipv4.ip_forward"
        let names = docker.networks.filter {
            $0.bridge != nil && $0.name != "bridge" && (isIPv4 || $0.hasIPv6)
        }.map { "'\($0.name)'" }
        return names.isEmpty
            ? "every network that is made for containers" : "the networks \(names.joined(separator: ", "))"
    }

    private func isSetAtBoot(_ name: String) -> Bool {
        let folders = [
            "/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d", "/lib/sysctl.d",
        ]
        let paths = folders.flatMap { folder in
            files.names(in: folder).filter { $0.hasSuffix(".conf") }.map { "\(folder)/\($0)" }
        }
        return (paths + ["/etc/sysctl.conf"]).contains { path in
            (files.text(of: path) ?? "").split(separator: "\n").contains { line in
                let parts = line.split(separator: "=", maxSplits: 1).map { $0.filter { !$0.isWhitespace } }
                guard parts.count == 2 else { return false }
                let key = (parts[0].hasPrefix("-") ? String(parts[0].dropFirst()) : parts[0]).replacing("/", with: ".")
                return key == name && parts[1] == "1"
            }
        }
    }

    // MARK: - What is left behind in iptables

    private var policies: [Diagnostic] {
        facts.iptables.filter { $0.rules.value?.forwardPolicy == "DROP" }.map { place in
            Self.report(
                .error, "docker-nft-forward-policy",
                "FORWARD of \(place.name) has the policy DROP, which stays behind: nothing that Docker forwards would pass any more",
                [
                    "`seawall migrate --check docker-nftables --fix` does that, and lets our table stop what the policy stops besides",
                    "by hand: `\(place.name) -P FORWARD ACCEPT`, before the switch; what the host forwards besides Docker passes then, so close that first",
                ])
        }
    }

    private var dockerUser: [Diagnostic] {
        facts.iptables.filter { $0.rules.value?.hasDockerUserJump == true }.map { place in
            let rules = place.rules.value?.foreignRules ?? []
            let count = rules.count == 1 ? "1 rule" : "\(rules.count) rules"
            let remove =
                "`\(place.name) -D FORWARD -j DOCKER-USER; \(place.name) -F DOCKER-USER; \(place.name) -X DOCKER-USER`, after the switch"
            guard !rules.isEmpty else {
                return Self.report(
                    .warning, "docker-nft-docker-user",
                    "DOCKER-USER of \(place.name) and its jump stay behind, and are empty",
                    ["`seawall migrate --check docker-nftables --fix` takes them away", remove])
            }
            return Self.report(
                .error, "docker-nft-docker-user",
                "DOCKER-USER of \(place.name) stays behind with \(count) of others, goes on deciding, and is nobody's any more",
                HostFindings.shortened(rules) + ["`seawall migrate` moves them first", remove])
        }
    }

    // MARK: - What is different afterwards

    private var gatewayModes: [Diagnostic] {
        docker.networks.filter { $0.gatewayMode != .nat || $0.gatewayMode6 != .nat }.map { network in
            Self.report(
                .warning, "docker-nft-gateway-mode",
                "the network '\(network.name)' has the gateway modes \(network.gatewayMode) and \(network.gatewayMode6): its containers are reached at their own ports",
                ["rules have to ask for the container's port there; see `seawall plan`"])
        }
    }

    private var marks: [Diagnostic] {
        let accepting = facts.iptables.flatMap { place in
            (place.rules.value?.foreignRules ?? []).filter { $0.contains("--mark ") && $0.hasSuffix("-j ACCEPT") }
        }
        guard docker.settings.acceptMark.value == nil, let rule = accepting.first else { return [] }
        let mark = rule.split(separator: " ").drop { $0 != "--mark" }.dropFirst().first.map(String.init) ?? ""
        return [
            Self.report(
                .warning, "docker-nft-mark",
                "ACCEPT hangs on a rule that accepts a mark, which has no effect behind Docker's nft rules: \(rule)",
                ["start dockerd with `--bridge-accept-fwmark=\(mark)` as well"])
        ]
    }

    // MARK: - Help

    private static func report(
        _ severity: Diagnostic.Severity, _ id: String, _ message: String, _ notes: [String]
    ) -> Diagnostic {
        Diagnostic(id, severity, at: nil, message, notes: notes.map { Diagnostic.Note($0) })
    }
}
