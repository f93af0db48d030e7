import Compiler
import Diagnostics
import FirewallIR
import IPTablesBackend
import NFTablesBackend
import PacketModel
import TestSupport
import Testing

@testable import Seawall

/// Texts of the author come out as they are, or not at all.
struct HostileTextTests {
    /// A quote that Swift takes for a part of another character.
    private static let hiddenQuote = "x\"\u{301} -j ACCEPT \""

    private func ruleset(@PolicyBuilder _ body: () -> PolicyContent) throws -> Ruleset {
        try CompilePolicy.run(PolicyDocument(policy: "Test", content: body().nodes)).ruleset
    }

    private func refusals(_ body: () throws -> Void) -> [String] {
        do {
            try body()
            return []
        } catch {
            return ((error as? DiagnosticError)?.diagnostics ?? []).map { "\($0.message) [\($0.id)]" }
        }
    }

    @Test func textsThatAreTooLongAreRefused() throws {
        let long = String(repeating: "x", count: 120)
        let comment = try ruleset { Inbound(on: "eth0") { Default(.drop).comment(long) } }
        #expect(refusals { _ = try LowerToIPTables.lower(comment, family: .ip) } == [])
        let shortened = try LowerToNFTables.lower(comment)
        let text = try #require(shortened.table.chains.first?.rules.last?.comment)
        #expect(text.utf8.count == 128 && text.hasSuffix(" " + String(long.dropLast(4))))
        #expect(
            shortened.notes.map { "\($0.message) [\($0.id)]" } == [
                "the comment has 132 bytes with the rule's identifier, and nft takes 128 at most: it was shortened to '\(text)' [comment-shortened]"
            ])
        let longer = try ruleset { Inbound(on: "eth0") { Default(.drop).comment(long + long + "äöüß") } }
        let program = try LowerToIPTables.lower(longer, family: .ip)
        let comments = program.entry.flatMap(\.matches).compactMap {
            if case .comment(let text) = $0 { text } else { nil }
        }
        let cut = try #require(comments.last)
        // Between characters: the 255th byte is the first of two.
        #expect(cut.utf8.count == 254 && cut.hasSuffix("xä"))
        #expect(
            program.notes.map { "\($0.message) [\($0.id)]" } == [
                "the comment has 260 bytes with the rule's identifier, and iptables takes 255 at most: it was shortened to '\(cut)' [comment-shortened]"
            ])
        let prefix = try ruleset { Inbound(on: "eth0") { Default(.drop).log(prefix: "0123456789012345678901234567ä") } }
        #expect(
            refusals { _ = try LowerToIPTables.lower(prefix, family: .ip6) } == [
                "cannot be expressed in ip6tables: the log prefix '0123456789012345678901234567ä' has 30 bytes, and iptables takes 29 at most [not-in-iptables]"
            ])
        let prefixes = try ruleset { Inbound(on: "eth0") { Default(.drop).log(prefix: long + "01234567") } }
        #expect(
            refusals { _ = try LowerToNFTables.lower(prefixes) } == [
                "cannot be expressed in nft: the log prefix has 128 bytes, and nft takes 127 at most [not-in-nft]"
            ])
    }

    @Test func aCommentIsShortenedBetweenCharacters() throws {
        // 12 bytes are the identifier's; 116 are left, of which 115 begin the last character.
        let text = String(repeating: "x", count: 115) + "ä" + String(repeating: "y", count: 9)
        let document = try LowerToNFTables.lower(try ruleset { Inbound(on: "eth0") { Default(.drop).comment(text) } })
        let comment = try #require(document.table.chains.first?.rules.last?.comment)
        #expect(comment.hasSuffix("xxx") && comment.utf8.count == 127)
        #expect(document.notes.map(\.id) == ["comment-shortened"])
    }

    @Test(arguments: ["a \"quote\"", hiddenQuote]) func quotesAreReplacedOrRefusedForNFT(text: String) throws {
        let document = try LowerToNFTables.lower(try ruleset { Inbound(on: "eth0") { Default(.drop).comment(text) } })
        let comment = try #require(document.table.chains.first?.rules.last?.comment)
        #expect(!comment.utf8.contains(UInt8(ascii: "\"")) && comment.utf8.count { $0 == UInt8(ascii: "'") } == 2)
        #expect(document.notes.map(\.id) == ["comment-quotes"])
        #expect(
            refusals {
                _ = try LowerToNFTables.lower(try ruleset { Inbound(on: "eth0") { Default(.drop).log(prefix: text) } })
            } == [
                "cannot be expressed in nft: the log prefix holds a double quote, which nft can load but not list so that it loads again [not-in-nft]"
            ])
    }

    @Test func namesOfVariablesAndSetsAreRefusedForNFT() throws {
        #expect(
            refusals {
                _ = try LowerToNFTables.lower(
                    try ruleset { Inbound(on: "eth0") { Default(.drop).log(prefix: "costs $5") } })
            } == [
                "cannot be expressed in nft: the log prefix holds a '$', which begins the name of a variable in nft's own language: its listing would not load again [not-in-nft]"
            ])
        #expect(
            refusals { _ = try LowerToNFTables.lower(try ruleset { Rule(.drop) { Match.inInterface("@addr4-1") } }) }
                == [
                    "cannot be expressed in nft: the interface name '@addr4-1' begins with '@', which stands for a set in nft's JSON [not-in-nft]"
                ])
    }

    @Test(
        .enabled(if: TestEnvironment.mayUseNamespaces, "needs root, to make a network namespace of its own"),
        arguments: [
            "$(id) `id` ; id", "it's", "back\\slash\\", "# ; { } | * \\*", "größe — ✓", "-j ACCEPT", "\\", "a\\\\b",
            "--",
        ])
    func textsAreLoadedAndListedAsTheyAre(text: String) async throws {
        let ruleset = try ruleset {
            Inbound(on: "eth0") {
                Drop(.tcp(1), from: "10.0.0.1").comment(text)
                Default(.drop).log(prefix: text.utf8.contains(UInt8(ascii: "$")) ? "plain" : text)
            }
        }
        let rules = try LowerToIPTables.lower(ruleset, family: .ip).document(layout: .dockerUser, header: [text]).text
        let table = try LowerToNFTables.lower(ruleset)
        try await withNamespace { namespace in
            let listing = try await namespace.must(
                "iptables-legacy-restore --noflush; iptables-legacy-save -t filter", input: rules)
            let comments = try SaveListing.parse(listing).table("filter")?.rules(of: "DOCKER-USER").compactMap(
                \.comment)
            #expect(comments?.contains { $0.hasSuffix(" " + text) } == true, "\(listing)")
            try await withFolder { folder in
                try folder.write("1.v4", rules)
                try folder.write("1.json", table.jsonText)
                try folder.write("1.nft", table.text(header: [text]))
                #expect(try await namespace.must(AcceptanceScript.text(folder.path)) == "")
            }
        }
    }

    @Test(
        .enabled(if: TestEnvironment.mayUseNamespaces, "needs root, to make a network namespace of its own"),
        arguments: ["a \"quote\"", hiddenQuote, "\"", "\\\""])
    func quotesAreLoadedAndListedByIPTables(text: String) async throws {
        let ruleset = try ruleset {
            Inbound(on: "eth0") { Default(.drop).comment(text).log(prefix: String(text.prefix(9))) }
        }
        let rules = try LowerToIPTables.lower(ruleset, family: .ip).document(layout: .dockerUser, header: []).text
        try await withNamespace { namespace in
            let listing = try await namespace.must(
                "iptables-legacy-restore --noflush; iptables-legacy-save -t filter", input: rules)
            let listed = try SaveListing.parse(listing).table("filter")?.rules(of: "DOCKER-USER") ?? []
            #expect(listed.count == 4, "\(listing)")
            #expect(
                listed.compactMap(\.comment).contains {
                    Array($0.utf8).suffix(text.utf8.count) == Array(text.utf8)[...]
                }, "\(listing)")
        }
    }

    @Test(
        .enabled(if: TestEnvironment.mayUseNamespaces, "needs root, to make a network namespace of its own"),
        arguments: ["#x", "$x", "a'b", "a;b", "{x}", "a,b", "x`id`", "a|b"])
    func oddInterfacesAreLoadedAndListedAsTheyAre(name: String) async throws {
        let ruleset = try ruleset { Inbound(on: [InterfaceSelection(name), "eth0"]) { Default(.drop) } }
        try await withNamespace { namespace in
            try await withFolder { folder in
                try folder.write(
                    "1.v4",
                    try LowerToIPTables.lower(ruleset, family: .ip).document(layout: .dockerUser, header: []).text)
                try folder.write("1.json", try LowerToNFTables.lower(ruleset).jsonText)
                try folder.write("1.nft", try LowerToNFTables.lower(ruleset).text(header: []))
                #expect(try await namespace.must(AcceptanceScript.text(folder.path)) == "")
            }
        }
    }
}
