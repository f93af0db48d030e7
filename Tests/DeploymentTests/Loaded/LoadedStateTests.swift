import Deployment
import Diagnostics
import IPTablesBackend
import JSONC
import NFTablesBackend
import PacketModel
import Testing

private struct FakeTable: NFTRunner {
    var listing: JSONValue?
    var error: DiagnosticError?

    func run(_ commands: JSONValue, check: Bool) async throws -> NFTResult { .done(.zero) }

    func list(_ table: NFTTableName, terse: Bool) async throws -> JSONValue? {
        if let error { throw error }
        return listing
    }
}

struct LoadedStateTests {
    @Test func ofAHostWithNothing() async throws {
        let state = try await LoadedState.read(tools: FakeTools(), nft: FakeTable())
        #expect(
            state.text == """
                nftables: there is no table inet seawall
                iptables-legacy: nothing of Seawall's, and no chain DOCKER-USER
                ip6tables-legacy: nothing of Seawall's, and no chain DOCKER-USER
                iptables-nft: nothing of Seawall's, and no chain DOCKER-USER
                ip6tables-nft: nothing of Seawall's, and no chain DOCKER-USER

                """)
        #expect(
            state.json.text() == """
                {"nftables":{"status":"absent"},"iptables":[{"variant":"legacy","family":"ip","status":"absent"},\
                {"variant":"legacy","family":"ip6","status":"absent"},{"variant":"nft","family":"ip","status":"absent"},\
                {"variant":"nft","family":"ip6","status":"absent"}]}
                """)
    }

    @Test func ofAHostWithEverything() async throws {
        let counted: JSONValue = [
            "rule": [
                "chain": "forward4", "comment": "sw:a0000000 one",
                "expr": [["counter": ["packets": 1, "bytes": 60]], ["drop": .null]],
            ]
        ]
        let nft = FakeTable(listing: [
            "nftables": [
                ["set": ["name": "b4", "type": "ipv4_addr", "elem": ["192.0.2.1", "192.0.2.2"]]],
                ["chain": NFTDocuments.chain("forward4")], ["chain": ["name": "r1"]], counted,
                ["rule": ["chain": "r1", "expr": [["accept": .null]]]],
            ]
        ])
        let tools = FakeTools(listings: [
            "iptables-legacy-save": [
                Listings.filter(["DOCKER-USER": ["-m comment --comment \"sw:a0000000 b\" -j DROP", "-j RETURN"]])
            ],
            "ip6tables-legacy-save": [
                Listings.filter(
                    forward: ["-i eth0 -j DOCKER-USER"],
                    [
                        "DOCKER-USER": ["-m comment --comment sw:jump -j SEAWALL", "-j ACCEPT"],
                        "SEAWALL": ["-j SEAWALL-x"],
                        "SEAWALL-x": [],
                    ])
            ], "iptables-nft-save": [Listings.filter(forward: [], ["SEAWALL-x": []])],
            "ip6tables-nft-save": [Listings.docker],
        ])
        let state = try await LoadedState.read(tools: tools, nft: nft)
        #expect(
            state.text == """
                nftables: table inet seawall
                  chain forward4: type filter hook forward priority -10; policy accept, 1 rule
                    sw:a0000000 one  (1 packet, 60 bytes)
                  chain r1, 1 rule
                    (no comment)
                  set b4: ipv4_addr, 2 elements
                iptables-legacy: 1 rule in DOCKER-USER; DOCKER-USER is reached
                  -A DOCKER-USER -m comment --comment "sw:a0000000 b" -j DROP  (1 packet, 60 bytes)
                ip6tables-legacy: 1 rule in the chain SEAWALL; DOCKER-USER is reached only under a condition: -A FORWARD -i eth0 -j DOCKER-USER; \
                1 rule of others in DOCKER-USER
                  -A DOCKER-USER -m comment --comment sw:jump -j SEAWALL  (1 packet, 60 bytes)
                  chain SEAWALL, 1 rule
                    -A SEAWALL -j SEAWALL-x  (1 packet, 60 bytes)
                  chain SEAWALL-x, 0 rules
                iptables-nft: chains of Seawall's that nothing leads to; there is no chain DOCKER-USER
                  chain SEAWALL-x, 0 rules
                ip6tables-nft: nothing of Seawall's; DOCKER-USER is reached

                """)
        #expect(
            state.json["nftables"]?.text() == """
                {"status":"present","chains":[{"name":"forward4","base":"type filter hook forward priority -10; policy accept",\
                "rules":[{"comment":"sw:a0000000 one","packets":1,"bytes":60}]},{"name":"r1","rules":[{"comment":""}]}],\
                "sets":[{"name":"b4","type":"ipv4_addr","elements":2}]}
                """)
        #expect(
            state.json["iptables"]?.array?.first?.text() == """
                {"variant":"legacy","family":"ip","status":"present","layout":"docker-user","dockerUser":"reached","foreignRules":0,\
                "rules":[{"words":["-m","comment","--comment","sw:a0000000 b","-j","DROP"],"packets":1,"bytes":60}],"chains":[]}
                """)
    }

    @Test func ofAHostWithoutTools() async throws {
        let nft = FakeTable(error: DiagnosticError(.host, "nft-without-json", "no JSON"))
        let tools = MissingTools()
        let state = try await LoadedState.read(tools: tools, nft: nft)
        #expect(
            state.text.split(separator: "\n").prefix(2) == [
                "nftables: cannot be looked at: no JSON", "iptables-legacy: cannot be looked at: no such tool",
            ])
    }

    @Test func needsPrivilege() async throws {
        let error = try await diagnostics {
            _ = try await LoadedState.read(tools: FakeTools(isPrivileged: false), nft: FakeTable())
        }
        #expect(
            error.diagnostics.map(\.message) == [
                "reading the firewall needs root, or the capability CAP_NET_ADMIN: run seawall with sudo"
            ])
    }

    @Test(.enabled(if: KernelTests.areEnabled, KernelTests.reason))
    func ofARealHost() async throws {
        try await withNamespace { host in
            let tools = HostTools(executable: TestExecutable.path)
            let nft = NFTProcessRunner(executable: TestExecutable.path, namespace: host.namespace)
            let before = try await host.shell("cat /proc/net/ip_tables_names; nft list tables")
            let empty = try await LoadedState.read(tools: tools, nft: nft, namespace: host.namespace)
            #expect(empty.nftables == .absent)
            #expect(empty.iptables.allSatisfy { $0.part == .absent })
            #expect(try await host.shell("cat /proc/net/ip_tables_names; nft list tables") == before)
            try await NFTApplier(runner: nft).apply(NFTDocuments.replacing([("forward4", ["sw:a0000000 one"])]))
            let applier = IPTablesApplier(tools: tools, variant: .legacy, namespace: host.namespace)
            let plan = try await applier.plan(
                [Programs.drops(.ip, "a")], options: IPTablesOptions(layout: .ownChain, withoutDocker: true))
            try await applier.apply(plan)
            let text = try await LoadedState.read(tools: tools, nft: nft, namespace: host.namespace).text
            #expect(
                text.contains(
                    "  chain forward4: type filter hook forward priority -10; policy accept, 1 rule\n    iifname \"eth0\" drop comment \"sw:a0000000 one\"\n"
                ))
            #expect(text.contains("iptables-legacy: 1 rule in the chain SEAWALL; DOCKER-USER is reached\n"))
        }
    }
}

/// A host without any tool.
private struct MissingTools: HostToolRunner {
    var isPrivileged: Bool { true }

    func path(of tool: String) -> String? { nil }

    func run(_ call: HostToolCall) async throws -> HostToolResult {
        throw DiagnosticError(.host, "tool-missing", "no such tool")
    }
}
