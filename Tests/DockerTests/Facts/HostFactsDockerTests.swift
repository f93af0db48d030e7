import JSONC
import PacketLab
import TestSupport
import Testing

extension DockerSuite {
    /// Facts of a daemon that really runs.
    @Suite struct HostFactsDockerTests {
        @Test("a daemon on iptables-legacy is seen with its listeners, and nothing is changed by looking")
        func legacy() async throws {
            try await withDaemon(.legacy, "--live-restore") { daemon in
                let before = try state(daemon)
                let facts = try await facts(daemon)
                #expect(try state(daemon) == before)
                let docker = try #require(facts["docker"])
                #expect(docker["status"] == "running")
                #expect(docker["backend"]?["outcome"] == "legacy")
                let kinds = docker["backend"]?["signs"]?.array?.compactMap { $0["kind"]?.string }
                #expect(kinds == ["version", "translations", "path", "jump"])
                #expect(docker["settings"]?["liveRestore"] == ["value": true, "source": "docker info"])
                #expect(docker["settings"]?["userlandProxy"] == ["value": true, "source": "processes"])
                let endpoint = docker["containers"]?.array?.first?["endpoints"]?.array?.first
                let target = try #require(endpoint?["address"]?.string)
                #expect(
                    listeners(facts) == [
                        "ip tcp - \(target) docker0 8080 80", "ip udp 127.0.0.1 \(target) docker0 9000 90",
                        "ip6 tcp - \(target) docker0 8080 80",
                    ])
            }
        }

        @Test("a daemon on iptables-nft without a proxy is seen without listeners")
        func nftWithoutProxy() async throws {
            try await withDaemon(.nft, "--userland-proxy=false") { daemon in
                let facts = try await facts(daemon)
                #expect(facts["docker"]?["backend"]?["outcome"] == "nft")
                let settings = facts["docker"]?["settings"]
                #expect(settings?["userlandProxy"] == ["value": false, "source": "command line"])
                #expect(facts["proxyListeners"] == [])
            }
        }

        /// A daemon of its own with one container.
        private func withDaemon(
            _ variant: DockerDaemon.Variant, _ option: String, _ body: (DockerDaemon) async throws -> Void
        ) async throws {
            let daemon = try DockerDaemon(variant, options: [option])
            defer { daemon.close() }
            let ports = ["-p", "8080:80", "-p", "127.0.0.1:9000:90/udp"]
            try daemon.docker(["run", "-d", "--name", "web"] + ports + ["box", "web", "80"])
            try await body(daemon)
        }

        private func facts(_ daemon: DockerDaemon) async throws -> JSONValue {
            let outcome = try await run(
                Executable.path, ["show", "facts", "--json", "--netns", daemon.host.name],
                environment: daemon.environment)
            try #require(outcome.status == 0, "\(outcome.errors)")
            return try JSONValue.parse(Array(outcome.output.utf8))
        }

        private func listeners(_ facts: JSONValue) -> [String] {
            (facts["proxyListeners"]?.array ?? []).map { listener in
                ["family", "transport", "address", "containerAddress", "interface"].map { listener[$0]?.string ?? "-" }
                    .joined(separator: " ")
                    + " \(listener["port"]?.integer ?? 0) \(listener["containerPort"]?.integer ?? 0)"
            }
        }

        /// Both variants of iptables, both families, and all of nft, without counters.
        private func state(_ daemon: DockerDaemon) throws -> String {
            let script = """
                for tool in iptables-legacy ip6tables-legacy iptables-nft ip6tables-nft; do
                    echo "== $tool"; $tool-save 2>/dev/null | grep -v '^#' | sed 's/\\[[0-9:]*\\]//' || true
                done
                echo "== nft"; nft -s list ruleset
                """
            return try Program.demand(["sh", "-c", script], in: daemon.host)
        }
    }
}
