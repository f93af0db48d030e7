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

        @Test(
            "networks that are made meanwhile let a migration succeed or be refused, and nothing in between",
            arguments: DockerHost.Variant.allCases)
        func networksMeanwhile(_ variant: DockerHost.Variant) async throws {
            try await DockerHost.with(variant) { host in
                try await host.load(HandWritten.rules)
                let rules = try await host.dockerUser()
                let lab = host.lab
                let networks = Task.detached {
                    while !Task.isCancelled {
                        try DockerEvent.networkCreate.run(lab)
                        // On a machine with one processor the others need their turn.
                        await Task.yield()
                    }
                }
                for _ in 0..<Self.rounds {
                    // While Docker's rules stand in front of DOCKER-USER, it cannot be proved that nothing changes.
                    let outcome = try await host.seawall("migrate", "--observe", "0")
                    let isMoved = try await host.dockerUser() == ["-j RETURN"]
                    #expect([0, 3, 4].contains(outcome.status) && isMoved == (outcome.status == 0), "\(outcome)")
                    if isMoved { try await host.must("migrate", "--back") }
                    #expect(try await host.dockerUser() == rules)
                }
                networks.cancel()
                try await networks.value
                try host.expect(Tables.handWritten)
            }
        }
    }
}
