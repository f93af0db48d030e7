import JSONC
import TestSupport
import Testing

/// `seawall check` says which expectations of a policy do not hold.
struct ExpectationTests {
    private func policy(_ expectation: String) -> String {
        let rules = TestPolicy(
            #""verdict":"allow","services":[{"protocol":"tcp","ports":443}],"limit":{"count":3,"per":"second"}"#,
            #""verdict":"drop","default":true,"comment":"all else""#)
        return rules.document.replacing(
            #"]}}],"#, with: #"]}},{"expect":{"id":"expect00",\#(expectation)}}],"#
        ).replacing(#""locations":{"#, with: #""locations":{"expect00":"Policy.swift:20","#)
    }

    private let failing = #""outcome":"allowed","services":[{"protocol":"tcp","ports":[443,80]}],"from":"203.0.113.9""#

    private func check(_ expectation: String, _ options: [String] = []) async throws -> ShellOutcome {
        try await run(Executable.path, ["check", "-"] + options, input: policy(expectation))
    }

    @Test func whatHoldsIsCounted() async throws {
        let holding = try await check(
            #""outcome":"allowed","services":[{"protocol":"tcp","ports":443}],"from":"203.0.113.9","in":"eth0""#)
        #expect(holding.status == 0 && holding.errors.isEmpty)
        #expect(holding.output.hasPrefix("Test: 2 rules, 1 expectation holds, no errors, no warnings\n"))
    }

    @Test func aBrokenOneIsAnErrorWithAPacket() async throws {
        let broken = try await check(failing + #","in":"eth0""#)
        #expect(
            broken.summary == """
                exit 1
                Policy.swift:20: error: a connection that is expected to be allowed is dropped [expectation-failed]
                Policy.swift:20: note: the packet: a new tcp connection from 203.0.113.9:40000 to 198.51.100.1:80, entering at eth0, leaving at docker0
                Policy.swift:8: note: this rule decides: [r0000101] "all else"

                """)
        #expect(broken.output.isEmpty)
    }

    @Test func theSameIsThereAsJSON() async throws {
        let report = try JSONValue.parse(try await check(failing + #","in":"eth0""#, ["--json"]).output)
        #expect(report["outcome"] == "findings")
        let diagnostic = try #require(report["diagnostics"]?.array?.first)
        #expect(diagnostic["id"] == "expectation-failed" && diagnostic["line"] == 20)
        #expect(diagnostic["notes"]?.array?.last?["line"] == 8)
        let holding = try await check(#""outcome":"dropped","from":{"not":["0.0.0.0/0","::/0"]}"#, ["--json"])
        #expect(holding.status == 1)
    }

    @Test func whatIsLeftOutIsNotAsked() async throws {
        #expect(try await check(failing).errors.contains("entering at eth0, leaving at docker0"))
        let everywhere = try await check(#""outcome":"dropped","services":[{"protocol":"tcp","ports":80}]"#)
        #expect(everywhere.errors.contains("note: no rule decides: the packet is left to Docker's own rules"))
    }

    @Test func mistakesInOneAreFoundBeforeItIsEvaluated() async throws {
        let outcome = try await check(
            #""outcome":"open","services":[{"protocol":"tcp","ports":80}],"from":"10.0.0.300""#)
        #expect(outcome.status == 1)
        #expect(
            outcome.errors.contains("unknown outcome 'open': expected allowed, dropped or rejected [unknown-outcome]"))
        #expect(outcome.errors.contains("'10.0.0.300' is no address"))
    }
}
