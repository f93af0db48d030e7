import Deployment
import Diagnostics
import IPTablesBackend
import PacketModel
import Testing

/// The order of steps, and what is said when one of them fails.
struct IPTablesApplyTests {
    private let loaded = Listings.filter(["DOCKER-USER": ["-i eth0 -m comment --comment sw:a0000000 -j DROP"]])
    private let programs = [Programs.drops(.ip, "a"), Programs.drops(.ip6, "a")]

    private func apply(_ tools: FakeTools, dryRun: Bool = false) async throws {
        let applier = IPTablesApplier(tools: tools, variant: .legacy)
        try await applier.apply(try await applier.plan(programs), dryRun: dryRun)
    }

    @Test func testsBothBeforeItWritesEither() async throws {
        let texts = [Listings.docker, Listings.docker, loaded]
        let tools = FakeTools(listings: ["iptables-legacy-save": texts, "ip6tables-legacy-save": texts])
        try await apply(tools)
        let loads = await tools.loads
        #expect(
            loads.map(\.tool) == [
                "iptables-legacy-restore", "ip6tables-legacy-restore", "iptables-legacy-restore",
                "ip6tables-legacy-restore",
            ])
        #expect(
            loads.map(\.arguments) == [
                ["--noflush", "--wait", "30", "--test"], ["--noflush", "--wait", "30", "--test"],
                ["--noflush", "--wait", "30"],
                ["--noflush", "--wait", "30"],
            ])
    }

    @Test func aDryRunOnlyTests() async throws {
        let tools = FakeTools(listings: [
            "iptables-legacy-save": [Listings.docker], "ip6tables-legacy-save": [Listings.docker],
        ])
        try await apply(tools, dryRun: true)
        #expect(await tools.loads.allSatisfy { $0.arguments.last == "--test" })
    }

    @Test func putsTheFirstFamilyBackWhenTheSecondFails() async throws {
        let refusal = HostToolResult(code: 1, errors: "ip6tables-restore: line 3 failed\n")
        let tools = FakeTools(
            listings: [
                "iptables-legacy-save": [Listings.docker, Listings.docker, loaded, Listings.docker],
                "ip6tables-legacy-save": [Listings.docker],
            ], results: ["ip6tables-legacy-restore": [HostToolResult(), refusal]])
        let error = try await diagnostics { try await apply(tools) }
        #expect(
            error.text == """
                seawall: error: 'ip6tables-legacy-restore' refuses the rules (exit code 1); nothing of them was loaded [iptables-refused]
                seawall: note: ip6tables-restore: line 3 failed
                seawall: note: the IPv4 rules were changed already, and have been put back as they were
                """)
        let last = try #require(await tools.loads.last)
        #expect(last.arguments == ["--noflush", "--wait", "30", "--counters"])
        #expect(last.input == "*filter\n:DOCKER-USER - [0:0]\nCOMMIT\n")
    }

    @Test func saysWhenTheWayBackFails() async throws {
        let refusal = HostToolResult(code: 4, errors: "no lock\n")
        let tools = FakeTools(
            listings: [
                "iptables-legacy-save": [Listings.docker, Listings.docker, loaded],
                "ip6tables-legacy-save": [Listings.docker],
            ],
            results: [
                "iptables-legacy-restore": [HostToolResult(), HostToolResult(), refusal],
                "ip6tables-legacy-restore": [HostToolResult(), refusal],
            ])
        let error = try await diagnostics { try await apply(tools) }
        #expect(
            error.diagnostics.first?.notes.last?.message == """
                the IPv4 rules were changed already and could not be put back, the new ones are in force: seawall: error: \
                'iptables-legacy-restore' refuses the rules (exit code 4); nothing of them was loaded [iptables-refused]
                seawall: note: no lock
                """)
    }

    @Test func noticesAChangeInBetween() async throws {
        let changed = Listings.filter(["DOCKER-USER": ["-s 192.0.2.1/32 -j DROP"]])
        let tools = FakeTools(listings: [
            "iptables-legacy-save": [Listings.docker, changed], "ip6tables-legacy-save": [Listings.docker],
        ])
        let error = try await diagnostics { try await apply(tools) }
        #expect(
            error.text == """
                seawall: error: iptables-legacy: DOCKER-USER or a chain of Seawall's was changed by somebody else after it was read; nothing \
                was written [changed-meanwhile]
                seawall: note: run the command again
                """)
        #expect(await tools.loads.allSatisfy { $0.arguments.last == "--test" })
    }

    @Test func countersAreNoChange() async throws {
        let counted = Listings.docker.replacing("[0:0]", with: "[9:900]")
        let tools = FakeTools(listings: [
            "iptables-legacy-save": [Listings.docker, counted, loaded],
            "ip6tables-legacy-save": [Listings.docker, counted, loaded],
        ])
        try await apply(tools)
    }

    @Test func comparesWhatTheKernelHolds() async throws {
        let other = Listings.filter(["DOCKER-USER": ["-i eth0 -m comment --comment sw:a0000000 -j ACCEPT"]])
        let tools = FakeTools(listings: [
            "iptables-legacy-save": [Listings.docker, Listings.docker, other, other, Listings.docker],
            "ip6tables-legacy-save": [Listings.docker, Listings.docker, loaded, Listings.docker],
        ])
        let error = try await diagnostics { try await apply(tools) }
        #expect(
            error.text == """
                seawall: error: iptables-legacy: what the kernel holds is not what was sent [iptables-read-back]
                seawall: note: the chain 'DOCKER-USER' has 1 rules, 1 were sent; rule 1 is 'sw:a0000000 (ACCEPT)', sent was 'sw:a0000000 (DROP)'
                seawall: note: the IPv6 rules were changed already, and have been put back as they were
                seawall: note: the IPv4 rules were changed already, and have been put back as they were
                """)
    }

    @Test func dockersReturnIsNoDifference() async throws {
        let appended = Listings.filter([
            "DOCKER-USER": ["-i eth0 -m comment --comment sw:a0000000 -j DROP", "-j RETURN"]
        ])
        let texts = [Listings.docker, Listings.docker, appended]
        try await apply(FakeTools(listings: ["iptables-legacy-save": texts, "ip6tables-legacy-save": texts]))
    }
}
