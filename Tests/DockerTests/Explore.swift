import PacketLab
import TestSupport
import Testing

extension DockerSuite {
    @Suite struct ExploreTests {
        @Test(arguments: DockerDaemon.Variant.allCases)
        func explore(_ variant: DockerDaemon.Variant) async throws {
            try await DockerHost.with(variant) { host in
                let fence = try await Policies.shared.fence()
                print(try await host.seawall("apply", fence, "--backend", "iptables"))
                print(try await host.seawall("apply", fence, "--backend", "iptables", "--family", "ip"))
                print(try host.lab.verdicts())
                print(try await host.seawall("migrate", "--plan"))
                print(try await host.seawall("migrate", "--observe", "0"))
                print(try host.lab.verdicts())
                print(try await host.shell("\(host.iptables)-save -t filter; ip6tables-\(variant)-save -t filter; nft list table inet seawall"))
                print(try await host.seawall("migrate", "--back"))
                print(try host.lab.verdicts())
            }
        }
    }
}
