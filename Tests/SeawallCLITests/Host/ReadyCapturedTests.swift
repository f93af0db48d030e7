import FoundationEssentials
import TestSupport
import Testing

/// `seawall migrate --check docker-nftables --fix` on hosts as they were captured (`Tests/DockerHosts`): their tables in a
/// namespace, a policy DROP in each FORWARD of Docker's, and one network more that nothing enters or leaves.
@Suite(.enabled(if: TestEnvironment.mayUseNamespaces, "needs root, to make a network namespace of its own"))
struct ReadyCapturedTests {
    /// What a host is, and whether Docker keeps its rules in iptables still.
    static let hosts: [(String, Bool)] = [
        ("docker29-iptables-legacy/base", true), ("docker29-iptables-legacy/gateway-modes", true),
        ("docker29-iptables-legacy/with-docker-user-policy", true), ("docker29-iptables-nft/base", true),
        ("docker29-iptables-legacy-direct-routing-fwmark/base", true),
        ("docker29-iptables-legacy/after-switch-to-nftables", false),
        ("docker29-iptables-legacy/live-restore-switched-to-nftables", false),
        ("docker28-iptables-legacy/switched-legacy-to-iptables-nft", true),
    ]

    @Test("is fixed, proved, in sync, and goes back", arguments: hosts)
    func isFixed(_ name: String, _ isInIPTables: Bool) async throws {
        try await withHost { host in
            let captured = CapturedTables(name: name, host: host)
            try await captured.load()
            let policy = try host.folder.write("policy.json", TestPolicy.office().document)
            _ = try await captured.seawall("apply", policy, "--backend", "nft")
            let before = try await captured.rules()
            let fixed = try await captured.seawall("migrate", "--check", "docker-nftables", "--fix")
            #expect(fixed.output.contains("state 2 is in force"), "\(fixed)")
            #expect(fixed.output.contains("proved: "), "\(fixed)")
            let isLeftOver = name.hasPrefix("docker28")
            let policies = try await captured.rules().split(separator: "\n").filter { $0.hasPrefix(":FORWARD DROP") }
            // Docker 28 needs those of the variant that is in use.
            #expect(policies.count == (isLeftOver ? 2 : 0), "\(fixed)")
            #expect(try await captured.seawall("status").output.contains("in sync"))
            #expect(try await captured.seawall("counters").status == 0)
            let back = try await captured.seawall("migrate", "--back")
            if isInIPTables {
                #expect(back.status == 0, "\(back)")
                #expect(try await captured.rules() == before)
            } else {
                #expect(back.status == 4 && back.errors.contains("[docker-nft-switched]"), "\(back)")
            }
        }
    }
}

/// A captured host in the namespace of a test.
private struct CapturedTables {
    let name: String
    let host: CommandHost

    private var folder: String {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return parts.prefix { $0 != "Tests" }.joined(separator: "/") + "/Tests/DockerHosts/" + name
    }

    private func text(_ file: String) -> String {
        (try? String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)) ?? ""
    }

    /// Runs a command of ours, which finds a `docker` that answers what was captured.
    func seawall(_ arguments: String...) async throws -> ShellOutcome {
        try await run(
            Executable.path, arguments + ["--netns", host.namespace.name],
            environment: [
                "SEAWALL_STATE_DIR": host.folder.path + "/state",
                "PATH": host.folder.path + "/tools:/usr/sbin:/usr/bin:/sbin:/bin",
            ], folder: host.folder.path)
    }

    func load() async throws {
        try makeDocker()
        try await loadTables()
        for tool in ["iptables-legacy", "ip6tables-legacy", "iptables-nft", "ip6tables-nft"] {
            let saved = text("\(tool)-save.txt")
            guard saved.contains("DOCKER-USER") else { continue }
            try await host.namespace.must("\(tool)-restore", input: saved)
            try await host.namespace.must("\(tool) -w -P FORWARD DROP")
            guard saved.contains(":DOCKER-INTERNAL") else { continue }
            let subnet = tool.hasPrefix("ip6") ? "fd00:9::/64" : "10.9.0.0/24"
            try await host.namespace.must(
                """
                \(tool) -w -A DOCKER-INTERNAL ! -s \(subnet) -o br-int -j DROP
                \(tool) -w -A DOCKER-INTERNAL ! -d \(subnet) -i br-int -j DROP
                \(tool) -w -A DOCKER-CT -o br-int -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
                \(tool) -w -A DOCKER-FORWARD -i br-int -o br-int -j ACCEPT
                """)
        }
    }

    /// Docker's own tables, and what else there is in nft.
    private func loadTables() async throws {
        let tables = text("nft-ruleset.txt")
        if !tables.isEmpty { try await host.namespace.must("nft -f -", input: ListedTables.loadable(tables)) }
    }

    private func makeDocker() throws {
        let closed = """
            {"Name":"int","Id":"id-int","Driver":"bridge","EnableIPv6":true,"Internal":true,"IPAM":{"Config":[{"Subnet":"10.9.0.0/24"}]},\
            "Options":{"com.docker.network.bridge.name":"br-int"}},
            """
        let networks = text("docker-network-inspect.json")
        let start = try #require(networks.firstIndex(of: "["))
        try host.folder.write(
            "networks.json", "[" + closed + networks[networks.index(after: start)...])
        let tools = host.folder.path + "/tools"
        try FileManager.default.createDirectory(atPath: tools, withIntermediateDirectories: true)
        let path = try host.folder.write(
            "tools/docker",
            """
            #!/bin/sh
            case "$1 $2" in
            "info "*) cat \(folder)/docker-info.json ;;
            "network ls"|"ps "*) echo all ;;
            "network inspect") cat \(host.folder.path)/networks.json ;;
            "inspect "*) cat \(folder)/docker-inspect.json ;;
            esac
            """)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }

    /// All rules of iptables and our table, without counters.
    func rules() async throws -> String {
        try await host.namespace.must(
            """
            for tool in iptables-legacy ip6tables-legacy iptables-nft ip6tables-nft; do
                echo "== $tool"; $tool-save 2>/dev/null | grep -v '^#' | sed 's/\\[[0-9]*:[0-9]*\\]//'
            done
            nft list table inet seawall 2>/dev/null | sed 's/counter packets [0-9]* bytes [0-9]*/counter/'
            """)
    }
}
