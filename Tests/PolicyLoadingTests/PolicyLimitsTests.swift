import Diagnostics
import Seawall
import Testing

@testable import PolicyLoading

@Suite struct PolicyLimitsTests {
    let fixture: Fixture

    init() throws { fixture = try Fixture() }

    @Test func theNetworkIsClosed() async throws {
        try fixture.policy(
            "Allow(.tcp(443)).comment(network())",
            before: """
                import Glibc
                func network() -> String {
                    let made = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
                    return made < 0 ? String(cString: strerror(errno)) : "open"
                }
                """)
        #expect(try await fixture.load().document.content.flatMap(\.comments) == ["Permission denied"])
    }

    @Test func filesAndProgramsAreClosed() async throws {
        try fixture.policy(
            "Allow(.tcp(443)).comment(files())",
            before: """
                import Glibc
                func files() -> String {
                    let opened = open("Policy.swift", O_RDONLY)
                    let first = opened < 0 ? String(cString: strerror(errno)) : "open"
                    return first + ", " + (system("true") == 0 ? "ran" : "not run")
                }
                """)
        #expect(try await fixture.load().document.content.flatMap(\.comments) == ["Permission denied, not run"])
    }

    @Test func aPolicyThatNeverEndsIsStopped() async throws {
        try fixture.policy("Allow(.tcp(forever()))", before: "func forever() -> PortSet { while true {} }")
        var options = fixture.options
        options.timeLimit = 1
        let failure = try await fixture.failure("Policy.swift", options)
        #expect(
            failure.text
                == "DIR/Policy.swift: error: the policy did not end within 1 s: does it loop for ever? Set another limit with --policy-time-limit [policy-timed-out]"
        )
    }

    @Test func aPolicyThatSleepsIsStopped() async throws {
        try fixture.policy("let _ = sleep(60); Allow(.tcp(443))", before: "import Glibc")
        var options = fixture.options
        options.timeLimit = 1
        #expect(try await fixture.failure("Policy.swift", options).text.contains("[policy-timed-out]"))
    }

    @Test func aPolicyThatTakesTooMuchMemoryIsStopped() async throws {
        try fixture.policy(
            "Allow(.tcp(much()))",
            before: "func much() -> PortSet { PortSet([Int](repeating: 1, count: 1 << 28).count) }")
        var options = fixture.options
        options.memoryLimit = 256 << 20
        let failure = try await fixture.failure("Policy.swift", options)
        #expect(
            failure.text.hasPrefix(
                "DIR/Policy.swift: error: the policy used more than its 256 MiB of memory [policy-out-of-memory]"))
    }

    @Test func aFatalErrorIsShownAtItsLine() async throws {
        try fixture.policy("Allow(.tcp(site()))", before: "func site() -> PortSet { fatalError(\"no site\") }")
        let failure = try await fixture.failure()
        #expect(failure.outcome == .unreadable)
        #expect(
            failure.text == """
                DIR/Policy.swift:2: error: the policy was ended by \(trap) [policy-crashed]
                DIR/Policy.swift:2: note: it wrote to standard error: SeawallPolicy/Policy.swift:2: Fatal error: no site
                """)
    }

    @Test func aCrashInTheLibraryShowsItsWords() async throws {
        try fixture.policy("Allow(.tcp(PortSet(numbers[3])))", before: "let numbers = [1, 2]")
        let lines = try await fixture.failure().text.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.first == "DIR/Policy.swift: error: the policy was ended by \(trap) [policy-crashed]")
        #expect(lines.last?.hasSuffix("Fatal error: Index out of range") == true)
    }

    // What the compiler makes of a trap.
    private var trap: String {
        #if arch(x86_64)
            "SIGILL"
        #else
            "SIGTRAP"
        #endif
    }

    @Test func memoryThatIsTooLittleToBeginWithIsSaidToBe() async throws {
        try fixture.policy()
        var options = fixture.options
        options.memoryLimit = 16 << 20
        let failure = try await fixture.failure("Policy.swift", options)
        #expect(
            failure.text.hasPrefix(
                "DIR/Policy.swift: error: the policy used more than its 16 MiB of memory [policy-out-of-memory]"),
            "\(failure.text)")
    }

    @Test func foundationCanBeUsed() async throws {
        try fixture.policy(
            "Allow(.tcp(443)).comment(String(format: \"%03d\", 7) + Date(timeIntervalSince1970: 0).formatted(.iso8601))",
            before: "import Foundation")
        #expect(try await fixture.load().document.content.flatMap(\.comments) == ["0071970-01-01T00:00:00Z"])
    }

    @Test func endlessRecursionIsSaidToBeLikely() async throws {
        try fixture.policy(
            "Allow(.tcp(PortSet(deep(1))))",
            before: "func deep(_ n: Int) -> Int { n < 0 ? 0 : deep(n + 1) + deep(n + 2) }")
        #expect(
            try await fixture.failure().text.hasPrefix(
                "DIR/Policy.swift: error: the policy was ended by SIGSEGV: endless recursion, or unsafe code [policy-crashed]"
            ))
    }

    @Test func anExitCodeIsShown() async throws {
        try fixture.policy(
            "Allow(.tcp(bye()))",
            before: "@preconcurrency import Glibc\nfunc bye() -> PortSet { fputs(\"no site\\n\", stderr); exit(3) }")
        #expect(
            try await fixture.failure().text == """
                DIR/Policy.swift: error: the policy ended with exit code 3 [policy-failed]
                DIR/Policy.swift: note: it wrote to standard error: no site
                """)
    }

    @Test func anEarlyEndWithoutADocumentIsAnError() async throws {
        try fixture.policy("Allow(.tcp(bye()))", before: "import Glibc\nfunc bye() -> PortSet { exit(0) }")
        #expect(
            try await fixture.failure().text
                == "DIR/Policy.swift: error: the policy ended without a document: does it call exit, or is the type marked @main no Policy? [policy-without-document]"
        )
    }

    @Test func outputWithoutEndIsStopped() async throws {
        try fixture.policy(
            "Allow(.tcp(flood()))",
            before: "func flood() -> PortSet { while true { print(String(repeating: \"x\", count: 1 << 20)) } }")
        var options = fixture.options
        options.memoryLimit = 128 << 20
        #expect(
            try await fixture.failure("Policy.swift", options).text.hasPrefix(
                "DIR/Policy.swift: error: the policy was ended by SIGXFSZ: it wrote more than 128 MiB [policy-crashed]")
        )
    }
}
