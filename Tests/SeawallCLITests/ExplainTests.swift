import JSONC
import TestSupport
import Testing

/// `seawall explain` says what a policy does with a packet, and why.
struct ExplainTests {
    private let policy = TestPolicy(
        #""verdict":"allow","services":[{"protocol":"tcp","ports":443}]"#,
        #""verdict":"drop","services":[{"protocol":"tcp","ports":8080}],"comment":"not yet""#,
        #""verdict":"drop","default":true"#)

    private func explain(_ packet: String, _ options: [String] = []) async throws -> ShellOutcome {
        try await run(Executable.path, ["explain", packet, "-"] + options, input: policy.document)
    }

    @Test func everyRuleThatIsAskedHasALine() async throws {
        let outcome = try await explain("tcp 203.0.113.9:40000 -> 198.51.100.1:8080 in eth0")
        #expect(outcome.status == 0)
        #expect(
            outcome.output == """
                packet:  a new tcp connection from 203.0.113.9:40000 to 198.51.100.1:8080, entering at eth0, leaving at docker0
                text:    tcp 203.0.113.9:40000 -> 198.51.100.1:8080 in eth0 out docker0
                assumed: leaving at docker0 ('out NAME' says otherwise)
                assumed: routed to 198.51.100.1:8080 as it was dialled, without DNAT ('published', or 'to' the container, says otherwise)

                no   Policy.swift:6  [sc0pe000r]  connection direction is original, the rule wants reply
                no   Policy.swift:6  [sc0pe000e]  protocol is tcp, the rule wants icmp
                no   Policy.swift:7  [r0000100]  destination port dialled is 8080, the rule wants 443
                yes  Policy.swift:8  [r0000101]  drops it

                verdict: dropped by Policy.swift:8 [r0000101] "not yet"

                """)
    }

    @Test func theVerdictDoesNotDecideTheExitCode() async throws {
        let allowed = try await explain("tcp 203.0.113.9 -> 198.51.100.1:https published in eth0", ["--matched"])
        #expect(
            allowed.status == 0 && allowed.output.contains("\nverdict: handed on to Docker (leave) by Policy.swift:7"))
        #expect(!allowed.output.contains("\nno "))
        let elsewhere = try await explain("tcp 203.0.113.9 -> 198.51.100.1:22 in wlan0")
        #expect(elsewhere.output.contains("\nverdict: handed on to Docker (leave): no rule decided\n"))
    }

    @Test func unreadablePacketsAreUnreadableInput() async throws {
        let outcome = try await explain("tcp 203.0.113.9 -> 198.51.100.1")
        #expect(
            outcome.summary == """
                exit 2
                seawall: error: the packet cannot be read: column 20: found '198.51.100.1', expected an address with a port, since tcp has ports; for example 'tcp 203.0.113.9:40000 -> 198.51.100.1:8080 in eth0' [bad-packet]

                """)
        let swapped = try await run(Executable.path, ["explain", ".", "tcp 203.0.113.9 -> 198.51.100.1:80"])
        #expect(swapped.status == 2)
        #expect(swapped.errors.hasSuffix("\nseawall: note: the packet comes first, then the policy\n"))
        let report = try JSONValue.parse(try await explain("x", ["--json"]).output)
        #expect(report["outcome"] == "unreadable" && report["diagnostics"]?.array?.first?["id"] == "bad-packet")
    }

    @Test func theSameIsThereAsJSON() async throws {
        let outcome = try await explain("tcp 203.0.113.9 -> 198.51.100.1:8080 in eth0 out docker0", ["--json"])
        let report = try JSONValue.parse(outcome.output)
        #expect(report["outcome"] == "ok" && report["policy"] == "Test")
        #expect(report["packet"]?["text"] == "tcp 203.0.113.9:40000 -> 198.51.100.1:8080 in eth0 out docker0")
        #expect(report["assumed"]?.array?.first == "source port 40000")
        let scope = try #require(report["scopes"]?.array?.first)
        #expect(scope["verdict"] == "drop" && scope["decidedBy"]?["line"] == 8)
        let rules = try #require(scope["rules"]?.array)
        #expect(rules.count == 4 && rules[3]["matched"] == true && rules[3]["does"] == "drops it")
        let reason = try #require(rules[2]["reasons"]?.array?.first)
        #expect(
            reason["field"] == "original-destination-port" && reason["found"] == "8080" && reason["wanted"] == "443")
    }

    @Test func limitsAreTakenAsTheyAreAskedFor() async throws {
        let limited = TestPolicy(
            #""verdict":"allow","services":[{"protocol":"tcp","ports":443}],"limit":{"count":3,"per":"second","burst":5}"#,
            #""verdict":"drop","default":true"#)
        let packet = "tcp 203.0.113.9 -> 198.51.100.1:443 published"
        let passing = try await run(Executable.path, ["explain", packet, "-"], input: limited.document)
        #expect(passing.output.contains("verdict: handed on to Docker (leave) by Policy.swift:7"))
        #expect(passing.output.hasSuffix("taken for granted: limit 3/second burst 5 is not used up\n"))
        let refused = try await run(
            Executable.path, ["explain", packet, "-", "--guards", "refuse"], input: limited.document)
        #expect(refused.output.contains("limit 3/second burst 5 is used up\n"))
        #expect(refused.output.contains("verdict: dropped by Policy.swift:8"))
    }

    @Test func aPortThatIsTreatedOtherwiseOncePublishedIsPointedOut() async throws {
        let document = policy.document.replacing(#""direct":"judge""#, with: #""direct":"drop""#)
        let outcome = try await run(
            Executable.path, ["explain", "tcp 203.0.113.9 -> 198.51.100.1:443", "-"], input: document)
        #expect(outcome.output.contains("verdict: dropped by Policy.swift:6"))
        #expect(
            outcome.output.hasSuffix(
                "if the port is published ('published'): handed on to Docker (leave) by Policy.swift:7 [r0000100]\n"))
    }
}
