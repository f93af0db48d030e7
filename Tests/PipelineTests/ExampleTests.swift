import FirewallIR
import JSONC
import NFTablesBackend
import Seawall
import TestSupport
import Testing

/// The example of the guide in all forms that it is compiled to.
struct ExampleTests {
    private func example() throws -> Compiled {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        return try Compiled(
            WebHost.self, files: ["blocklist.txt": "192.0.2.128/25\n2001:db8:bad::/48\n198.51.100.7\n"], root: root)
    }

    @Test func theDocumentIsAsRecorded() throws {
        try expectGolden(try example().document.json.text(.pretty) + "\n", "web-host.document.json")
    }

    @Test func theIntermediateRepresentationIsAsRecorded() throws {
        try expectGolden(try example().ruleset.text, "web-host.ir")
    }

    @Test func theRulesOfIPTablesAreAsRecorded() throws {
        try expectGolden(try example().iptables(.ip), "web-host.v4")
        try expectGolden(try example().iptables(.ip6), "web-host.v6")
    }

    @Test func theTableOfNFTIsAsRecorded() throws {
        try expectGolden(try example().nft().json.text(.pretty) + "\n", "web-host.nft.json")
        try expectGolden(try example().nft().text(header: []), "web-host.nft")
    }

    @Test(.enabled(if: TestEnvironment.mayUseNamespaces, "needs root, to make a network namespace of its own"))
    func theToolsTakeTheGoldens() async throws {
        let example = try example()
        try await withNamespace { namespace in
            try await withFolder { folder in
                try folder.write("example.v4", try example.iptables(.ip))
                try folder.write("example.v6", try example.iptables(.ip6))
                try folder.write("example.json", try example.nft().jsonText)
                try folder.write("example.nft", try example.nft().text(header: ["a header"]))
                let problems = try await namespace.must(AcceptanceScript.text(folder.path))
                #expect(problems == "")
            }
        }
    }

    private func expectGolden(_ text: String, _ name: String) throws {
        let mismatch = Golden.mismatch(text, "Example/" + name)
        #expect(mismatch == nil, "\(mismatch ?? "")")
    }
}
