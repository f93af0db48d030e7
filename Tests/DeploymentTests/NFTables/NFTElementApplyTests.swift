import Deployment
import Diagnostics
import JSONC
import NFTablesBackend
import Testing

/// What is done when only elements of sets differ, against an nftables that lists what it is told to.
struct NFTElementApplyTests {
    private let before = NFTDocuments.blocking(["10.0.0.1", "10.0.0.2"])
    private let after = NFTDocuments.blocking(["10.0.0.2", "10.0.0.3"])
    private let change = """
        {"delete":{"element":{"family":"inet","table":"seawall","name":"blocked","elem":["10.0.0.1"]}}} \
        {"add":{"set":{"family":"inet","table":"seawall","name":"blocked","type":"ipv4_addr","elem":["10.0.0.3"]}}}
        """
    private let question = """
        check {"delete":{"element":{"family":"inet","table":"seawall","name":"blocked","elem":["10.0.0.3"]}}} \
        {"create":{"element":{"family":"inet","table":"seawall","name":"blocked","elem":["10.0.0.1"]}}}
        """

    /// What nft lists of a document.
    private func listing(_ document: JSONValue, terse: Bool = false) -> JSONValue {
        let objects = document["nftables"]?.array?.compactMap { $0["add"] } ?? []
        return ["nftables": .array(objects.dropFirst(1).map { terse ? NFTDocuments.terse($0) : $0 })]
    }

    @Test func nothingIsDoneWhereNothingDiffers() async throws {
        let nft = FakeNFT(listings: [listing(before)])
        let outcome = try await NFTApplier(runner: nft).apply(before)
        #expect(outcome.change == .nothing && outcome.rules == 1 && outcome.sets == 1)
        #expect(await nft.runs.isEmpty)
        #expect(await nft.lists == [false])
    }

    @Test func onlyElementsAreChanged() async throws {
        let nft = FakeNFT(listings: [listing(before), listing(after, terse: true)])
        let outcome = try await NFTApplier(runner: nft).apply(after)
        #expect("\(outcome.change)" == "2 elements of the set 'blocked': 1 added, 1 removed")
        #expect(await nft.texts == [change, question])
        #expect(await nft.lists == [false, true])
        #expect(outcome.timings.transaction == .milliseconds(3))
    }

    @Test func aDryRunOnlyChecks() async throws {
        let nft = FakeNFT(listings: [listing(before)])
        let outcome = try await NFTApplier(runner: nft).apply(after, dryRun: true)
        #expect("\(outcome.change)" == "2 elements of the set 'blocked': 1 added, 1 removed")
        #expect(await nft.texts == ["check " + change])
    }

    @Test func aReplacementThatIsAskedForListsNothingFirst() async throws {
        let nft = FakeNFT(listings: [listing(before, terse: true)])
        let outcome = try await NFTApplier(runner: nft).apply(before, isReplacing: true)
        #expect(outcome.change == .replacement(reason: "it was asked for"))
        #expect(await nft.runs.map(\.commands) == [before])
        #expect(await nft.lists == [true])
    }

    @Test func whatCannotBeReadIsReplaced() async throws {
        let strange: JSONValue = ["nftables": [["table": NFTDocuments.table], ["novelty": [:]]]]
        let nft = FakeNFT(listings: [strange, listing(before, terse: true)])
        let outcome = try await NFTApplier(runner: nft).apply(before)
        #expect(
            "\(outcome.change)"
                == "the whole table: it cannot be compared with what is loaded: $.nftables[1].novelty: the object 'novelty' is unknown to this version of Seawall"
        )
        #expect(await nft.runs.map(\.commands) == [before])
    }

    @Test func aRefusedChangeOfElementsIsReplaced() async throws {
        let nft = FakeNFT(
            refusing: [#""delete":{"element""#],
            message: "internal:0:0-0: Error: Could not process rule: No such file or directory\n",
            listings: [listing(before), listing(after, terse: true)])
        let outcome = try await NFTApplier(runner: nft).apply(after)
        #expect(
            "\(outcome.change)"
                == "the whole table: nft refuses the change of elements: Could not process rule: No such file or directory"
        )
        #expect(await nft.runs.map(\.commands).last == after)
    }

    @Test func elementsThatAreNotThereAfterwardsAreReplaced() async throws {
        let nft = FakeNFT(
            refusing: [#""create":{"element""#], listings: [listing(before), listing(after, terse: true)])
        let outcome = try await NFTApplier(runner: nft).apply(after)
        #expect("\(outcome.change)" == "the whole table: it was changed by somebody else meanwhile")
        #expect(await nft.runs.map(\.commands).last == after)
    }

    @Test func rulesThatAreNotThereAfterwardsAreReplaced() async throws {
        let flushed = listing(NFTDocuments.blocking(["10.0.0.2", "10.0.0.3"], comment: nil), terse: true)
        let nft = FakeNFT(listings: [listing(before), flushed, listing(after, terse: true)])
        let outcome = try await NFTApplier(runner: nft).apply(after)
        #expect("\(outcome.change)" == "the whole table: it was changed by somebody else meanwhile")
        #expect(await nft.runs.count == 3)
    }

    @Test func manyElementsAreListedAfterwards() async throws {
        let many = NFTDocuments.blocking((0..<3000).map { "10.1.\($0 / 250).\($0 % 250)" })
        let nft = FakeNFT(listings: [
            listing(NFTDocuments.blocking((0..<1500).map { "10.1.\($0 / 250).\($0 % 250)" })), listing(many),
        ])
        let outcome = try await NFTApplier(runner: nft).apply(many)
        #expect("\(outcome.change)" == "1500 elements of the set 'blocked': 1500 added")
        #expect(await nft.runs.count == 1)
        #expect(await nft.lists == [false, false])
    }
}
