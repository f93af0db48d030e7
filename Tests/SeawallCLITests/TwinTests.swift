import ArgumentParser
import Diagnostics
import FirewallIR
import IPTablesBackend
import JSONC
import PacketModel
import TestSupport
import Testing

@testable import SeawallCLI

/// A policy with the twin at input, from its document to the proof.
struct TwinTests {
    private static let listeners = AddressFamily.allCases.map { family in
        ProxyListener(
            family: family, address: nil, transport: .tcp, port: 443,
            container: ProxyListener.Container(address: .v4(0xac11_0002), port: 443, interface: "docker0"))
    }

    private func pipeline(_ policy: TestPolicy) async throws -> CompilationPipeline {
        try await withFolder { folder in
            try folder.write("policy.json", policy.document)
            return try await CompilationPipeline(PolicyOptions.parse([folder.path + "/policy.json"]))
        }
    }

    private func prove(_ emission: Emission, of pipeline: CompilationPipeline) async throws -> EmissionProof {
        let options = try EmissionProofOptions.parse([])
        let preparation = ProofPreparation(pipeline.ruleset, AddressFamily.allCases, options)
        return try await EmissionProof.run(emission, of: pipeline, preparation, options)
    }

    @Test func bothBackendsAreProvedAtBothHooks() async throws {
        let pipeline = try await pipeline(.simple).withTwin(Self.listeners)
        #expect(pipeline.ruleset.scopes.map(\.hook) == [.containers, .proxied])
        let programs = try pipeline.iptables([.ip, .ip6])
        #expect(programs.allSatisfy { $0.ownChains.first == "SEAWALL-INPUT" })
        for emission in [Emission.iptables(programs), .nft(try pipeline.nft(acceptMark: nil), acceptMark: nil)] {
            let proof = try await prove(emission, of: pipeline)
            #expect(proof.warnings == [])
            #expect(proof.json["ip"] == "equal" && proof.json["ip6"] == "equal")
            #expect(pipeline.notes(emission) == [])
        }
    }

    @Test func aMistakeAtInputIsFoundOut() async throws {
        let pipeline = try await pipeline(.simple).withTwin(Self.listeners)
        var programs = try pipeline.iptables([.ip])
        programs[0].chains[0].rules.removeLast()
        let error = await #expect(throws: DiagnosticError.self) {
            try await prove(.iptables(programs), of: pipeline)
        }
        #expect(error?.diagnostics.first?.id == "emitted-rules-differ")
    }

    @Test func withoutListenersNothingIsDifferent() async throws {
        let plain = try await pipeline(.simple)
        let twin = try plain.withTwin([])
        #expect(try twin.iptables([.ip, .ip6]) == plain.iptables([.ip, .ip6]))
        #expect(try twin.nft(acceptMark: nil) == plain.nft(acceptMark: nil))
    }

    @Test func whatIsRefusedIsAtItsLine() async throws {
        let asking = TestPolicy(
            #""verdict":"drop","lowLevel":true,"matches":[{"field":"module","module":{"name":"u32","words":["--u32","1"]}}]"#
        )
        let pipeline = try await pipeline(asking)
        let error = #expect(throws: DiagnosticError.self) { try pipeline.withTwin(Self.listeners) }
        #expect(error?.outcome == .refused)
        #expect(
            error?.diagnostics.map { "\($0.location.map { "\($0)" } ?? "") \($0.id)" } == [
                "Policy.swift:7 not-at-input"
            ])
    }
}
