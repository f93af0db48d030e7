import ArgumentParser
import Diagnostics
import FirewallIR
import FoundationEssentials
import IPTablesBackend
import JSONC
import PacketModel
import TestSupport
import Testing

@testable import SeawallCLI

/// What `compile` writes was proved to be the policy, and what was not proved is said.
struct EmissionProofTests {
    private func compile(_ backend: String, _ options: [String] = []) async throws -> ShellOutcome {
        try await run(
            Executable.path, ["compile", "-", "--backend", backend] + options, input: TestPolicy.simple.document)
    }

    @Test(arguments: ["iptables", "nft"]) func theProofIsPartOfTheResult(backend: String) async throws {
        let report = try JSONValue.parse(try await compile(backend, ["--json"]).output)
        #expect(report["proof"] == ["ip": "equal", "ip6": "equal", "assumptions": []])
        #expect(report["diagnostics"] == [])
    }

    @Test func oneFamilyIsProvedWhereOneIsEmitted() async throws {
        let report = try JSONValue.parse(try await compile("iptables", ["--json", "--family", "ip6"]).output)
        #expect(report["proof"] == ["ip6": "equal", "assumptions": []])
    }

    @Test func stagesBeforeTheBackendsHaveNothingToProve() async throws {
        let outcome = try await run(
            Executable.path, ["compile", "-", "--ir", "--json"], input: TestPolicy.simple.document)
        #expect(try JSONValue.parse(outcome.output)["proof"] == nil)
    }

    @Test func whoWantsNoProofIsToldSo() async throws {
        let outcome = try await compile("nft", ["--no-proof"])
        #expect(
            outcome.summary == """
                exit 0
                seawall: warning: it was not proved that the rules of nft are the policy, since --no-proof was given [proof-skipped]

                """)
        #expect(try JSONValue.parse(try await compile("nft", ["--no-proof", "--json"]).output)["proof"] == "skipped")
        #expect(outcome.output == (try await compile("nft").output))
    }

    @Test func whatIsNotDecidedIsSaidAndWritten() async throws {
        let outcome = try await compile("iptables", ["--budget", "3", "--family", "ip"])
        #expect(
            outcome.summary == """
                exit 0
                seawall: warning: it was not proved that the rules of iptables are the policy (IPv4): the decision diagrams outgrew the budget of 3 edges [proof-undecided]
                seawall: note: raise --budget, or split the policy; --no-proof says that no proof is wanted

                """)
        #expect(outcome.output.hasSuffix("COMMIT\n"))
        #expect(try await compile("iptables", ["--budget", "0"]).status == 2)
    }

    @Test func rulesThatAreNotThePolicyAreNotWritten() async throws {
        let pipeline = try await withFolder { folder in
            try folder.write("policy.json", TestPolicy.simple.document)
            return try await CompilationPipeline(
                PolicyOptions.parse([folder.path + "/policy.json"]))
        }
        var programs = try pipeline.iptables([.ip])
        let last = programs[0].entry.removeLast()
        let options = try EmissionProofOptions.parse([])
        let preparation = ProofPreparation(pipeline.ruleset, [.ip], options)
        let error = await #expect(throws: DiagnosticError.self) {
            try await EmissionProof.run(.iptables(programs), of: pipeline, preparation, options)
        }
        let diagnostic = try #require(error?.diagnostics.first)
        #expect(error?.outcome == .host && diagnostic.id == "emitted-rules-differ")
        #expect("\(diagnostic.location.map { "\($0)" } ?? "")" == "Policy.swift:8")
        #expect(
            diagnostic.message
                == "the rules of iptables are not the policy (IPv4): they differ for a new tcp connection from 203.0.113.9:40000 to 198.51.100.1:80, entering at eth0, leaving at docker0"
        )
        let notes = diagnostic.notes.map(\.message)
        #expect(notes[0] == "policy  Policy.swift:8   dropped                      [r0000101]")
        #expect(notes[1] == "rules   no rule decides  handed on to Docker (leave)")
        let path = try #require(notes.last?.split(separator: "'").dropFirst().first.map(String.init))
        let report = try String(contentsOfFile: path, encoding: .utf8)
        try FileManager.default.removeItem(atPath: path)
        #expect(report.contains("\nruleset Test\n") && report.contains("\n*filter\n"))
        #expect(!report.contains(last.text))
    }
}
