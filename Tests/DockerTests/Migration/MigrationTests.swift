import PacketLab
import TestSupport
import Testing

extension DockerSuite {
    /// Rules go from iptables to nft and back beside a real engine, while connections are opened every few milliseconds.
    @Suite struct MigrationTests {
        private static let rounds = TestEnvironment.isLong ? 20 : 2

        @Test(
            "there and back: nothing that is forbidden passes, nothing that is allowed is refused",
            arguments: DockerHost.Variant.allCases)
        func thereAndBack(_ variant: DockerHost.Variant) async throws {
            try await DockerHost.with(variant) { host in
                try await host.load(HandWritten.rules)
                let rules = try await host.dockerUser()
                let patrols = try Patrols(in: host.lab)
                for _ in 0..<Self.rounds {
                    try await host.must("migrate", "--observe", "0")
                    try await host.must("migrate", "--back")
                }
                let report = try patrols.end()
                print("\(variant): \(Self.rounds) migrations there and back: \(report)")
                #expect(report.leaked == 0 && report.refused == 0 && report.sent.allowed > 100, "\(report)")
                #expect(try await host.dockerUser() == rules)
            }
        }

        @Test("a policy of Seawall's, there and back", arguments: DockerHost.Variant.allCases)
        func policyThereAndBack(_ variant: DockerHost.Variant) async throws {
            try await DockerHost.with(variant) { host in
                let fence = try await Policies.shared.fence()
                try await host.must("apply", fence, "--backend", "iptables", "--family", "ip")
                let patrols = try Patrols(in: host.lab)
                for _ in 0..<(Self.rounds / 2) {
                    try await host.must("migrate", "--observe", "0")
                    try await host.must("migrate", "--back")
                }
                let report = try patrols.end()
                print("\(variant): \(Self.rounds / 2) migrations of a policy there and back: \(report)")
                #expect(report.leaked == 0 && report.refused == 0 && report.sent.allowed > 100, "\(report)")
            }
        }
    }
}
