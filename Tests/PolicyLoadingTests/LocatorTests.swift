import Diagnostics
import Testing

@testable import PolicyLoading
@testable import Seawall

@Suite struct LocatorTests {
    private let source = """
        import Seawall
        // "10.0.0.300" in a comment is no literal
        let office: AddressSet = [
            "192.0.2.0/24",
            "10.0.0.300",
        ]
        let port: PortSet = 70_000
        @main struct Host: Policy {
            var body: PolicyContent {
                Inbound(on: "eth0") {
                    Allow(.tcp(443), from: office)
                    Allow(
                        .tcp(80),
                        from: "10.0.0.301"
                    )
                    Drop(from: "10.0.0.301")
                    Allow(.tcp(port))
                    Allow(.tcp(9000...8000), from: .range("10.0.0.9", "10.0.0.1"))
                }
            }
        }
        let spare = (1, 1, "10.0.0.302")
        """

    private func locator(_ shown: ShownPaths = .file("policies/Policy.swift")) -> Locator {
        let lines = [10, 11, 12, 16, 17, 18].map { NodeLocation(file: "Policy.swift", line: $0) }
        return Locator(
            shown: shown, sources: [("Hosts.swift", "let other = \"10.0.0.303\""), ("Policy.swift", source)],
            content: lines.map { .rule(RuleNode(location: $0, verdict: .allow)) })
    }

    private func text(_ literal: String?, line: Int, file: String = "Policy.swift") -> String {
        locator().located(Diagnostic("x", at: SourceLocation(file: file, line: line), "m", literal: literal)).text
    }

    @Test func aMessageWithoutALiteralStaysAtItsLine() {
        #expect(text(nil, line: 11) == "policies/Policy.swift:11: error: m [x]")
    }

    @Test func aLiteralInTheRuleIsFoundOnItsOwnLine() {
        #expect(text("10.0.0.301", line: 12) == "policies/Policy.swift:14: error: m [x]")
        #expect(text("10.0.0.301", line: 16) == "policies/Policy.swift:16: error: m [x]")
        #expect(text("9000", line: 18) == "policies/Policy.swift:18: error: m [x]")
        #expect(text("10.0.0.9-10.0.0.1", line: 18) == "policies/Policy.swift:18: error: m [x]")
    }

    @Test func aLiteralElsewhereIsShownThereWithANoteAtTheRule() {
        #expect(
            text("10.0.0.300", line: 11) == """
                policies/Policy.swift:5: error: m [x]
                policies/Policy.swift:11: note: used by the rule here
                """)
        #expect(
            text("70000", line: 17) == """
                policies/Policy.swift:7: error: m [x]
                policies/Policy.swift:17: note: used by the rule here
                """)
    }

    @Test func aLiteralBehindTheScopeIsNoPartOfItsLastRule() {
        #expect(
            text("10.0.0.302", line: 18) == """
                policies/Policy.swift:22: error: m [x]
                policies/Policy.swift:18: note: used by the rule here
                """)
    }

    @Test func aLiteralInAnotherFileIsFoundThere() {
        #expect(
            text("10.0.0.303", line: 11) == """
                policies/Hosts.swift:1: error: m [x]
                policies/Policy.swift:11: note: used by the rule here
                """)
    }

    @Test func aNumberThatOccursTwiceElsewhereIsNotGuessed() {
        #expect(text("1", line: 11) == "policies/Policy.swift:11: error: m [x]")
    }

    @Test func aLiteralThatWasComputedLeavesTheMessageAtTheRule() {
        #expect(text("10.9.9.900", line: 11) == "policies/Policy.swift:11: error: m [x]")
    }

    @Test func entriesOfAddressFilesAreJoinedWithTheFolder() {
        #expect(text("10.0.0.300", line: 3, file: "blocklist.txt") == "policies/blocklist.txt:3: error: m [x]")
        #expect(text("10.0.0.300", line: 3, file: "/etc/blocklist.txt") == "/etc/blocklist.txt:3: error: m [x]")
    }

    @Test func notesAreShownAsTyped() {
        let note = Diagnostic.Note("see", at: SourceLocation(file: "Policy.swift", line: 3))
        let diagnostic = Diagnostic("x", at: SourceLocation(file: "Policy.swift", line: 11), "m", notes: [note])
        #expect(
            locator().located(diagnostic).text == """
                policies/Policy.swift:11: error: m [x]
                policies/Policy.swift:3: note: see
                """)
    }
}

@Suite struct SourceLiteralsTests {
    private func literals(_ source: String) -> [String] {
        SourceLiterals(source).literals.map { "\($0.line) \($0.text)" }
    }

    @Test func stringsAndNumbersAreLiterals() {
        #expect(literals("f(\"a\", 1_000,\n-5, eth0, 0x1F)") == ["1 a", "1 1000", "2 -5", "2 0x1F"])
    }

    @Test func commentsAreSkipped() {
        #expect(literals("// \"a\"\n/* \"b\" /* \"c\" */\n\"d\" */ \"e\" // \"f\"") == ["3 e"])
    }

    @Test func escapesAndRawStringsEndWhereTheyEnd() {
        #expect(
            literals(
                #"""
                "a\"b" #"c"d"# "e\\" "/* f"
                """#) == [#"1 a\"b"#, "1 c\"d", #"1 e\\"#, "1 /* f"])
    }

    @Test func longStringsKeepTheLinesBehindThemRight() {
        #expect(literals("\"\"\"\n  x \\\n \"y\"\n\"\"\"\n\"z\"") == ["1 \n  x \\\n \"y\"\n", "5 z"])
    }

    @Test(arguments: ["\"", "\"\"\"", "/*", "#", "#\"", "\"\\", "\"\"\"\\", "-", "/", "0", ")", "\"a\n1"])
    func anUnfinishedSourceIsReadToItsEnd(_ source: String) { _ = SourceLiterals(source) }

    @Test func aStatementEndsWhereTheBracketsAroundItClose() {
        let source = SourceLiterals("{\n f(\n  1)\n}\n2")
        #expect(source.end(ofStatementAt: 2) == 4)
        #expect(source.end(ofStatementAt: 1) == .max)
    }
}
