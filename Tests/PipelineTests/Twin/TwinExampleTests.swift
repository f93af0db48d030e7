import Compiler
import FirewallIR
import IPTablesBackend
import JSONC
import NFTablesBackend
import PacketModel
import TestSupport
import Testing

/// The example of the guide on a host with two published containers, in all forms that it is compiled to.
struct TwinExampleTests {
    private func example(_ listeners: [ProxyListener] = Listeners.four) throws -> Ruleset {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
        let compiled = try Compiled(
            WebHost.self, files: ["blocklist.txt": "192.0.2.128/25\n2001:db8:bad::/48\n198.51.100.7\n"], root: root)
        return try AddInputTwin.run(compiled.ruleset, listeners: listeners)
    }

    private func expectGolden(_ text: String, _ name: String) {
        let mismatch = Golden.mismatch(text, "Twin/" + name)
        #expect(mismatch == nil, "\(mismatch ?? "")")
    }

    private func nft(_ ruleset: Ruleset) throws -> NFTDocument {
        try LowerToNFTables.lower(OptimizeRuleset.run(ruleset), optimized: true)
    }

    @Test func theIntermediateRepresentationIsAsRecorded() throws {
        expectGolden(try example().text, "web-host.ir")
    }

    @Test func theRulesOfIPTablesAreAsRecorded() throws {
        for (family, name) in [(AddressFamily.ip, "web-host.v4"), (.ip6, "web-host.v6")] {
            let program = try LowerToIPTables.lower(example(), family: family)
            expectGolden(program.document(layout: .dockerUser, header: []).text, name)
        }
    }

    @Test func theTableOfNFTIsAsRecorded() throws {
        expectGolden(try nft(example()).text(header: []), "web-host.nft")
    }

    @Test func otherContainersAreOtherElements() throws {
        let before = try NFTTableImage(try nft(example()).json)
        let change = NFTTableChange(from: before, to: try NFTTableImage(try nft(example(Self.others)).json))
        #expect("\(change)" == Self.change)
        // Without clients of IPv6, too.
        let fewer = Listeners.four.filter { $0.family == .ip }
        let less = NFTTableChange(from: before, to: try NFTTableImage(try nft(example(fewer)).json))
        #expect(
            "\(less)"
                == "1 element of the set 'proxied6-any-1': 1 removed; 1 element of the set 'proxied6-bound-1': 1 removed"
        )
    }

    /// Other containers than those of `Listeners.four`.
    private static let others =
        Array(Listeners.four.dropLast()) + [
            Listeners.listener(.ip, nil, .udp, 53, "172.17.0.3", 53, "docker0"),
            Listeners.listener(.ip6, "2001:db8:1::1", .tcp, 8443, "172.17.0.3", 443, "docker0"),
        ]
    private static let change =
        "1 element of the set 'proxied4-any-1': 1 added; 2 elements of the set 'proxied6-bound-1': 1 added, 1 removed"

    @Test(.enabled(if: TestEnvironment.mayUseNamespaces, "needs root, to make a network namespace of its own"))
    func theKernelIsToldOfElementsAlone() async throws {
        let wanted = try NFTTableImage(try nft(example(Self.others)).json)
        let first = try nft(example()).jsonText
        try await withNamespace { namespace in
            func listed() async throws -> NFTTableImage {
                try NFTTableImage(try JSONValue.parse(try await namespace.must("nft -j list table inet seawall")))
            }
            let rules = "nft -a -t list table inet seawall"
            let before = try await namespace.must("nft -j -f - && \(rules)", input: first)
            let change = NFTTableChange(from: try await listed(), to: wanted)
            #expect("\(change)" == Self.change)
            guard case .elements(let sets) = change else { return }
            let commands = NFTTableChange.commands(sets).text()
            // Handles and all.
            #expect(try await namespace.must("nft -j -f - && \(rules)", input: commands) == before)
            #expect(try await listed().isSame(as: wanted))
        }
    }

    @Test func withoutSocketsNothingIsDifferent() throws {
        #expect(try example([]).scopes.map(\.hook) == [.containers])
    }

    @Test(.enabled(if: TestEnvironment.mayUseNamespaces, "needs root, to make a network namespace of its own"))
    func theToolsTakeAllOfIt() async throws {
        let ruleset = try example()
        try await withNamespace { namespace in
            try await withFolder { folder in
                for (family, name) in [(AddressFamily.ip, "example.v4"), (.ip6, "example.v6")] {
                    let program = try LowerToIPTables.lower(ruleset, family: family)
                    try folder.write(name, program.document(layout: .dockerUser, header: []).text)
                }
                let document = try nft(ruleset)
                try folder.write("example.json", document.jsonText)
                try folder.write("example.nft", document.text(header: ["a header"]))
                #expect(try await namespace.must(AcceptanceScript.text(folder.path)) == "")
            }
        }
    }
}
