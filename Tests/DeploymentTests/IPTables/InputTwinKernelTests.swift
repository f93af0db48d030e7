import Deployment
import Diagnostics
import FirewallIR
import IPTablesBackend
import NFTablesBackend
import PacketModel
import Testing

/// The jump in INPUT and the chain behind it in both variants of the real iptables.
@Suite(.enabled(if: KernelTests.areEnabled, KernelTests.reason))
struct InputTwinKernelTests {
    private let tools = HostTools(executable: TestExecutable.path)
    private static let foreign = ["-A INPUT -s 192.0.2.1/32 -j DROP", "-A INPUT -i eth9 -p tcp --dport 22 -j ACCEPT"]

    private func withHost(
        _ variant: IPTablesVariant, _ body: (TestNamespace, IPTablesApplier) async throws -> Void
    ) async throws {
        try await withNamespace { host in
            for family in AddressFamily.allCases {
                let own = Self.foreign.map { family == .ip ? $0 : $0.replacing("192.0.2.1/32", with: "2001:db8::1") }
                try await restore(host, variant, family, [":DOCKER-USER - [0:0]", "-A FORWARD -j DOCKER-USER"] + own)
            }
            try await body(host, IPTablesApplier(tools: tools, namespace: host.namespace))
        }
    }

    private func restore(_ host: TestNamespace, _ variant: IPTablesVariant, _ family: AddressFamily, _ lines: [String])
        async throws
    {
        let text = (["*filter"] + lines + ["COMMIT", ""]).joined(separator: "\n")
        try await host.shell("\(variant.restoreTool(family)) --noflush", input: text)
    }

    private func input(_ host: TestNamespace, _ variant: IPTablesVariant, _ family: AddressFamily) async throws
        -> [String]
    {
        let text = try await host.shell("\(variant.saveTool(family))")
        return text.split(separator: "\n").map(String.init).filter { $0.hasPrefix("-A INPUT") }
    }

    private func programs(port: UInt16 = 8080) -> [IPTablesProgram] {
        AddressFamily.allCases.map { Programs.proxied($0, port: port) }
    }

    @Test(arguments: IPTablesVariant.allCases)
    func itComesOnceStaysAndGoes(variant: IPTablesVariant) async throws {
        try await withHost(variant) { host, applier in
            let before = try await host.state()
            try await applier.apply(try await applier.plan(programs()))
            let state = try await host.state()
            for family in AddressFamily.allCases {
                let rules = try await input(host, variant, family)
                #expect(rules.count == 3)
                #expect(rules.first == #"-A INPUT -m comment --comment "sw:jump" -j SEAWALL-INPUT"#)
            }
            for _ in 0..<3 { try await applier.apply(try await applier.plan(programs())) }
            #expect(try await host.state() == state)
            // Others put their rules in front, as fail2ban does.
            try await restore(host, variant, .ip, ["-I INPUT 1 -s 192.0.2.2/32 -j DROP"])
            try await applier.apply(try await applier.plan(programs(port: 9090)))
            let moved = try await input(host, variant, .ip)
            #expect(moved.first?.hasSuffix("-j SEAWALL-INPUT") == true && moved.count == 4)
            #expect(moved[1] == "-A INPUT -s 192.0.2.2/32 -j DROP")
            try await restore(host, variant, .ip, ["-D INPUT -s 192.0.2.2/32 -j DROP"])
            let plain = AddressFamily.allCases.map { Programs.drops($0) }
            try await applier.apply(try await applier.plan(plain))
            #expect(try await host.state() == before)
        }
    }

    @Test(arguments: IPTablesVariant.allCases)
    func theWayBackIsExact(variant: IPTablesVariant) async throws {
        try await withHost(variant) { host, applier in
            // Two jumps, neither at the top.
            let jump = #"-A INPUT -m comment --comment "sw:jump" -j SEAWALL-INPUT"#
            for family in AddressFamily.allCases {
                try await restore(host, variant, family, [":SEAWALL-INPUT - [0:0]", jump, "-A INPUT -p udp", jump])
            }
            let before = try await host.state()
            for wanted in [programs(), AddressFamily.allCases.map { Programs.drops($0, "a") }] {
                let plan = try await applier.plan(wanted)
                try await applier.apply(plan)
                #expect(try await host.state() != before)
                for family in plan.families {
                    let tool = variant.restoreTool(family.family)
                    try await host.shell("\(tool) --noflush --counters", input: family.undo)
                }
                #expect(try await host.state() == before)
            }
        }
    }

    @Test(arguments: IPTablesVariant.allCases)
    func whatIsLiveIsKnown(variant: IPTablesVariant) async throws {
        func hooks(_ host: TestNamespace) async throws -> [[Scope.Hook]] {
            let live = try await LiveRules.readIPTables(tools: tools, in: host.namespace)
            return live.places.map { $0.own.scopes.map(\.hook) }
        }
        try await withHost(variant) { host, applier in
            let plan = try await applier.plan(programs())
            let expected = try await LivePlan.iptables(plan, tools: tools, in: host.namespace)
            #expect(!expected.changesNothing)
            try await applier.apply(plan)
            #expect(try await hooks(host) == [[.containers, .proxied], [.containers, .proxied]])
            let live = try await LiveRules.readIPTables(tools: tools, in: host.namespace)
            #expect(live.places.map(\.whole) == expected.after.places.map(\.whole))
            func isUnchanged() async throws -> Bool {
                let plan = try await applier.plan(programs())
                return try await LivePlan.iptables(plan, tools: tools, in: host.namespace).changesNothing
            }
            #expect(try await isUnchanged())
            try await restore(host, variant, .ip, ["-I INPUT 1 -s 192.0.2.2/32 -j DROP"])
            #expect(!(try await isUnchanged()))
            try await restore(host, variant, .ip, ["-I INPUT 1 -j ACCEPT"])
            #expect(try await hooks(host) == [[.containers], [.containers, .proxied]])
        }
    }

    @Test(arguments: IPTablesVariant.allCases)
    func aSnapshotAndARemovalTakeItBack(variant: IPTablesVariant) async throws {
        try await withHost(variant) { host, applier in
            let nft = NFTProcessRunner(executable: TestExecutable.path, namespace: host.namespace)
            let reader = HostSnapshotReader(tools: tools, nft: nft, namespace: host.namespace)
            let restoring = RestoreHost(tools: tools, nft: nft, namespace: host.namespace)
            let (before, none) = (try await host.state(), try await reader.read())
            try await applier.apply(try await applier.plan(programs()))
            let (loaded, some) = (try await host.state(), try await reader.read())
            try await restoring.run(none)
            #expect(try await host.state() == before)
            try await restoring.run(some)
            #expect(try await host.state() == loaded)
        }
    }

    @Test(arguments: IPTablesVariant.allCases)
    func aFamilyThatFailsTakesTheJumpBack(variant: IPTablesVariant) async throws {
        try await withHost(variant) { host, applier in
            let before = try await host.state()
            var broken = Programs.proxied(.ip6)
            broken.input.append(IPTablesRule([.comment("sw:x0000000")], target: .reject(with: "no-such-kind")))
            let error = try await diagnostics {
                try await applier.apply(try await applier.plan([Programs.proxied(.ip), broken]))
            }
            #expect(error.diagnostics.first?.id == "iptables-refused")
            #expect(try await host.state() == before)
        }
    }
}
