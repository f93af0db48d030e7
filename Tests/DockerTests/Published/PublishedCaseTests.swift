import PacketLab
import TestSupport
import Testing

extension DockerSuite {
    /// Every connection of the lab, before, during and after a migration.
    @Suite struct PublishedCaseTests {
        @Test(
            "a policy in DOCKER-USER goes to nft and back, and no connection fares otherwise",
            arguments: DockerHost.Variant.allCases)
        func policyMoves(_ variant: DockerHost.Variant) async throws {
            try await DockerHost.with(variant) { host in
                try host.expect(Tables.fresh)
                let fence = try await Policies.shared.fence()
                try await host.must("apply", fence, "--backend", "iptables", "--family", "ip")
                try host.expect(Tables.fenceIPv4)
                let rules = try await host.dockerUser()
                let moved = try await host.seawall("migrate", "--observe", "0")
                try #require(moved.status == 0, "\(moved.errors)")
                #expect(
                    moved.errors.contains(
                        """
                        seawall: warning: no packet of IPv6 comes to the policy under iptables, and under nft none will: migrating changes nothing [family-left-out]
                        seawall: note: `seawall apply --backend nft` with the policy judges both families

                        """), "\(moved.errors)")
                try host.expect(Tables.fenceIPv4)
                #expect(try await host.dockerUser().isEmpty)
                #expect(try await host.must("status").hasPrefix("in sync with state 2: Fence (nft)"))
                try await host.must("migrate", "--back")
                try host.expect(Tables.fenceIPv4)
                #expect(try await host.dockerUser() == rules)
                // In the place of what was moved, the policy is in force for both families.
                try await host.must("migrate", "--observe", "0")
                try await host.must("apply", fence, "--backend", "nft")
                try host.expect(Tables.fence)
                #expect(try await host.dockerUser().isEmpty)
            }
        }

        @Test(
            "under nft a policy judges IPv6, too, for which the engine has no DOCKER-USER",
            arguments: DockerHost.Variant.allCases)
        func policyUnderNFT(_ variant: DockerHost.Variant) async throws {
            try await DockerHost.with(variant) { host in
                let fence = try await Policies.shared.fence()
                let refused = try await host.seawall("apply", fence, "--backend", "iptables")
                #expect(
                    refused.status == 4
                        && refused.errors.contains("ip6tables-\(variant): there is no chain DOCKER-USER"))
                try await host.must("apply", fence, "--backend", "nft")
                try host.expect(Tables.fence)
            }
        }

        @Test("rules that were written by hand go to nft and back", arguments: DockerHost.Variant.allCases)
        func handWritten(_ variant: DockerHost.Variant) async throws {
            try await DockerHost.with(variant) { host in
                try await host.load(HandWritten.rules)
                let rules = try await host.dockerUser()
                try host.expect(Tables.handWritten)
                async let moved = host.must("migrate", "--observe", "4s")
                try await host.waitForTable()
                #expect(try await host.dockerUser() == rules)
                try host.expect(Tables.handWritten)
                _ = try await moved
                #expect(try await host.dockerUser() == ["-j RETURN"])
                try host.expect(Tables.handWritten)
                try await host.must("migrate", "--back")
                #expect(try await host.dockerUser() == rules)
                try host.expect(Tables.handWritten)
            }
        }

        @Test(
            "a DOCKER-USER for IPv6, which somebody made by hand, moves as well",
            arguments: DockerHost.Variant.allCases)
        func handWrittenIPv6(_ variant: DockerHost.Variant) async throws {
            try await DockerHost.with(variant) { host in
                let tool = "ip6tables-\(variant) -w"
                try await host.load(HandWritten.rules)
                try await host.shell(
                    """
                    \(tool) -N DOCKER-USER; \(tool) -I FORWARD -j DOCKER-USER
                    \(tool) -A DOCKER-USER -i eth0 -s 2001:db8:1::66 -p tcp -m conntrack --ctorigdstport 9090 \
                        --ctdir ORIGINAL -j DROP
                    """)
                try host.expect(Tables.handWrittenIPv6)
                let moved = try await host.must("migrate", "--observe", "0")
                #expect(moved.contains("ip6tables-\(variant): 1 of 1\n"), "\(moved)")
                try host.expect(Tables.handWrittenIPv6)
                try await host.must("migrate", "--back")
                try host.expect(Tables.handWrittenIPv6)
            }
        }
    }
}
