import Compiler
import Diagnostics
import FirewallIR
import IPTablesBackend
import PacketModel
import Seawall
import TestSupport
import Testing

/// Ways through many chains: what rules that hand packets on need, and where iptables-nft would not follow.
@Suite struct ChainDepthTests {
    struct Limited: Policy {
        @TaskLocal static var rules = 0

        var body: PolicyContent {
            Containers {
                Inbound(on: "eth0") {
                    for index in 0..<Self.rules {
                        Allow(.tcp(PortSet(1000 + index)), .udp(PortSet(1000 + index))).limit(.perSecond(5))
                    }
                }
            }
        }
    }

    struct AroundBridges: Policy {
        var body: PolicyContent {
            Containers {
                for _ in 0..<12 { Inbound(on: .not(["docker0", "br-*"])) { Allow(.tcp(443)) } }
            }
        }
    }

    private func program(_ policy: (some Policy).Type) throws -> IPTablesProgram {
        let document = policy.makeDocument(relativeTo: nil)
        return try LowerToIPTables.lower(try CompilePolicy.run(document).ruleset, family: .ip)
    }

    @Test func aScopeGoesAroundItsExceptionsOnce() throws {
        let chains = try program(AroundBridges.self).chains
        // Twelve scopes that except the same interfaces and follow one another share one way around them.
        #expect(chains.count == 1)
    }

    @Test func whatIsTooDeepForTheKernelIsRefusedAtItsRule() throws {
        for (rules, isRefused) in [(6, false), (7, true)] {
            try Limited.$rules.withValue(rules) {
                guard isRefused else {
                    _ = try program(Limited.self)
                    return
                }
                let error = try #require(throws: DiagnosticError.self) { try program(Limited.self) }
                #expect(error.outcome == .refused)
                #expect(error.diagnostics.map(\.message).first?.contains("more than 13 chains") == true)
                #expect(error.diagnostics.first?.location?.line != nil)
            }
        }
    }

    @Test(.enabled(if: TestEnvironment.mayUseNamespaces, "needs root, to make a network namespace of its own"))
    func whatIsNotRefusedIsLoadedByBothVariants() async throws {
        let text = try Limited.$rules.withValue(6) {
            try program(Limited.self).document(layout: .ownChain, header: []).text
        }
        let around = try program(AroundBridges.self).document(layout: .ownChain, header: []).text
        try await withNamespace { namespace in
            for variant in ["legacy", "nft"] {
                // The kernel looks at the depth of what a base chain leads to.
                try await namespace.must(
                    "iptables-\(variant) -N DOCKER-USER; iptables-\(variant) -I FORWARD -j DOCKER-USER")
                try await namespace.must("iptables-\(variant)-restore --noflush", input: text)
                try await namespace.must("iptables-\(variant)-restore --noflush", input: around)
            }
        }
    }
}
