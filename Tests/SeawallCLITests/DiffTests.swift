import JSONC
import TestSupport
import Testing

/// `seawall diff` says which traffic changes between two rule sets, as people look for it.
struct DiffTests {
    private static let web = #""verdict":"allow","services":[{"protocol":"tcp","ports":443}]"#
    private static let office =
        #""verdict":"allow","services":[{"protocol":"tcp","ports":8080}],"from":"203.0.113.0/24""#
    private static let dns = #""verdict":"allow","services":[{"protocol":"udp","ports":53}]"#
    private static let limited =
        #""verdict":"allow","services":[{"protocol":"udp","ports":53}],"limit":{"count":10,"per":"second","burst":5}"#
    private static let rest = #""verdict":"drop","default":true"#

    private let old = TestPolicy(web, office, dns, rest)
    private let new = TestPolicy(
        #""verdict":"drop","from":"192.0.2.0/24""#, web,
        #""verdict":{"reject":"tcp-reset"},"services":[{"protocol":"tcp","ports":8080}]"#, limited,
        #""verdict":"allow","services":[{"protocol":"tcp","ports":22}],"until":"2027-01-31""#, rest)

    private func diff(_ a: TestPolicy, _ b: TestPolicy, _ options: [String] = []) async throws -> ShellOutcome {
        try await withFolder { folder in
            try folder.write("old.json", a.document)
            try folder.write("new.json", b.document)
            return try await run(Executable.path, ["diff", "old.json", "new.json"] + options, folder: folder.path)
        }
    }

    @Test func changesAreListedByService() async throws {
        let outcome = try await diff(old, new)
        #expect(outcome.summary == "exit 1\n")
        expectGolden(outcome.output, "Diff/changes.txt")
    }

    @Test func nothingChangesHoweverItIsWritten() async throws {
        let halves = TestPolicy(
            Self.web, Self.office.replacing("203.0.113.0/24", with: "203.0.113.128/25"), Self.dns,
            Self.office.replacing("203.0.113.0/24", with: "203.0.113.0/25"), Self.rest)
        let outcome = try await diff(old, halves)
        #expect(outcome.summary == "exit 0\n" && outcome.output == "no traffic changes (IPv4 and IPv6)\n")
    }

    @Test func whatIsNotListedIsCounted() async throws {
        let outcome = try await diff(old, new, ["--limit", "2", "--family", "ip"])
        #expect(outcome.status == 1)
        #expect(outcome.output.hasSuffix("\n2 changes and 4 more, not listed (--limit) (IPv4)\n"), "\(outcome.output)")
    }

    @Test func theSameIsThereAsJSON() async throws {
        let outcome = try await diff(old, new, ["--json"])
        #expect(outcome.status == 1)
        expectGolden(outcome.output, "Diff/changes.json")
        let report = try JSONValue.parse(outcome.output)
        #expect(report["outcome"] == "changed" && report["complete"] == true && report["unlisted"] == 0)
        #expect(report["changes"]?.array?.count == 6)
    }

    @Test func whatCannotBeDecidedIsSaid() async throws {
        let outcome = try await diff(old, new, ["--budget", "1"])
        #expect(outcome.summary == "exit 5\n")
        #expect(
            outcome.output.hasPrefix(
                "undecided (IPv4, containers): the decision diagrams outgrew the budget of 1 edges\n"),
            "\(outcome.output)")
    }

    @Test func aLimitThatOtherPacketsUseUpIsPointedOut() async throws {
        let narrowed = TestPolicy(
            Self.web, Self.office, #""verdict":"drop","from":"192.0.2.0/24""#, Self.limited, Self.rest)
        let outcome = try await diff(TestPolicy(Self.web, Self.office, Self.limited, Self.rest), narrowed)
        #expect(outcome.summary == "exit 1\n")
        expectGolden(outcome.output, "Diff/limits.txt")
    }

    @Test func usageIsChecked() async throws {
        let outcome = try await diff(old, new, ["--limit", "0"])
        #expect(outcome.status == 2 && outcome.errors.contains("--limit: expected at least 1 change"))
    }
}
