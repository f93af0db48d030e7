import Deployment
import Diagnostics
import JSONC
import NFTablesBackend
import Testing

/// The real libnftables, in namespaces of our own.
@Suite(.enabled(if: KernelTests.areEnabled, KernelTests.reason))
struct NFTKernelTests {
    private func runner(_ host: TestNamespace) -> NFTProcessRunner {
        NFTProcessRunner(executable: TestExecutable.path, namespace: host.namespace)
    }

    @Test func replacesTheTableInOneTransaction() async throws {
        try await withNamespace { host in
            let applier = NFTApplier(runner: runner(host))
            #expect(try await runner(host).list(.seawall, terse: true) == nil)
            for comments in [["sw:a one"], ["sw:b two", "sw:c three"], ["sw:b two", "sw:c three"]] {
                let outcome = try await applier.apply(NFTDocuments.replacing([("forward4", comments)], policy: "drop"))
                #expect(outcome.rules == comments.count)
                let listing = try #require(try await runner(host).list(.seawall, terse: false))
                let rules = listing["nftables"]?.array?.compactMap { $0["rule"]?["comment"]?.string }
                #expect(rules == comments)
            }
            try await applier.remove()
            try await applier.remove()
            #expect(try await runner(host).list(.seawall, terse: true) == nil)
        }
    }

    @Test func aDryRunChangesNothing() async throws {
        try await withNamespace { host in
            let before = try await host.state()
            try await NFTApplier(runner: runner(host)).apply(
                NFTDocuments.replacing([("forward4", ["sw:a one"])]), dryRun: true)
            #expect(try await host.state() == before)
        }
    }

    @Test func aBadDocumentChangesNothing() async throws {
        try await withNamespace { host in
            let applier = NFTApplier(runner: runner(host))
            try await applier.apply(NFTDocuments.replacing([("forward4", ["sw:a one"])]))
            let before = try await host.state()
            var commands = try #require(NFTDocuments.replacing([("forward4", ["sw:b two"])])["nftables"]?.array)
            commands.append(["add": ["rule": NFTDocuments.rule("nowhere", "sw:c three")]])
            commands.append(["add": ["rule": NFTDocuments.rule("forward4", "sw:d four")]])
            let error = try await diagnostics { try await applier.apply(["nftables": .array(commands)]) }
            #expect(
                error.text == """
                    seawall: error: libnftables refuses the rules: Could not process rule: No such file or directory [nft-refused]
                    seawall: note: command 5 of the document is the first that is refused: the rule 'sw:c three' of the chain 'nowhere'
                    seawall: note: nothing was changed: the document is one transaction
                    """)
            #expect(try await host.state() == before)
        }
    }

    @Test func survivesWhatKillsTheLibrary() async throws {
        try await withNamespace { host in
            let applier = NFTApplier(runner: runner(host))
            let before = try await host.state()
            let comment = NFTDocuments.replacing([("forward4", [String(repeating: "x", count: 254)])])
            #expect(try await diagnostics { try await applier.apply(comment) }.diagnostics.first?.id == "nft-died")
            let prefix: JSONValue = ["log": ["prefix": .string(String(repeating: "x", count: 200))]]
            let rule: JSONValue = ["add": ["rule": NFTDocuments.rule("forward4", "sw:a", prefix)]]
            let log = try #require(NFTDocuments.replacing([("forward4", [])])["nftables"]?.array) + [rule]
            #expect(
                try await diagnostics { try await applier.apply(["nftables": .array(log)]) }.diagnostics.first?.id
                    == "nft-died")
            #expect(try await host.state() == before)
        }
    }

    @Test func loadsTenThousandRules() async throws {
        try await withNamespace { host in
            let comments = (0..<10_000).map { "sw:\($0) rule" }
            let outcome = try await NFTApplier(runner: runner(host)).apply(
                NFTDocuments.replacing([("forward4", comments)]))
            #expect(outcome.rules == 10_000)
        }
    }

    @Test func saysThatPrivilegeIsMissing() async throws {
        try await withFolder { folder in
            let script = try folder.script(
                "exec setpriv --bounding-set=-all --inh-caps=-all --no-new-privs '\(TestExecutable.path)' \"$@\"")
            let error = try await diagnostics {
                _ = try await NFTProcessRunner(executable: script).list(.seawall, terse: true)
            }
            #expect(error.diagnostics.first?.id == "not-privileged")
        }
    }
}
