import Compiler
import Decompiler
import FirewallIR
import FoundationEssentials
import JSONC
import PacketModel
import RulesetLab
import Seawall
import TestSupport
import Testing

/// The source of a policy evaluates to the document of which it was made, and is as `swift format` leaves it.
@Suite struct SourceTests {
    @Test func rareRules() async throws {
        var rare = RareRules(seed: TestEnvironment.seed)
        let rules = (0..<120).map { _ in rare.rule() }
        try await expectSource(.ofRules(rules, chains: [FirewallIR.Chain(name: "other", rules: [])]))
    }

    @Test func randomRules() async throws {
        var generator = RandomRulesets(seed: TestEnvironment.seed)
        for _ in 0..<4 { try await expectSource(generator.ruleset(atMost: 40)) }
    }

    @Test func hostileText() async throws {
        let texts = [
            "\"; Rule(.accept) //", "\\(1)", "\"\"\"", "#if", "a\u{202e}b", "e\u{301}", "\u{2028}x", "// */ ", "ü 漢",
            "\u{feff}", "tab\there", "\\u{41}", "",
        ]
        let rules = texts.enumerated().map { index, text in
            FirewallRule(
                index + 1, [Box.where_ { $0.mark = [MaskedTest(mask: .max, value: UInt32(index))] }], .drop,
                opaque: [.module(name: "string", options: ["--string", text.filter { $0 != "\t" }])],
                effects: [.log(prefix: text.filter { $0 != "\t" }, level: .warning)], comment: text)
        }
        let name = "x\"; \\() chain"
        let chain = FirewallIR.Chain(name: name, rules: [FirewallRule(99, [Box.where_ { _ in }], .goto("struct"))])
        let reserved = FirewallIR.Chain(name: "struct", rules: [FirewallRule(98, [Box.where_ { _ in }], .return)])
        try await expectSource(.ofRules(rules, chains: [chain, reserved]), notes: ["a\nstruct B {", "\u{2028}x"])
    }

    @Test func manyLikeRulesAreATable() async throws {
        let rules = (0..<400).map { index in
            FirewallRule(
                index + 1,
                [
                    Box.where_ {
                        $0.source = addresses("10.0.\(index / 200).\(index % 200 + 1)")
                        $0.destination = addresses("192.168.0.0/16")
                        $0.numbers[.sourceMAC] = Presence(IntervalSet(UInt64(index) * 7 + 0x0011_2233_4455))
                    }
                ], .return)
        }
        let policy = try await expectSource(.ofRules(rules))
        #expect(policy.files.map(\.path) == ["Policy.swift", "Tables.swift"])
        #expect(policy.files[0].contents.split(separator: "\n").count < 20)
    }

    @Test func longListsAreFiles() async throws {
        let rules = (0..<300).map { index in
            FirewallRule(
                index + 1, [Box.where_ { $0.source = addresses("10.\(index / 100).\(index % 100).0/25") }], .drop)
        }
        let policy = try await expectSource(.ofRules(rules))
        #expect(policy.files.map(\.path) == ["Policy.swift", "blocked.txt"])
        #expect(policy.files[1].contents.split(separator: "\n").count == 300)
    }

    /// Compiles the source of a rule set, and compares what it evaluates to.
    @discardableResult
    private func expectSource(_ ruleset: Ruleset, notes: [String] = []) async throws -> DecompiledPolicy {
        let policy = Decompile.policy(ruleset, name: "returned rules", notes: notes)
        try await withFolder { folder in
            try FileManager.default.createDirectory(
                atPath: "\(folder.path)/policy", withIntermediateDirectories: false)
            for file in policy.files { try folder.write("policy/\(file.path)", file.contents) }
            let outcome = try await Executable.run(
                "compile", "\(folder.path)/policy", "--document",
                environment: ["SEAWALL_CACHE_DIR": "\(folder.path)/cache"])
            try #require(outcome.status == 0, "\(outcome.errors)\n\(policy.files[0].contents)")
            let document = try PolicyDocument.decode(try JSONValue.parse(outcome.output))
            #expect(document.withoutPlaces == policy.document.withoutPlaces)
            let sources = policy.files.map(\.path).filter { $0.hasSuffix(".swift") }
            let lint = try await run(
                "/usr/bin/env",
                ["swift", "format", "lint", "--strict", "--configuration", Self.configuration]
                    + sources.map { "\(folder.path)/policy/\($0)" })
            #expect(lint.status == 0, "\(lint.errors)")
        }
        return policy
    }

    /// The project's own style.
    private static let configuration =
        #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/.swift-format"
}

extension PolicyDocument {
    /// The document without what depends on where it was made.
    fileprivate var withoutPlaces: [String] {
        guard case .object(let members) = json else { return [] }
        return members.filter { !["locations", "imported"].contains($0.key) }.map { $0.value.text() }
    }
}
