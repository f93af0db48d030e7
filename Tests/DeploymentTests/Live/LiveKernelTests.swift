import Diagnostics
import FirewallIR
import IPTablesBackend
import NFTablesBackend
import PacketModel
import Testing

@testable import Deployment

/// What is worked out is what the kernel does, in namespaces of our own.
@Suite(.enabled(if: KernelTests.areEnabled, KernelTests.reason))
struct LiveKernelTests {
    private let tools = HostTools(executable: TestExecutable.path)
    private let foreign = [
        "-s 192.0.2.7/32 -j DROP",
        "-p tcp -m tcp --dport 22 -m recent --update --seconds 60 --hitcount 4 --name ssh -j DROP",
        "-m conntrack --ctstate INVALID -j LOG --log-prefix \"x y\"",
    ]

    private func docker(
        _ host: TestNamespace, _ variant: IPTablesVariant, _ rules: [String], families: [AddressFamily] = [.ip, .ip6]
    ) async throws {
        for family in families {
            let own = rules.filter { family == .ip || !$0.contains("192.0.2.") }.map { "-A DOCKER-USER \($0)" }
            let lines = ["*filter", ":DOCKER-USER - [0:0]", "-A FORWARD -j DOCKER-USER"] + own + ["COMMIT", ""]
            try await host.shell(
                "\(variant.restoreTool(family)) --noflush", input: lines.joined(separator: "\n"))
        }
    }

    private func programs(_ names: String...) -> [IPTablesProgram] {
        AddressFamily.allCases.map { family in
            var program = Programs.chained(family, names[0])
            program.entry += names.dropFirst().map(Programs.drop)
            return program
        }
    }

    @Test(arguments: IPTablesVariant.allCases, [false, true])
    func theTableAfterwardsIsTheOneThatWasWorkedOut(variant: IPTablesVariant, isShared: Bool) async throws {
        try await withNamespace { host in
            try await docker(host, variant, isShared ? foreign : ["-j RETURN"])
            let applier = IPTablesApplier(tools: tools, namespace: host.namespace)
            for names in [programs("a", "b"), programs("c"), programs("c")] {
                let plan = try await applier.plan(names)
                let live = try await LivePlan.iptables(plan, tools: tools, in: host.namespace)
                try await applier.apply(plan)
                let now = try await LiveRules.readIPTables(tools: tools, in: host.namespace)
                for (found, expected) in zip(now.places, live.after.places) {
                    #expect(found.isSame(as: expected) && found.others.count == expected.others.count)
                }
                let again = try await LivePlan.iptables(
                    try await applier.plan(names), tools: tools, in: host.namespace)
                #expect(again.changesNothing)
            }
        }
    }

    @Test func ourTableIsReadWithTheLinesOfItsElements() async throws {
        try await withNamespace { host in
            let runner = NFTProcessRunner(executable: TestExecutable.path, namespace: host.namespace)
            #expect(try await LiveRules.readNFT(runner: runner).places[0].whole == .known([]))
            try await NFTApplier(runner: runner).apply(NFTDocuments.blocking(["192.0.2.1", "192.0.2.9"]))
            let place = try await LiveRules.readNFT(runner: runner).places[0]
            let scope = try #require(place.whole.scopes.first)
            #expect(scope.hook == .containers && scope.families == .both)
            #expect(scope.chains[0].rules.map { "\($0.origin)" } == ["nft, forward4:1"])
        }
    }
}
