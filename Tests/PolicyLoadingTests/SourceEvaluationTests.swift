import Diagnostics
import JSONC
import Seawall
import SystemPackage
import Testing

@testable import PolicyLoading

@Suite struct SourceEvaluationTests {
    let fixture: Fixture

    init() throws { fixture = try Fixture() }

    @Test func aSwiftFileBecomesADocument() async throws {
        try fixture.policy("Allow(.tcp(443))")
        let loaded = try await fixture.load()
        #expect(loaded.document.policy == "Host")
        #expect(loaded.document.generator == "seawall \(seawallVersion)")
        #expect(loaded.warnings.isEmpty)
        #expect(!loaded.wasCached)
        guard case .scope(let scope) = try #require(loaded.document.content.first) else { return #expect(Bool(false)) }
        #expect(scope.location == NodeLocation(file: "Policy.swift", line: 5))
    }

    @Test func theFilesOfAFolderAreCompiledTogether() async throws {
        try fixture.policy("Allow(.tcp(443), from: office)")
        try fixture.write("Office.swift", "import Seawall\nlet office: AddressSet = [\"192.0.2.0/24\"]\n")
        try fixture.write("notes.txt", "no Swift")
        let loaded = try await fixture.load("")
        #expect(loaded.document.policy == "Host")
    }

    @Test func namesThatLookLikeOptionsAreFiles() async throws {
        try fixture.policy(name: "-policy.swift")
        let loaded = try await fixture.load("-policy.swift")
        guard case .scope(let scope) = try #require(loaded.document.content.first) else { return #expect(Bool(false)) }
        #expect(scope.location.file == "-policy.swift")
    }

    @Test func aCompileErrorIsShownWithThePathAsTyped() async throws {
        try fixture.policy("Allow(.tcp(443), to: 3)")
        let failure = try await fixture.failure()
        #expect(failure.outcome == .unreadable)
        #expect(
            failure.text == """
                DIR/Policy.swift:6:34: error: cannot convert value of type 'Int' to expected argument type 'AddressSet'
                 4 |     var body: PolicyContent {
                 5 |         Inbound(on: "eth0") {
                 6 |             Allow(.tcp(443), to: 3)
                   |                                  `- error: cannot convert value of type 'Int' to expected argument type 'AddressSet'
                 7 |         }
                 8 |     }
                DIR/Policy.swift: error: the policy does not compile [policy-does-not-compile]
                """)
    }

    @Test func aRelativePathStaysRelative() async throws {
        try fixture.policy("Allow(.tcp(443), to: 3)")
        let up = FileReading.realPath(".").components.map { _ in ".." }.joined(separator: "/")
        let typed = up + FileReading.realPath(FilePath(fixture.path("Policy.swift"))).string
        let error = await #expect(throws: DiagnosticError.self) { _ = try await fixture.loader().load(typed) }
        let text = try #require(error?.diagnostics.first?.text)
        #expect(text.hasPrefix("\(typed):6:34: error: cannot convert"))
        #expect(text.hasSuffix("\n\(typed): error: the policy does not compile [policy-does-not-compile]"))
    }

    @Test func aFileWithoutMainIsToldSo() async throws {
        try fixture.write(
            "Policy.swift", "import Seawall\nstruct Host: Policy { var body: PolicyContent { Group(\"a\") {} } }\n")
        let one = try await fixture.failure()
        #expect(
            one.text
                == "DIR/Policy.swift: error: no type in Policy.swift is marked @main: write @main before the struct that is the policy [policy-without-main]"
        )
        try fixture.write("Other.swift", "import Seawall\n")
        #expect(
            try await fixture.failure("").text
                == "DIR: error: no type in the folder's files (Other.swift, Policy.swift) is marked @main: write @main before the struct that is the policy [policy-without-main]"
        )
    }

    @Test func twoMainsAreTheCompilersError() async throws {
        try fixture.policy(before: "@main struct Other: Policy { var body: PolicyContent { Group(\"a\") {} } }")
        let failure = try await fixture.failure()
        #expect(failure.text.contains("'main' attribute can only apply to one type in a module"))
        #expect(
            failure.text.hasSuffix("DIR/Policy.swift: error: the policy does not compile [policy-does-not-compile]"))
    }

    @Test func aWarningOfTheCompilerIsPassedOn() async throws {
        try fixture.policy("let unused = 1; Allow(.tcp(443))")
        let warnings = try await fixture.load().warnings
        #expect(warnings.map(\.id) == ["policy-compiler-warnings"])
        #expect(
            fixture.shortened(warnings).hasPrefix(
                "DIR/Policy.swift:6:17: warning: initialization of immutable value 'unused'"))
        #expect(
            fixture.shortened(warnings).hasSuffix(
                "DIR/Policy.swift: warning: the compiler has warnings [policy-compiler-warnings]"))
    }

    @Test func whatAPolicyPrintsIsAWarningAndNoPartOfTheDocument() async throws {
        try fixture.policy("let _ = print(\"hello\\nworld\"); Allow(.tcp(443))")
        let loud = try await fixture.load()
        #expect(
            fixture.shortened(loud.warnings) == """
                DIR/Policy.swift: warning: the policy prints to standard output: that is no part of its document [policy-printed]
                DIR/Policy.swift: note: it printed: hello
                DIR/Policy.swift: note: it printed: world
                """)
        let again = try await fixture.load()
        #expect(again.wasCached && again.warnings == loud.warnings)
        try fixture.policy("Allow(.tcp(443))")
        let quiet = try await fixture.load()
        #expect(quiet.document == loud.document)
    }

    @Test func longOutputIsShownByItsBeginning() async throws {
        try fixture.policy("let _ = (1...300_000).forEach { print(\"line\", $0) }; Allow(.tcp(443))")
        let warnings = try await fixture.load().warnings
        #expect(warnings.count == 1)
        #expect(warnings.first?.notes.count == 11)
        #expect(warnings.first?.notes.first?.message == "it printed: line 1")
        #expect(warnings.first?.notes.last?.message.contains("more lines") == true)
    }

    @Test func standardErrorIsPassedOn() async throws {
        try fixture.policy(
            "let _ = fputs(\"careful\\n\", stderr); Allow(.tcp(443))", before: "@preconcurrency import Glibc")
        let warnings = try await fixture.load().warnings
        #expect(
            fixture.shortened(warnings) == """
                DIR/Policy.swift: warning: the policy prints to standard error: that is no part of its document [policy-printed]
                DIR/Policy.swift: note: it printed: careful
                """)
    }

    @Test func argumentsAndTheVariablesGivenAreAllThatThePolicySees() async throws {
        try fixture.policy(
            "Allow(.tcp(443)).comment(seen())",
            before: """
                import Glibc
                func seen() -> String {
                    var names: [String] = []
                    var entry = environ
                    while let text = entry.pointee {
                        names.append(String(cString: text).split(separator: "=")[0].description)
                        entry += 1
                    }
                    return (CommandLine.arguments + names.sorted()).joined(separator: " ")
                }
                """)
        var options = fixture.options
        options.arguments = ["--site", "a b"]
        options.environment = ["SITE": "north"]
        let loaded = try await fixture.load("Policy.swift", options)
        let expected =
            "policy --site a b SEAWALL_DOCUMENT SEAWALL_POLICY_ROOT SITE SWIFT_BACKTRACE SWIFT_DETERMINISTIC_HASHING"
        #expect(loaded.document.content.flatMap(\.comments) == [expected])
    }

    @Test func twoRunsGiveTheSameBytes() async throws {
        try fixture.policy(
            "for port in ports { Allow(.tcp(PortSet(port))) }", before: "let ports = Set((1...100).map { $0 * 7 })")
        var options = fixture.options
        options.cacheDirectory = nil
        let first = try await fixture.load("Policy.swift", options)
        let second = try await fixture.load("Policy.swift", options)
        #expect(!second.wasCached)
        #expect(first.document.json.text() == second.document.json.text())
    }
}

extension PolicyNode {
    /// The comments of all rules.
    var comments: [String] {
        switch self {
        case .block(let block): block.children.flatMap(\.comments)
        case .chain(let chain): chain.children.flatMap(\.comments)
        case .scope(let scope): scope.children.flatMap(\.comments)
        case .group(let group): group.children.flatMap(\.comments)
        case .rule(let rule): rule.comment.map { [$0] } ?? []
        case .expectation: []
        }
    }
}
