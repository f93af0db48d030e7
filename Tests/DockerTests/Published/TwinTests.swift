import PacketLab
import PacketModel
import TestSupport
import Testing

extension DockerSuite {
    /// The twin at input beside a daemon of Docker's: for what docker-proxy really listens on.
    @Suite struct TwinTests {
        @Test("a container that comes is unknown to the twin, which is drift, until the twin is made anew")
        func followsContainers() async throws {
            try await DockerHost.with(.legacy) { host in
                try await host.must("apply", try await policy(host), "--backend", "nft")
                #expect(try reply(host, "2001:db8:1::1", 8080) == .silence)
                try host.lab.daemon.docker("run", "-d", "--name", "other", "-p", "8081:81", "box", "other", "81")
                do {
                    try await withOther(host)
                } catch {
                    try host.lab.daemon.docker("rm", "-f", "other")
                    throw error
                }
                try host.lab.daemon.docker("rm", "-f", "other")
            }
        }

        private func withOther(_ host: DockerHost) async throws {
            let gateway = "172.17.0.1"
            #expect(try reply(host, "2001:db8:1::1", 8081) == .answer(name: "other", peer: gateway))
            let status = try await host.seawall("status")
            #expect(status.status == 1 && status.output.contains("docker-proxy listens elsewhere"), "\(status)")
            try await host.must("apply", "--refresh-twin")
            #expect(try reply(host, "2001:db8:1::1", 8081) == .silence)
            let loaded = try await host.shell("nft list table inet seawall")
            #expect(try await host.must("apply", "--refresh-twin") == "the twin of state 2 is up to date\n")
            #expect(try await host.shell("nft list table inet seawall") == loaded)
            #expect(try await host.must("status").hasPrefix("in sync with state 2: Web (nft)"))
        }

        private func reply(_ host: DockerHost, _ address: String, _ port: UInt16) throws -> Reply? {
            let address = try #require(IPAddress(address))
            return try host.lab.knock([Knock(from: .outside(.stranger), to: address, port)]).first
        }

        private func policy(_ host: DockerHost) async throws -> String {
            try host.folder.write(
                "Web.swift",
                """
                import Seawall

                @main
                struct Web: Policy {
                    var body: PolicyContent {
                        Containers {
                            Inbound(on: "eth0", direct: .pass) {
                                Drop(.tcp(8080))
                                Drop(.tcp, containerPort: 81)
                            }
                        }
                    }
                }

                """)
        }
    }
}
