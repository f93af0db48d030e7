import FoundationEssentials
import Testing

@testable import Deployment

/// The twin at input beside a daemon of Docker's: for what docker-proxy really listens on.
@Suite(.serialized, .enabled(if: KernelTests.areEnabled, KernelTests.reason))
struct DockerTwinTests {
    private static let policy = """
        import Seawall

        @main
        struct Web: Policy {
            var body: PolicyContent {
                Containers {
                    Inbound(on: "eth0", direct: .pass) {
                        Allow(.tcp(8080), from: "198.51.100.10")
                        Drop(.tcp(8080))
                        Drop(.tcp, containerPort: 81)
                    }
                }
            }
        }

        """

    @Test(
        "a client of a container without IPv6 passes docker-proxy, and is judged all the same",
        .enabled(if: DockerDaemon.isInstalled, DockerDaemon.reason))
    func judgesWhatTheProxyAccepts() async throws {
        try await withDocker(variant: .legacy) { daemon in
            try await withNamespace { client in
                try await wire(daemon.host, client)
                let policy = daemon.folder + "/Web.swift"
                try Self.policy.write(toFile: policy, atomically: false, encoding: .utf8)
                try await run(daemon, "web", port: 80, "-p 8080:80")
                let place = "--netns \(daemon.host.name)"
                #expect(try await isOpen(client, "2001:db8:1::1", 8080))
                _ = try await seawall(daemon, "apply '\(policy)' --backend nft \(place)")
                #expect(try await isOpen(client, "198.51.100.1", 8080))
                #expect(try await !isOpen(client, "2001:db8:1::1", 8080))

                // Another container: the twin does not know its port yet, which is drift.
                try await run(daemon, "other", port: 81, "-p 8081:81")
                #expect(try await isOpen(client, "2001:db8:1::1", 8081))
                let status = try await seawall(daemon, "status \(place) || echo exit $?")
                #expect(status.contains("docker-proxy listens elsewhere") && status.hasSuffix("exit 1\n"), "\(status)")
                _ = try await seawall(daemon, "apply --refresh-twin \(place)")
                #expect(try await !isOpen(client, "2001:db8:1::1", 8081))
                let loaded = try await daemon.host.state()
                #expect(
                    try await seawall(daemon, "apply --refresh-twin \(place)")
                        == "the twin of state 2 is up to date\n")
                #expect(try await daemon.host.state() == loaded)
                #expect(try await seawall(daemon, "status \(place)").hasPrefix("in sync with state 2: Web (nft)"))
            }
        }
    }

    private func seawall(_ daemon: DockerDaemon, _ command: String) async throws -> String {
        let process = HostProcess(
            executable: "/bin/sh",
            arguments: [
                "-ec",
                "export DOCKER_HOST=\(daemon.socket) SEAWALL_STATE_DIR='\(daemon.folder)/state'; '\(TestExecutable.path)' \(command)",
            ], timeout: .seconds(120))
        let outcome = try await process.run()
        try #require(outcome.termination == .exited(0), "\(command): \(outcome.errors)")
        return String(decoding: outcome.output, as: UTF8.self)
    }

    private func run(_ daemon: DockerDaemon, _ name: String, port: Int, _ options: String) async throws {
        try await daemon.docker(
            "run -d --name \(name) \(options) box /bin/busybox httpd -f -p \(port) -h / >/dev/null")
    }

    /// One link between the host and a client, both families.
    private func wire(_ host: TestNamespace, _ client: TestNamespace) async throws {
        try await host.shell(
            """
            ip link add eth0 type veth peer name eth0 netns \(client.name)
            ip link set eth0 up; ip addr add 198.51.100.1/24 dev eth0; ip addr add 2001:db8:1::1/64 dev eth0 nodad
            """)
        try await client.shell(
            """
            ip link set lo up; ip link set eth0 up
            ip addr add 198.51.100.10/24 dev eth0; ip addr add 2001:db8:1::10/64 dev eth0 nodad
            """)
    }

    private func isOpen(_ client: TestNamespace, _ address: String, _ port: Int) async throws -> Bool {
        let answer = try await client.shell(
            "/bin/busybox nc -w 1 \(address) \(port) </dev/null >/dev/null 2>&1 && echo open || echo shut")
        return answer == "open\n"
    }
}
