import JSONC
import NFTablesBackend
import Testing

struct LibraryMessageTests {
    private let commands = Array(#"{"nftables":[{"add":{"table":{"family":"inet","name":"seawall"}}}]}"#.utf8)

    @Test func requestsRoundTrip() throws {
        for request in [
            NFTRequest(.run(commands: commands)), NFTRequest(.check(commands: commands), in: NetworkNamespace("a")),
            NFTRequest(.list(.seawall, terse: true), in: NetworkNamespace("/proc/1/ns/net")),
            NFTRequest(.listChains), NFTRequest(.listChains, in: NetworkNamespace("a")),
        ] {
            #expect(try NFTRequest(bytes: request.bytes) == request)
        }
    }

    @Test func repliesRoundTrip() throws {
        for reply in [
            NFTReply.done(output: [], duration: .zero), .done(output: commands, duration: .nanoseconds(12_345_678_901)),
            .failed(NFTFailure(.noTable, "a\nb")),
        ] {
            #expect(try NFTReply(bytes: reply.bytes) == reply)
        }
    }

    @Test(arguments: [
        "", "list ruleset", "{\"nftables\":[]}", "{\"nftables\":[{}]", "{\"nftables\":[{\0}]}", " {\"nftables\":[{}]}",
    ])
    func refusesCommandsThatLibnftablesMightReadOtherwise(text: String) throws {
        let bytes = NFTRequest(.run(commands: Array(text.utf8))).bytes
        #expect(throws: JSONError.self) { try NFTRequest(bytes: bytes) }
    }

    @Test func refusesWhatIsCutShort() {
        let bytes = NFTRequest(.run(commands: commands)).bytes
        for count in [0, 5, bytes.count - 1] {
            #expect(throws: JSONError.self) { try NFTRequest(bytes: Array(bytes.prefix(count))) }
        }
        #expect(throws: JSONError.self) {
            try NFTReply(bytes: Array(NFTReply.done(output: [1, 2], duration: .zero).bytes.dropLast()))
        }
    }

    @Test func stripsThePlaceThatAllMessagesName() {
        let failure = NFTFailure(
            .refused,
            """
            internal:0:0-0: Error: Unknown statement object 'dropp'.

            internal:0:0-0: Error: Parsing expr array at index 0 failed.

            internal:0:0-0: Error: Parsing command array at index 1 failed.

            """)
        #expect(
            failure.messages == [
                "Unknown statement object 'dropp'.", "Parsing expr array at index 0 failed.",
                "Parsing command array at index 1 failed.",
            ])
        #expect(failure.commandIndex == 1)
        #expect(
            NFTFailure(.refused, "internal:0:0-0: Error: Could not process rule: File exists\n").commandIndex == nil)
    }

    @Test func namespacesAreNamesOrPaths() {
        #expect(NetworkNamespace("blue").path == "/run/netns/blue")
        #expect(NetworkNamespace("/proc/1/ns/net").path == "/proc/1/ns/net")
    }
}
