import PacketLab
import PacketModel
import TestSupport
import Testing

extension DockerSuite {
    /// TCP connections that stand while rules come, go to nft, and come back.
    @Suite struct EstablishedTests {
        private static let blocks =
            "-i eth0 -s 198.51.100.66/32 -p tcp -m conntrack --ctorigdstport 8080 --ctdir ORIGINAL -j DROP"

        private func open(_ host: DockerHost, _ machine: DockerLab.Outside) throws -> StandingConnection {
            let address = try #require(IPAddress("198.51.100.1"))
            return try host.lab.open(Knock(from: .outside(machine), to: address, 8080))
        }

        @Test(
            "rules that let established connections pass keep them, in nft and back again",
            arguments: DockerHost.Variant.allCases)
        func keeps(_ variant: DockerHost.Variant) async throws {
            try await DockerHost.with(variant) { host in
                let stranger = try open(host, .stranger)
                try await host.load(["-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN", Self.blocks, "-j RETURN"])
                #expect(throws: LabError.self) { try open(host, .stranger) }
                #expect(stranger.passes)
                try await host.must("migrate", "--observe", "0")
                #expect(throws: LabError.self) { try open(host, .stranger) }
                #expect(stranger.passes)
                try await host.must("migrate", "--back")
                #expect(throws: LabError.self) { try open(host, .stranger) }
                #expect(stranger.passes)
            }
        }

        @Test(
            "rules that look at the direction cut them at once, and only those", arguments: DockerHost.Variant.allCases)
        func cuts(_ variant: DockerHost.Variant) async throws {
            try await DockerHost.with(variant) { host in
                let (client, stranger) = (try open(host, .client), try open(host, .stranger))
                #expect(client.passes && stranger.passes)
                try await host.load([Self.blocks, "-j RETURN"])
                #expect(client.passes && stranger.isCut)
                try await host.must("migrate", "--observe", "0")
                #expect(client.passes && stranger.isCut)
                try await host.must("migrate", "--back")
                #expect(client.passes && stranger.isCut)
            }
        }

        @Test(
            "a policy that is applied cuts what it forbids, under either backend",
            arguments: DockerHost.Variant.allCases)
        func policyCuts(_ variant: DockerHost.Variant) async throws {
            for backend in [["iptables", "--family", "ip"], ["nft"]] {
                try await DockerHost.with(variant) { host in
                    let (client, stranger) = (try open(host, .client), try open(host, .stranger))
                    #expect(client.passes && stranger.passes)
                    let outcome = try await host.seawall(
                        ["apply", try await Policies.shared.fence(), "--backend"] + backend)
                    #expect(outcome.status == 0, "\(outcome.errors)")
                    #expect(client.passes && stranger.isCut)
                }
            }
        }
    }
}
