import FoundationEssentials
import PacketLab
import PacketModel
import TestSupport

extension TrialHost {
    /// Where Docker 29 keeps its rules.
    enum DockerPlace: String, CaseIterable, CustomStringConvertible {
        /// In iptables-legacy, as before the switch to its own nft backend.
        case legacy
        /// In iptables-nft, likewise.
        case nft
        /// In its own nft tables; the policy DROP, `DOCKER-USER` and its jump are left behind in iptables-legacy.
        case nftables

        var description: String { rawValue }
    }

    /// A fresh host with Docker 29, whose FORWARD has the policy DROP, and with our nft table in force.
    ///
    /// - Parameters:
    ///   - place: where Docker keeps its rules.
    ///   - others: rules of others in FORWARD, behind Docker's.
    ///   - policy: whether our table is there.
    ///   - body: what is done with it.
    /// - Returns: what that returns.
    /// - Throws: what that throws, or `LabError` if the host cannot be made.
    static func withDocker<T>(
        _ place: DockerPlace, others: [String] = [], policy: Bool = true, _ body: (TrialHost) async throws -> T
    ) async throws -> T {
        try await with(.nft) { host in
            var host = host
            host.tools = try host.makeDockerCommand(place)
            for family in AddressFamily.allCases { try host.loadDocker(place, family, others) }
            if place == .nftables { try host.loadDockersTables() }
            if policy { _ = try await host.must("apply", host.old, "--backend", "nft") }
            return try await body(host)
        }
    }

    /// A command `docker` that answers as Docker 29 does.
    private func makeDockerCommand(_ place: DockerPlace) throws -> String {
        let driver = place == .nftables ? "nftables" : "iptables"
        let networks = ["bridge:docker0:172.18.0.0/16", "db:br-db:172.19.0.0/16"].map { text in
            let parts = text.split(separator: ":")
            return """
                {"Name":"\(parts[0])","Id":"id-\(parts[0])","Driver":"bridge","EnableIPv6":true,\
                "IPAM":{"Config":[{"Subnet":"\(parts[2])"}]},\
                "Options":{"com.docker.network.bridge.name":"\(parts[1])"}}
                """
        }
        let script = """
            #!/bin/sh
            case "$1 $2" in
            "info "*) echo '{"ServerVersion":"29.0.1","FirewallBackend":{"Driver":"\(driver)"}}' ;;
            "network ls") echo id-bridge; echo id-db ;;
            "network inspect") echo '[\(networks.joined(separator: ","))]' ;;
            esac
            """
        let tools = folder.path + "/tools"
        try FileManager.default.createDirectory(atPath: tools, withIntermediateDirectories: true)
        let path = try folder.write("tools/docker", script)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        return tools
    }

    private func loadDocker(_ place: DockerPlace, _ family: AddressFamily, _ others: [String]) throws {
        let tool = family == .ip ? "iptables" : "ip6tables"
        let web = Host.web.addressText(family)
        let rules = [
            "-A FORWARD -j DOCKER-USER", "-A FORWARD -j DOCKER-FORWARD",
            "-A DOCKER -d \(web) ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT",
            "-A DOCKER ! -i docker0 -o docker0 -j DROP", "-A DOCKER ! -i br-db -o br-db -j DROP",
            "-A DOCKER-FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
            "-A DOCKER-FORWARD -o br-db -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
            "-A DOCKER-FORWARD -o docker0 -j DOCKER", "-A DOCKER-FORWARD -o br-db -j DOCKER",
            "-A DOCKER-FORWARD -i docker0 -j ACCEPT", "-A DOCKER-FORWARD -i br-db -j ACCEPT",
        ]
        let isLeft = place == .nftables
        let chains = isLeft ? ["DOCKER-USER"] : ["DOCKER", "DOCKER-FORWARD", "DOCKER-USER"]
        let lines =
            ["*filter", ":INPUT ACCEPT [0:0]", ":FORWARD DROP [0:0]", ":OUTPUT ACCEPT [0:0]"]
            + chains.map { ":\($0) - [0:0]" } + (isLeft ? Array(rules.prefix(1)) : rules)
            + others.map { "-A FORWARD \($0)" } + ["COMMIT", ""]
        if place == .nft {
            try Program.demand(["sh", "-ec", "\(tool)-legacy -w -F; \(tool)-legacy -w -X"], in: lab[.router])
            // The translation moves with the rest: it is a sign of where Docker's rules stand.
            let move = "\(tool)-legacy-save -t nat | \(tool)-nft-restore; \(tool)-legacy -t nat -F DOCKER"
            try Program.demand(["sh", "-ec", move], in: lab[.router])
        }
        if isLeft { try Program.demand([tool + "-legacy", "-w", "-t", "nat", "-F", "DOCKER"], in: lab[.router]) }
        let restore = "\(tool)-\(place == .nft ? "nft" : "legacy")-restore"
        try Program.demand([restore, "-T", "filter"], in: lab[.router], input: lines.joined(separator: "\n"))
    }

    /// Docker's own tables, in short: published ports are translated and pass, all else to containers is dropped.
    private func loadDockersTables() throws {
        for (family, name) in [(AddressFamily.ip, "ip"), (.ip6, "ip6")] {
            let web = Host.web.addressText(family)
            let target = family == .ip ? "\(web):80" : "[\(web)]:80"
            try lab.loadNFT(
                """
                table \(name) docker-bridges {
                    chain filter-FORWARD {
                        type filter hook forward priority filter; policy accept;
                        oifname { "docker0", "br-db" } ct state established,related accept
                        oifname "docker0" \(name) daddr \(web) tcp dport 80 accept
                        iifname { "docker0", "br-db" } oifname != { "docker0", "br-db" } accept
                        oifname { "docker0", "br-db" } counter drop comment "UNPUBLISHED PORT DROP"
                    }
                    chain nat-prerouting-and-output {
                        type nat hook prerouting priority dstnat; policy accept;
                        fib daddr type local tcp dport { 8080, 9090 } dnat to \(target)
                    }
                }

                """)
        }
    }

    /// Begins to send what has to pass, and what must not: other clients, unpublished containers, and what the host forwards
    /// besides Docker.
    func patrolOfForward() throws -> Patrol {
        try Patrol(
            in: lab, allowed: AddressFamily.allCases.map { published($0) },
            forbidden: AddressFamily.allCases.flatMap { closed($0) })
    }

    /// What the policy lets pass to the published port.
    func published(_ family: AddressFamily) -> Probe {
        probe(.client, to: Host.router.address(family), 8080, reaches: .web)
    }

    /// What neither the policy nor Docker nor FORWARD lets pass.
    func closed(_ family: AddressFamily) -> [Probe] {
        [
            probe(.stranger, to: Host.router.address(family), 8080, reaches: .web),
            probe(.client, to: Host.peer.address(family), 80, reaches: .peer),
            probe(.client, to: Host.neighbour.address(family), 80, reaches: .neighbour),
            probe(.neighbour, to: Host.stranger.address(family), 8080, reaches: .stranger),
        ]
    }

    /// The first packet of a connection.
    func probe(_ sender: Host, to address: IPAddress, _ port: UInt16, reaches receiver: Host) -> Probe {
        let family = address.family
        return Probe(
            Packet(from: sender.address(family), to: address, .tcp(destination: port)), from: sender, reaches: receiver)
    }
}
