import JSONC
import TestSupport
import Testing

/// `seawall counters`: packets and bytes for each line of the applied policy, in its order.
@Suite(.enabled(if: TestEnvironment.mayUseNamespaces, "needs root, to make a network namespace of its own"))
struct CountersTests {
    private func withApplied(
        _ options: [String], _ document: String = TestPolicy.office().document,
        _ body: (CommandHost) async throws -> Void
    ) async throws {
        try await withHost { host in
            try await host.docker()
            try host.folder.write("policy.json", document)
            let outcome = try await run(
                Executable.path, ["apply", "policy.json", "--netns", host.namespace.name] + options,
                environment: ["SEAWALL_STATE_DIR": host.folder.path + "/state"], folder: host.folder.path)
            try #require(outcome.status == 0, "\(outcome.summary)")
            try await body(host)
        }
    }

    /// Gives the rules of `DOCKER-USER` counters, as if packets had come.
    private func count(_ tool: String, _ counters: [Int: String], in host: CommandHost) async throws {
        let rules = try await host.namespace.must("\(tool)-save | grep '^-A DOCKER-USER'").split(separator: "\n")
        let lines = rules.enumerated().map { "[\(counters[$0.offset + 1] ?? "0:0")] \($0.element)" }
        let text = (["*filter", ":DOCKER-USER - [0:0]"] + lines + ["COMMIT", ""]).joined(separator: "\n")
        try await host.namespace.must("\(tool)-restore --noflush --counters", input: text)
    }

    @Test func bothFamiliesAreAddedUp() async throws {
        try await withApplied(["--backend", "iptables"]) { host in
            try await count(
                "iptables-legacy", [1: "8214:497102", 3: "17:1020", 4: "300:18000", 6: "95:5700"], in: host)
            try await count("ip6tables-legacy", [3: "11:660"], in: host)
            let outcome = try await host.seawall("counters")
            #expect(outcome.summary == "exit 0\n")
            #expect(
                outcome.output == """
                    packets   bytes  rule
                       8214  497102  Policy.swift:6: replies
                          0       0  Policy.swift:6: related ICMP errors
                         17    1020  Policy.swift:7  blocklist
                        311   18660  Policy.swift:8
                          0       0  Policy.swift:9
                         95    5700  Policy.swift:10

                    """, "\(outcome.output)")
            let json = try JSONValue.parse(try await host.seawall("counters", "--json").output)
            let rule = json["rules"]?.array?[3]
            #expect(rule?["packets"] == 311 && rule?["in"]?["iptables-legacy"]?["packets"] == 300)
            #expect(rule?["in"]?["ip6tables-legacy"]?["bytes"] == 660 && rule?["places"] == ["Policy.swift:8"])
        }
    }

    @Test func withoutCountersNothingIsCounted() async throws {
        try await withApplied(["--backend", "nft"]) { host in
            let outcome = try await host.seawall("counters")
            #expect(
                outcome.summary == """
                    exit 0
                    seawall: warning: the rules were loaded without counters, as is usual under nft: nothing is counted [not-counted]
                    seawall: note: `seawall apply … --counters rule` gives each rule a counter of its own

                    """)
            #expect(
                outcome.output == """
                    packets  bytes  rule
                          -      -  Policy.swift:6: replies
                          -      -  Policy.swift:6: related ICMP errors
                          -      -  Policy.swift:7  blocklist
                          -      -  Policy.swift:8
                          -      -  Policy.swift:9
                          -      -  Policy.swift:10

                    """, "\(outcome.output)")
        }
        try await withApplied(["--backend", "nft", "--counters", "rule"]) { host in
            let outcome = try await host.seawall("counters")
            #expect(outcome.summary == "exit 0\n")
            #expect(outcome.output.hasSuffix("\n      0      0  Policy.swift:10\n"), "\(outcome.output)")
        }
    }

    @Test func rulesThatBecameOneShareACounter() async throws {
        let rules = (1...9).map { #""verdict":"drop","from":"192.0.2.\#($0 * 2)""# }
        let document = TestPolicy(many: rules + [#""verdict":"allow","services":[{"protocol":"tcp","ports":443}]"#])
        try await withApplied(["--backend", "iptables", "--ipset", "--family", "ip"], document.document) { host in
            let outcome = try await host.seawall("counters")
            #expect(outcome.summary == "exit 0\n")
            let places = (7...15).map { "Policy.swift:\($0)" }.joined(separator: ", ")
            #expect(
                outcome.output == """
                    packets  bytes  rule
                          0      0  Policy.swift:6: replies
                          0      0  Policy.swift:6: related ICMP errors
                          0      0  \(places) (one counter for all)
                          0      0  Policy.swift:16

                    """, "\(outcome.output)")
        }
    }

    @Test func aRuleThatIsGoneIsSaid() async throws {
        try await withApplied(["--backend", "iptables", "--family", "ip"]) { host in
            try await host.namespace.must("iptables-legacy -D DOCKER-USER 4")
            let outcome = try await host.seawall("counters")
            #expect(
                outcome.output.contains(
                    "\n      0      0  Policy.swift:8  (not in the kernel)\n"), "\(outcome.output)")
        }
    }

    @Test func rulesOfAnotherPolicyAreNamed() async throws {
        try await withApplied(["--backend", "iptables"]) { host in
            try await host.namespace.must(
                "iptables-legacy -A DOCKER-USER -m comment --comment sw:r0000999 -j DROP")
            let outcome = try await host.seawall("counters")
            #expect(
                outcome.summary == """
                    exit 0
                    seawall: warning: 1 rule of Seawall's in the kernel is not of this policy: `seawall status` says more [other-rules]

                    """)
        }
    }
}
