import Compiler
import Diagnostics
import FirewallIR
import IPTablesBackend
import JSONC
import NFTablesBackend
import PacketModel
import Testing

@testable import Seawall

/// What could be read as something else is refused, or read as it was meant.
struct MisreadingTests {
    private func ruleset(@PolicyBuilder _ body: () -> PolicyContent) throws -> Ruleset {
        try CompilePolicy.run(PolicyDocument(policy: "Test", content: body().nodes)).ruleset
    }

    private func errors(@PolicyBuilder _ body: () -> PolicyContent) -> [String] {
        do {
            _ = try CompilePolicy.run(PolicyDocument(policy: "Test", content: body().nodes))
            return []
        } catch {
            return error.diagnostics.filter { $0.severity == .error }.map(\.id)
        }
    }

    // MARK: - Sets

    @Test func allButAListWithEverythingInItIsNothing() {
        #expect(errors { Inbound(on: "eth0") { Drop(from: .not(["192.0.2.1", .any])) } } == ["empty-set"])
        #expect(errors { Inbound(on: "eth0") { Drop(to: .not(["192.0.2.1", ["192.0.2.2", .any]])) } } == ["empty-set"])
        #expect(errors { Inbound(on: "eth0") { Drop(.tcp(.not([22, .any]))) } } == ["empty-set"])
        #expect(errors { Inbound(on: "eth0") { Drop(from: ["192.0.2.1", .any]) } } == [])
    }

    @Test func aUnionOfManyIsAsDeepAsOneOfTwo() throws {
        var set: AddressSet = "192.0.2.1"
        for number in 0..<2000 { set = set.union(AddressSet("10.0.\(number / 256).\(number % 256)")) }
        let document = PolicyDocument(policy: "Test", content: Inbound(on: "eth0") { Drop(from: set) }.content.nodes)
        #expect(try PolicyDocument.decode(try .parse(document.json.text())) == document)
    }

    @Test func filesWhoseNamesLookAlikeAreTwo() throws {
        let composed = "caf\u{e9}.txt"
        let decomposed = "cafe\u{301}.txt"
        var document = PolicyDocument(
            policy: "Test",
            content: Inbound(on: "eth0") {
                Drop(.tcp(1), from: AddressSet(contentsOf: composed))
                Drop(.tcp(2), from: AddressSet(contentsOf: decomposed))
            }.content.nodes)
        #expect(document.files.count == 2)
        for index in document.files.indices { document.files[index].contents = "192.0.2.\(index)" }
        let sources = try CompilePolicy.run(document).ruleset.scopes[0].chains[0].rules.compactMap(\.condition.first?.source)
        #expect(sources.map { $0.ranges(of: .ip).map(\.description) } == [["192.0.2.0"], ["192.0.2.1"]])
    }

    // MARK: - Conditions

    @Test func aPacketIsNoLaterFragmentAndOneAtOnce() {
        #expect(errors { Rule(.drop) { Match.laterFragment; Match.not(.laterFragment) } } == ["never-matches"])
        #expect(errors { Rule(.drop) { Match.not(.laterFragment); Match.laterFragment } } == ["never-matches"])
        #expect(errors { Rule(.drop) { Match.laterFragment; Match.laterFragment } } == [])
    }

    @Test(arguments: ["3/x", "x/3", "3/", "/3", "3//4", "3/4/5", ""])
    func aWordThatIsNoICMPTypeIsRefused(_ word: String) {
        var rule = Rule(.drop) { Match.icmpType(.type(3, code: 4)) }.content
        if case .rule(var node) = rule.nodes[0] {
            node.matches[0].values = .names([word])
            rule.nodes[0] = .rule(node)
        }
        let content = rule
        #expect(errors { content } == ["unknown-value"])
    }

    // MARK: - Times and rates

    @Test func theFirstInstantOfTheKernelsClockEndsNothing() {
        #expect(errors { Inbound(on: "eth0") { Drop(.tcp(1)).until("1970-01-01T00:00:00Z") } } == ["bad-date"])
        #expect(errors { Inbound(on: "eth0") { Drop(.tcp(1)).until("1970-01-01T00:00:01Z") } } == [])
    }

    @Test(arguments: [("2554-07-20", true), ("2554-07-21T23:34:33Z", true), ("2554-07-21T23:34:34Z", false), ("9999-12-31", false)])
    func datesThatTheKernelCannotHoldAreRefusedForNFT(_ date: String, _ isPossible: Bool) throws {
        let ruleset = try ruleset { Inbound(on: "eth0") { Drop(.tcp(1)).until(date) } }
        #expect(((try? LowerToNFTables.lower(ruleset, acceptMark: nil)) != nil) == isPossible)
    }

    @Test(arguments: [(1, true), (3, true), (300, true), (2500, true), (3000, false), (3333, true), (7000, false), (10_000, true)])
    func ratesThatIPTablesWouldRoundAreRefused(_ count: Int, _ isPossible: Bool) throws {
        let ruleset = try ruleset { Inbound(on: "eth0") { Drop(.tcp(1)).limit(.perSecond(count)) } }
        #expect(((try? LowerToIPTables.lower(ruleset, family: .ip)) != nil) == isPossible)
    }

    @Test func aBurstThatTheKernelCannotHoldIsRefusedForNFT() throws {
        let much = try ruleset { Inbound(on: "eth0") { Drop(.tcp(1)).limit(.perDay(1).burst(1_000_000)) } }
        #expect(throws: DiagnosticError.self) { try LowerToNFTables.lower(much, acceptMark: nil) }
        let enough = try ruleset { Inbound(on: "eth0") { Drop(.tcp(1)).limit(.perDay(1).burst(200_000)) } }
        #expect(throws: Never.self) { try LowerToNFTables.lower(enough, acceptMark: nil) }
    }
}
