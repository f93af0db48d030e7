import PacketLab
import PacketModel
import TestSupport
import Testing

extension DockerSuite {
    /// Connections that are forbidden, every two milliseconds, while Docker changes its own rules.
    @Suite struct EventTests {
        /// How often a network is made at least, and at most until something has passed: each time there is a hole of some
        /// milliseconds, which a connection every two milliseconds may miss.
        private static let creations = 5...50

        @Test("a network that is made opens a hole in front of DOCKER-USER", arguments: DockerHost.Variant.allCases)
        func holeUnderIPTables(_ variant: DockerHost.Variant) async throws {
            try await DockerHost.with(variant) { host in
                let fence = try await Policies.shared.fence()
                try await host.must("apply", fence, "--backend", "iptables", "--family", "ip")
                let iptables = try await createNetworks(host, untilLeak: true)
                print("\(variant): DOCKER-USER, \(iptables.count) × network create: \(iptables.report)")
                #expect(iptables.report.leaked > 0, "\(iptables)")
                try await host.must("migrate", "--observe", "0")
                let nft = try await createNetworks(host, untilLeak: false)
                print("\(variant): nft, \(nft.count) × network create: \(nft.report)")
                #expect(nft.report.leaked == 0 && nft.report.refused == 0, "\(nft)")
                // Docker has put its RETURN back meanwhile.
                #expect(try await host.dockerUser() == ["-j RETURN"])
                try await host.must("migrate", "--back")
                try host.expect(Tables.fenceIPv4)
            }
        }

        @Test(
            "under nft, with the twin at input, no event of Docker's lets anything through",
            arguments: DockerHost.Variant.allCases)
        func eventsUnderNFT(_ variant: DockerHost.Variant) async throws {
            try await DockerHost.with(variant) { host in
                try await host.must("apply", try await Policies.shared.fence(), "--backend", "nft")
                for event in DockerEvent.allCases {
                    let patrols = try Patrols(in: host.lab, [.ip, .ip6], isUndisturbed: event == .networkCreate)
                    try event.run(host.lab)
                    try await Task.sleep(for: .milliseconds(200))
                    let report = try patrols.end()
                    print("\(variant): nft, \(event.title): \(report)")
                    #expect(
                        report.leaked == 0 && report.refused == 0 && report.sent.forbidden > 100, "\(event): \(report)")
                }
                try host.expect(Tables.fence)
            }
        }

        private func createNetworks(
            _ host: DockerHost, untilLeak: Bool
        ) async throws -> (count: Int, report: Patrols.Report) {
            let patrols = try Patrols(in: host.lab)
            var count = 0
            while count < Self.creations.lowerBound
                || (untilLeak && count < Self.creations.upperBound && !patrols.hasLeak)
            {
                try DockerEvent.networkCreate.run(host.lab)
                count += 1
            }
            try await Task.sleep(for: .milliseconds(200))
            return (count, try patrols.end())
        }
    }
}
