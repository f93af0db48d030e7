import Deployment
import Diagnostics
import JSONC
import NFTablesBackend
import Testing

struct NFTApplierTests {
    private let document = NFTDocuments.replacing([("forward4", ["sw:a one", "sw:b two"])])

    private func listing(_ objects: [JSONValue]) -> JSONValue {
        ["nftables": .array([["metainfo": ["json_schema_version": 1]], ["table": NFTDocuments.table]] + objects)]
    }

    @Test func comparesWhatTheKernelHolds() async throws {
        let nft = FakeNFT(listings: [
            nil,
            listing([
                ["chain": NFTDocuments.chain("forward4")], ["rule": NFTDocuments.rule("forward4", "sw:a one")],
                ["rule": NFTDocuments.rule("forward4", "sw:b two")],
            ]),
        ])
        let outcome = try await NFTApplier(runner: nft).apply(document)
        #expect(outcome.chains == 1 && outcome.rules == 2 && outcome.sets == 0)
        #expect(outcome.change == .replacement(reason: "it is not there yet"))
        #expect(outcome.timings.transaction == .milliseconds(3))
        #expect(await nft.runs.map(\.check) == [false])
        #expect(await nft.lists == [false, true])
    }

    @Test func saysWhatDiffers() async throws {
        let nft = FakeNFT(listings: [
            listing([
                ["chain": NFTDocuments.chain("forward4", policy: "drop")],
                ["rule": NFTDocuments.rule("forward4", "sw:b two")],
                ["chain": ["family": "inet", "table": "seawall", "name": "other"]],
            ])
        ])
        let error = try await diagnostics { try await NFTApplier(runner: nft).apply(document) }
        #expect(error.outcome == .host)
        #expect(
            error.text == """
                seawall: error: the table 'inet seawall' was loaded, but what the kernel holds is not what was sent [nft-read-back]
                seawall: note: the chain 'forward4' is type filter hook forward priority -10; policy drop, sent was type filter hook forward \
                priority -10; policy accept
                seawall: note: the chain 'forward4' has 1 rules, 2 were sent; rule 1 is 'sw:b two', sent was 'sw:a one'
                seawall: note: the chain 'other' was not sent
                """)
    }

    @Test func saysThatTheTableIsMissing() async throws {
        let error = try await diagnostics { try await NFTApplier(runner: FakeNFT()).apply(document) }
        #expect(error.diagnostics.first?.notes.map(\.message) == ["there is no such table"])
    }

    @Test func namesTheRuleThatTheKernelRefuses() async throws {
        let nft = FakeNFT(
            refusing: ["sw:b two"],
            message: "internal:0:0-0: Error: Could not process rule: No such file or directory\n\n")
        let error = try await diagnostics { try await NFTApplier(runner: nft).apply(document) }
        #expect(
            error.text == """
                seawall: error: libnftables refuses the rules: Could not process rule: No such file or directory [nft-refused]
                seawall: note: command 5 of the document is the first that is refused: the rule 'sw:b two' of the chain 'forward4'
                seawall: note: nothing was changed: the document is one transaction
                """)
        #expect(error.diagnostics.first?.literal == "sw:b")
        #expect(await nft.runs.dropFirst().allSatisfy(\.check))
    }

    @Test func takesTheIndexThatTheParserNames() async throws {
        let nft = FakeNFT(
            refusing: ["nftables"],
            message: """
                internal:0:0-0: Error: Unknown statement object 'dropp'.

                internal:0:0-0: Error: Parsing command array at index 4 failed.

                """)
        let error = try await diagnostics { try await NFTApplier(runner: nft).apply(document, dryRun: true) }
        #expect(
            error.text == """
                seawall: error: libnftables refuses the rules: Unknown statement object 'dropp'. [nft-refused]
                seawall: note: command 4 of the document is the first that is refused: the rule 'sw:a one' of the chain 'forward4'
                seawall: note: libnftables: Parsing command array at index 4 failed.
                """)
        #expect(await nft.runs.count == 1)
    }

    @Test(
        arguments: [
            (["flush": ["ruleset": .null]], #"{"flush":{"ruleset":null}}"#),
            (
                ["add": ["table": ["family": "ip", "name": "filter"]]],
                #"{"add":{"table":{"family":"ip","name":"filter"}}}"#
            ),
            (["list": ["table": NFTDocuments.table]], #"{"list":{"table":{"family":"inet","name":"seawall"}}}"#),
            (
                ["add": ["rule": ["family": "ip", "table": "seawall"]]],
                #"{"add":{"rule":{"family":"ip","table":"seawall"}}}"#
            ),
        ] as [(JSONValue, String)])
    func refusesForeignTables(command: JSONValue, text: String) async throws {
        let nft = FakeNFT()
        let error = try await diagnostics { try await NFTApplier(runner: nft).apply(["nftables": [command]]) }
        #expect(error.outcome == .refused)
        #expect(error.diagnostics.first?.message == "the document changes more than the table 'inet seawall': \(text)")
        #expect(await nft.runs.isEmpty)
    }

    @Test(arguments: [["nftables": []], [:], "text"] as [JSONValue])
    func refusesADocumentWithoutCommands(document: JSONValue) async throws {
        let error = try await diagnostics { try await NFTApplier(runner: FakeNFT()).apply(document) }
        #expect(error.diagnostics.map(\.id) == ["nft-no-commands"])
    }
}
