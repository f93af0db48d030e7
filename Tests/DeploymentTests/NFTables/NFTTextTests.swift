import Deployment
import Diagnostics
import JSONC
import NFTablesBackend
import Testing

/// nft's own language, read by libnftables where nothing else is.
@Suite(.enabled(if: KernelTests.areEnabled, KernelTests.reason))
struct NFTTextTests {
    private func list(_ text: String) async throws -> JSONValue {
        try await NFTText.list(text, file: "rules.nft", executable: TestExecutable.path)
    }

    @Test func aTextIsListedAsJSON() async throws {
        let json = try await list(
            """
            #!/usr/sbin/nft -f
            flush ruleset
            define ports = { 22, 80 }
            table inet filter {
                chain input {
                    type filter hook input priority filter; policy drop;
                    tcp dport $ports accept
                }
            }
            """)
        let tables = try ReadNFTListing.run(json, file: "rules.nft").tables
        #expect(tables.map(\.name) == ["filter"])
        #expect(tables.first?.chains.first?.rules.map(\.text) == ["tcp dport { 22, 80 } accept"])
        #expect(tables.first?.chains.first?.hook?.policy == "drop")
    }

    @Test func anEmptyTextHasNoTables() async throws {
        #expect(try ReadNFTListing.run(try await list("# nothing\n"), file: "f") == NFTListing())
    }

    @Test func mistakesAreNamedWithTheirLines() async throws {
        let error = try await diagnostics {
            _ = try await list("table ip t {\n  chain c {\n    tpc dport 1 drop\n  }\n}\n")
        }
        #expect(error.outcome == .unreadable)
        #expect(error.diagnostics.first?.location == SourceLocation(file: "rules.nft", line: 3))
        #expect(error.diagnostics.allSatisfy { $0.id == "bad-nft-text" })
        let device = try await diagnostics {
            _ = try await list("table ip t {\n  chain c {\n    iif nodevice0 drop\n  }\n}\n")
        }
        #expect(device.text.contains("rules.nft:3: error: nft does not take this text: Interface does not exist"))
    }

    @Test func textIsNotReadAsJSON() async throws {
        let error = try await diagnostics { _ = try await list(#"{"nftables":[{"flush":{"ruleset":null}}]}"#) }
        #expect(error.outcome == .unreadable)
    }

    /// The rules of a namespace that the child is started in stay as they are.
    @Test func nothingElseIsChanged() async throws {
        try await withNamespace { host in
            let request = NFTRequest(.translate(text: Array("flush ruleset; add table ip mine".utf8)))
            let output = try await host.shell(
                "nft add table inet keep; '\(TestExecutable.path)' __nft; nft list tables",
                input: String(decoding: request.bytes, as: UTF8.self))
            #expect(output.contains(#""name": "mine""#) && output.hasSuffix("table inet keep\n"))
        }
    }
}
