import Deployment
import Diagnostics
import IPTablesBackend
import NFTablesBackend
import PacketModel
import Testing

/// Both variants of the real iptables, in namespaces of our own.
@Suite(.enabled(if: KernelTests.areEnabled, KernelTests.reason))
struct IPTablesKernelTests {
    private let tools = HostTools(executable: TestExecutable.path)

    /// A namespace as Docker leaves it: `DOCKER-USER`, with rules, and its jump, for both families.
    private func withDocker(
        _ variant: IPTablesVariant, rules: [String] = [], families: [AddressFamily] = [.ip, .ip6],
        _ body: (TestNamespace, IPTablesApplier) async throws -> Void
    ) async throws {
        try await withNamespace { host in
            for family in families { try await restore(host, variant, family, docker(rules)) }
            try await body(host, IPTablesApplier(tools: tools, namespace: host.namespace))
        }
    }

    private func docker(_ rules: [String]) -> [String] {
        [":DOCKER-USER - [0:0]", ":DOCKER - [0:0]", "-A FORWARD -j DOCKER-USER", "-A FORWARD -j DOCKER"]
            + rules.map { "-A DOCKER-USER \($0)" }
    }

    private func restore(_ host: TestNamespace, _ variant: IPTablesVariant, _ family: AddressFamily, _ lines: [String])
        async throws
    {
        let text = (["*filter"] + lines + ["COMMIT", ""]).joined(separator: "\n")
        try await host.shell("\(variant.restoreTool(family)) --noflush", input: text)
    }

    private func rules(_ host: TestNamespace, _ variant: IPTablesVariant, _ family: AddressFamily = .ip) async throws
        -> [String]
    {
        let text = try await host.shell("\(variant.saveTool(family))")
        return text.split(separator: "\n").map(String.init).filter {
            $0.hasPrefix("-A DOCKER-USER") || $0.contains("SEAWALL")
        }
    }

    private func both(_ names: String...) -> [IPTablesProgram] {
        AddressFamily.allCases.map { family in
            IPTablesProgram(family: family, entry: names.map(Programs.drop), chains: [])
        }
    }

    @Test(arguments: IPTablesVariant.allCases)
    func appliesAgainAndAgain(variant: IPTablesVariant) async throws {
        try await withDocker(variant, rules: ["-j RETURN"]) { host, applier in
            let first = try await applier.plan(both("a", "b c"))
            #expect(first.variant == variant)
            #expect(first.families.map(\.layout) == [.dockerUser, .dockerUser])
            try await applier.apply(first)
            let state = try await host.state()
            for family in AddressFamily.allCases {
                #expect(
                    try await rules(host, variant, family) == [
                        #"-A DOCKER-USER -i eth0 -m comment --comment "sw:a0000000" -j DROP"#,
                        #"-A DOCKER-USER -i eth0 -m comment --comment "sw:b0000000 c" -j DROP"#,
                    ])
            }
            let second = try await applier.plan(both("a", "b c"))
            #expect(second.families.map(\.document) == first.families.map(\.document))
            try await applier.apply(second)
            #expect(try await host.state() == state)
        }
    }

    @Test(arguments: IPTablesVariant.allCases)
    func keepsForeignRulesAndTheirCounters(variant: IPTablesVariant) async throws {
        let foreign = [
            #"-s 192.0.2.1/32 -m comment --comment "it\'s \"theirs\" \\ x" -j DROP"#,
            "-p tcp -m limit --limit 10/min -j LOG --log-prefix \"x y\"",
        ]
        let ours = #"-m comment --comment "sw:01d00000" -j DROP"#
        try await withDocker(variant, rules: [foreign[0], ours, foreign[1], ours, "-j RETURN"], families: [.ip]) {
            host, applier in
            let before = try await rules(host, variant)
            let kept = [before[0], before[2], before[4]]
            try await applier.apply(try await applier.plan([Programs.chained(.ip, "x")]))
            let jump = #"-A DOCKER-USER -m comment --comment "sw:jump" -j SEAWALL"#
            let loaded = try await rules(host, variant)
            #expect(loaded.filter { $0.hasPrefix("-A DOCKER-USER") } == [jump] + kept)
            #expect(loaded.contains(":SEAWALL-x - [0:0]"))
            // The jump is pushed down, as an insertion by hand does it, and a policy without the chain follows.
            try await restore(host, variant, .ip, ["-I DOCKER-USER 1 -s 192.0.2.9/32 -j ACCEPT"])
            try await applier.apply(try await applier.plan([Programs.drops(.ip, "a")]))
            #expect(
                try await rules(host, variant) == [
                    ":SEAWALL - [0:0]", jump, "-A DOCKER-USER -s 192.0.2.9/32 -j ACCEPT",
                ] + kept + [#"-A SEAWALL -i eth0 -m comment --comment "sw:a0000000" -j DROP"#])
            // Without foreign rules it goes back into DOCKER-USER itself.
            let deletions = ["-A DOCKER-USER -s 192.0.2.9/32 -j ACCEPT", kept[0], kept[1]].map {
                "-D" + $0.dropFirst(2)
            }
            try await restore(host, variant, .ip, deletions)
            try await applier.apply(try await applier.plan([Programs.drops(.ip, "a")]))
            #expect(
                try await rules(host, variant) == [
                    #"-A DOCKER-USER -i eth0 -m comment --comment "sw:a0000000" -j DROP"#
                ])
        }
    }

    @Test(arguments: IPTablesVariant.allCases)
    func deletesEveryKindOfRuleByItsWords(variant: IPTablesVariant) async throws {
        var conntrack = ConntrackMatch()
        conntrack.state = Negatable(ConntrackMatch.States([.new, .established]))
        conntrack.direction = .original
        conntrack.originalDestinationPort = Negatable(PortRange(80, 90))
        let matches: [[IPTablesMatch]] = [
            [.conntrack(conntrack)], [.limit(count: 10, unit: .minute, burst: 7)], [.quota(bytes: 1000)],
            [.timeUntil(lastSecond: 1_900_000_000)],
            [.packetType(Negatable(.broadcast))], [.fragment(isNegated: false)],
            [
                .proto(Negatable(ProtocolWord(.tcp))),
                .multiport(.destination, Negatable([PortRange(80, 80), PortRange(443, 450)])),
            ],
            [
                .proto(Negatable(ProtocolWord(.tcp))),
                .ports(.tcp, source: nil, destination: Negatable(PortRange(80, 80), isNegated: true)),
            ],
            [
                .proto(Negatable(ProtocolWord(.tcp))),
                .tcp(TCPMatch(flags: Negatable(TCPMatch.Flags(mask: [.syn, .ack], set: .syn), isNegated: false))),
            ],
            [.proto(Negatable(ProtocolWord(.icmp))), .icmp(Negatable(ICMPMessage(isIPv6: false, type: 8, code: 0)))],
        ]
        let targets: [IPTablesTarget] = [
            .drop, .return, .reject(with: "icmp-port-unreachable"), .log(LogTarget(prefix: "a b ", level: 5)),
            .setMark(value: 1, mask: 1),
        ]
        let entry = matches.enumerated().flatMap { index, matches in
            targets.map { IPTablesRule(matches + [.comment("sw:\(10_000_000 + index)")], target: $0) }
        }
        let program = IPTablesProgram(family: .ip, entry: entry, chains: [])
        try await withDocker(variant, families: [.ip]) { host, applier in
            try await applier.apply(try await applier.plan([program]))
            try await restore(host, variant, .ip, ["-A DOCKER-USER -j ACCEPT"])
            let before = try await host.state()
            let plan = try await applier.plan([program])
            try await applier.apply(plan)
            let loaded = try await rules(host, variant).filter { $0.hasPrefix("-A DOCKER-USER") }
            #expect(
                loaded == [#"-A DOCKER-USER -m comment --comment "sw:jump" -j SEAWALL"#, "-A DOCKER-USER -j ACCEPT"])
            let undo = try #require(plan.families.first?.undo)
            try await host.shell("\(variant.restoreTool(.ip)) --noflush --counters", input: undo)
            #expect(try await host.state() == before)
        }
    }

    @Test(arguments: IPTablesVariant.allCases, IPTablesLayout.allCases)
    func aSecondFamilyThatFailsUndoesTheFirst(variant: IPTablesVariant, layout: IPTablesLayout) async throws {
        let foreign = ["-s 192.0.2.0/24 -j DROP", "-m comment --comment sw:01d00000 -j DROP", "-j ACCEPT"]
        try await withDocker(variant, families: []) { host, applier in
            try await restore(
                host, variant, .ip, docker(layout == .ownChain ? foreign : ["-m comment --comment sw:01d00000 -j DROP"])
            )
            try await restore(host, variant, .ip6, docker([]))
            let before = try await host.state()
            // iptables-nft-restore --test does not see that a chain is missing; for legacy the tool answers the test in our stead.
            let broken = IPTablesProgram(
                family: .ip6, entry: [IPTablesRule([.comment("sw:x0000000")], target: .jump("SEAWALL-none"))],
                chains: [])
            let passing = PassingTests(tools: tools)
            let applier = IPTablesApplier(tools: passing, namespace: host.namespace)
            let plan = try await applier.plan(
                [Programs.chained(.ip, "x"), broken], options: IPTablesOptions(layout: layout))
            let error = try await diagnostics { try await applier.apply(plan) }
            #expect(error.diagnostics.first?.id == "iptables-refused")
            #expect(
                error.diagnostics.first?.notes.last?.message
                    == "the IPv4 rules were changed already, and have been put back as they were")
            #expect(try await host.state() == before)
        }
    }

    @Test(arguments: IPTablesVariant.allCases)
    func aBadDocumentChangesNothing(variant: IPTablesVariant) async throws {
        try await withDocker(variant, rules: ["-j RETURN"]) { host, applier in
            let before = try await host.state()
            let rule = IPTablesRule([.comment("sw:x0000000")], target: .reject(with: "no-such-kind"))
            let programs = both("a").map { IPTablesProgram(family: $0.family, entry: $0.entry + [rule], chains: []) }
            let error = try await diagnostics { try await applier.apply(try await applier.plan(programs)) }
            #expect(
                error.diagnostics.first?.message
                    == "'\(variant.restoreTool(.ip))' refuses the rules (exit code 2); nothing of them was loaded")
            #expect(try await host.state() == before)
        }
    }

    @Test(arguments: IPTablesVariant.allCases)
    func aChangeInBetweenIsDetected(variant: IPTablesVariant) async throws {
        try await withDocker(variant) { host, applier in
            let plan = try await applier.plan(both("a"))
            try await restore(host, variant, .ip, ["-A DOCKER-USER -s 192.0.2.1/32 -j DROP"])
            let before = try await host.state()
            let error = try await diagnostics { try await applier.apply(plan) }
            #expect(error.diagnostics.first?.id == "changed-meanwhile")
            #expect(try await host.state() == before)
        }
    }

    @Test(arguments: IPTablesVariant.allCases)
    func planningAndDryRunsLeaveNoTrace(variant: IPTablesVariant) async throws {
        try await withDocker(variant) { host, applier in
            let script =
                "cat /proc/net/ip_tables_names; nft list tables; (iptables-legacy-save; iptables-nft-save) | grep -v '^#'"
            let before = try await host.shell(script)
            try await applier.apply(try await applier.plan([Programs.chained(.ip, "x")]), dryRun: true)
            #expect(try await host.shell(script) == before)
        }
    }

    @Test(arguments: [
        ("docker-user-missing", "-N OTHER"), ("docker-user-not-reached", "-N DOCKER-USER"),
        ("docker-user-not-reached", "-N DOCKER-USER\n-A FORWARD -i eth0 -j DOCKER-USER"),
        ("docker-user-not-reached", "-N DOCKER-USER\n-A FORWARD -j ACCEPT\n-A FORWARD -j DOCKER-USER"),
    ])
    func refusesWhereNoPacketComes(id: String, lines: String) async throws {
        for variant in IPTablesVariant.allCases {
            try await withNamespace { host in
                try await restore(host, variant, .ip, lines.split(separator: "\n").map(String.init))
                let before = try await host.state()
                let applier = IPTablesApplier(tools: tools, namespace: host.namespace)
                let error = try await diagnostics { _ = try await applier.plan([Programs.drops(.ip, "a")]) }
                #expect(error.diagnostics.first?.id == id)
                #expect(try await host.state() == before)
            }
        }
    }

    @Test func refusesToChooseBetweenBoth() async throws {
        try await withDocker(.legacy, families: [.ip]) { host, applier in
            try await restore(host, .nft, .ip, docker([]))
            let error = try await diagnostics { _ = try await applier.plan([Programs.drops(.ip, "a")]) }
            #expect(error.diagnostics.first?.id == "ambiguous-variant")
            let named = IPTablesApplier(tools: tools, variant: .nft, namespace: host.namespace)
            try await named.apply(try await named.plan([Programs.drops(.ip, "a")]))
            #expect(try await rules(host, .nft).count == 1)
            #expect(try await rules(host, .legacy).isEmpty)
        }
    }

    @Test(arguments: IPTablesVariant.allCases, IPTablesLayout.allCases)
    func worksWithoutDocker(variant: IPTablesVariant, layout: IPTablesLayout) async throws {
        try await withNamespace { host in
            let applier = IPTablesApplier(
                tools: tools, variant: IPTablesVariantChoice(rawValue: variant.rawValue) ?? .auto,
                namespace: host.namespace)
            let options = IPTablesOptions(layout: layout, withoutDocker: true)
            let plan = try await applier.plan(both("a"), options: options)
            try await applier.apply(plan)
            let state = try await host.state()
            #expect(state.contains(":FORWARD ACCEPT [0:0]\n"))
            #expect(state.contains("-A FORWARD -j DOCKER-USER\n"))
            try await applier.apply(try await applier.plan(both("a"), options: options))
            #expect(try await host.state() == state)
            for family in plan.families {
                try await host.shell("\(variant.restoreTool(family.family)) --noflush --counters", input: family.undo)
                #expect(!(try await host.shell(variant.saveTool(family.family))).contains("DOCKER-USER"))
            }
        }
    }

    @Test func saysThatTheNamespaceIsMissing() async throws {
        let applier = IPTablesApplier(tools: tools, namespace: NetworkNamespace("seawall-test-none"))
        let error = try await diagnostics { _ = try await applier.plan([Programs.drops(.ip, "a")]) }
        #expect(
            error.diagnostics.first?.message
                == "the network namespace 'seawall-test-none' cannot be entered: No such file or directory")
    }
}

/// Tools that find every document good when they are only asked to test it.
private struct PassingTests: HostToolRunner {
    let tools: HostTools

    var isPrivileged: Bool { tools.isPrivileged }

    func path(of tool: String) -> String? { tools.path(of: tool) }

    func run(_ call: HostToolCall) async throws -> HostToolResult {
        call.arguments.contains("--test") ? HostToolResult() : try await tools.run(call)
    }
}
