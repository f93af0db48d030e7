import PacketLab
import PacketModel
import TestSupport
import Testing

extension DockerSuite {
    /// Connections that are forbidden, every two milliseconds, while Docker changes its own rules.
    @Suite struct EventTests {
        /// How often a network is made: each time there is a hole of some 50 ms.
        private static let creations = 5

        @Test("a network that is made opens a hole in front of DOCKER-USER", arguments: DockerHost.Variant.allCases)
        func holeUnderIPTables(_ variant: DockerHost.Variant) async throws {
            try await DockerHost.with(variant) { host in
                let fence = try await Policies.shared.fence()
                try await host.must("apply", fence, "--backend", "iptables", "--family", "ip")
                let report = try await during(host) { try createNetworks(host.lab) }
                print("\(variant): DOCKER-USER, \(Self.creations) × network create: \(report)")
                #expect(report.leaked > 0, "\(report)")
                try await host.must("migrate", "--observe", "0")
                let moved = try await during(host) { try createNetworks(host.lab) }
                print("\(variant): nft, \(Self.creations) × network create: \(moved)")
                #expect(moved.leaked == 0 && moved.refused == 0, "\(moved)")
                // Docker has put its RETURN back meanwhile.
                #expect(try await host.dockerUser() == ["-j RETURN"])
                try await host.must("migrate", "--back")
                #expect(try host.lab.verdicts() == Tables.fenceIPv4)
            }
        }

        @Test("under nft, with the twin at input, no event of Docker's lets anything through", arguments: DockerHost.Variant.allCases)
        func eventsUnderNFT(_ variant: DockerHost.Variant) async throws {
            try await DockerHost.with(variant) { host in
                try await host.must("apply", try await Policies.shared.fence(), "--backend", "nft")
                for event in DockerEvent.allCases {
                    let patrols = try Patrols(in: host.lab, [.ip, .ip6])
                    try event.run(host.lab)
                    try await Task.sleep(for: .milliseconds(200))
                    let report = try patrols.end()
                    print("\(variant): nft, \(event.title): \(report)")
                    #expect(report.leaked == 0 && report.sent.forbidden > 100, "\(event): \(report)")
                }
                #expect(try host.lab.verdicts() == Tables.fence)
            }
        }

        private func createNetworks(_ lab: DockerLab) throws {
            for _ in 0..<Self.creations { try DockerEvent.networkCreate.run(lab) }
        }

        private func during(_ host: DockerHost, _ body: () throws -> Void) async throws -> Patrols.Report {
            let patrols = try Patrols(in: host.lab)
            try await Task.sleep(for: .milliseconds(200))
            try body()
            try await Task.sleep(for: .milliseconds(200))
            return try patrols.end()
        }
    }
}
