import Diagnostics
import FirewallIR
import JSONC
import PacketModel
import TestSupport
import Testing

@testable import SeawallCLI

/// `seawall prove` says whether two rule sets treat every packet alike.
struct ProveTests {
    private static let office =
        #""verdict":"allow","services":[{"protocol":"tcp","ports":8080}],"from":"203.0.113.0/24""#
    private static let one =
        #""verdict":"drop","services":[{"protocol":"tcp","ports":8080}],"from":"203.0.113.9","comment":"not him""#
    private static let rest = #""verdict":"drop","default":true"#

    private let old = TestPolicy(office, rest)
    private let new = TestPolicy(one, office, rest)

    private func prove(_ a: TestPolicy, _ b: TestPolicy, _ options: [String] = []) async throws -> ShellOutcome {
        try await withFolder { folder in
            try folder.write("old.json", a.document)
            try folder.write("new.json", b.document)
            return try await run(Executable.path, ["prove", "old.json", "new.json"] + options, folder: folder.path)
        }
    }

    // MARK: - Answers

    @Test func differentIsShownByAPacket() async throws {
        let outcome = try await prove(old, new)
        #expect(outcome.summary == "exit 1\n")
        #expect(
            outcome.output == """
                A is old.json (Test), B is new.json (Test)
                compared: verdict, and answer where it is rejected
                different (IPv4, containers): a new tcp connection from 203.0.113.9:40000 to 198.51.100.1:8080, entering at eth0, leaving at docker0
                  A  old.json:Policy.swift:7  handed on to Docker (leave)  [r0000100]
                  B  new.json:Policy.swift:7  dropped                      [r0000100] "not him"
                  seawall explain 'tcp 203.0.113.9:40000 -> 198.51.100.1:8080 in eth0 out docker0' old.json   shows the way
                equal (IPv6, containers)

                """)
    }

    @Test func equalIsEqualHoweverItIsWritten() async throws {
        let halves = TestPolicy(
            Self.office.replacing("203.0.113.0/24", with: "203.0.113.128/25"),
            Self.office.replacing("203.0.113.0/24", with: "203.0.113.0/25"), Self.rest)
        let outcome = try await prove(old, halves, ["--strictness", "effects"])
        #expect(outcome.summary == "exit 0\n")
        #expect(
            outcome.output == """
                A is old.json (Test), B is new.json (Test)
                compared: verdict, answer where it is rejected, log lines, marks, and limits that are used up
                equal (IPv4, containers)
                equal (IPv6, containers)

                """)
    }

    @Test func whatAnEqualityRestsOnIsNamed() async throws {
        let dialled = #""verdict":"drop","matches":[{"field":"original-source","addresses":["192.0.2.7"]}]"#
        let header = #""verdict":"drop","from":"192.0.2.7","matches":[{"field":"direction","names":["original"]}]"#
        let outcome = try await prove(TestPolicy(dialled), TestPolicy(header))
        #expect(outcome.summary == "exit 0\n")
        #expect(
            outcome.output.contains(
                """
                equal (IPv4, containers)
                  assuming source-of-connection: in the original direction, source address and port are those of the connection, but for ICMP errors (SNAT comes later)

                """), "\(outcome.output)")
    }

    @Test func howARejectedPacketIsAnsweredMattersUnlessItIsNotToMatter() async throws {
        let drop = TestPolicy(#""verdict":"drop","services":[{"protocol":"tcp","ports":113}]"#)
        let reject = TestPolicy(#""verdict":{"reject":"tcp-reset"},"services":[{"protocol":"tcp","ports":113}]"#)
        #expect(try await prove(drop, reject, ["--strictness", "verdict"]).status == 0)
        let outcome = try await prove(drop, reject)
        #expect(outcome.status == 1 && outcome.output.contains("  rejected with tcp-reset  [r0000100]\n"))
    }

    @Test func whatIsDoneOnTheWayMattersIfItIsToMatter() async throws {
        let logs = TestPolicy(#""verdict":"drop","default":true,"log":{"prefix":"seen: ","level":"warn"}"#)
        let silent = TestPolicy(Self.rest)
        #expect(try await prove(logs, silent).status == 0)
        let outcome = try await prove(logs, silent, ["--strictness", "effects"])
        #expect(outcome.status == 1)
        #expect(
            outcome.output.contains("     logs \"seen: \" at old.json:Policy.swift:7 [r0000100]\n"),
            "\(outcome.output)")
        #expect(outcome.output.contains("     nothing else is done\n"))
    }

    // MARK: - No answer

    @Test func limitsThatCannotBeRelatedAreNamed() async throws {
        let limited = { (count: Int) in
            TestPolicy(
                #""verdict":"allow","services":[{"protocol":"tcp","ports":443}],"limit":{"count":\#(count),"per":"minute","burst":5}"#,
                Self.rest)
        }
        #expect(try await prove(limited(10), limited(10), ["--strictness", "effects"]).status == 0)
        let outcome = try await prove(limited(10), limited(11), ["--family", "ip"])
        #expect(outcome.summary == "exit 5\n")
        #expect(
            outcome.output.hasSuffix(
                """
                undecided (IPv4, containers): the limits of one rule set cannot be related to those of the other
                  cannot relate limit 10/minute burst 5 at old.json:Policy.swift:7 [r0000100] with limit 11/minute burst 5 at new.json:Policy.swift:7 [r0000100]: they are not the same
                    for one, a new tcp connection from 203.0.113.9:40000 to 198.51.100.1:443, entering at eth0, leaving at docker0

                """), "\(outcome.output)")
        let report = try JSONValue.parse(try await prove(limited(10), limited(11), ["--json"]).output)
        #expect(report["outcome"] == "undecided")
        let scope = report["scopes"]?.array?.first
        #expect(scope?["answer"] == "undecided" && scope?["reason"] == "unrelated-guards")
        #expect(scope?["guards"]?.array?.count == 1)
    }

    @Test func aBudgetThatIsUsedUpIsNoAnswer() async throws {
        let outcome = try await prove(old, new, ["--budget", "3", "--family", "ip6"])
        #expect(outcome.summary == "exit 5\n")
        #expect(
            outcome.output.hasSuffix(
                """
                undecided (IPv6, containers): the decision diagrams outgrew the budget of 3 edges
                  raise --budget, compare one family with --family, or split the rule sets

                """))
    }

    // MARK: - JSON and input

    @Test func theSameIsThereAsJSON() async throws {
        let outcome = try await prove(old, new, ["--json"])
        #expect(outcome.status == 1)
        let report = try JSONValue.parse(outcome.output)
        #expect(report["outcome"] == "different" && report["strictness"] == "reject")
        #expect(report["a"]?["input"] == "old.json" && report["b"]?["policy"] == "Test")
        let scopes = try #require(report["scopes"]?.array)
        #expect(scopes.map { $0["family"] } == ["ip", "ip6"])
        #expect(scopes[1]["answer"] == "equal" && scopes[1]["assumptions"] == [])
        #expect(scopes[0]["hook"] == "containers" && scopes[0]["answer"] == "different")
        let packet = scopes[0]["packet"]
        #expect(packet?["text"] == "tcp 203.0.113.9:40000 -> 198.51.100.1:8080 in eth0 out docker0")
        #expect(packet?["fields"]?["original-destination-port"] == "8080")
        #expect(scopes[0]["a"]?["verdict"] == "leave" && scopes[0]["a"]?["rule"]?["line"] == 7)
        #expect(scopes[0]["b"]?["verdict"] == "drop" && scopes[0]["b"]?["rule"]?["comment"] == "not him")
    }

    @Test func onlyTheFamilyThatIsAskedForIsCompared() async throws {
        let outcome = try await prove(old, new, ["--family", "ip6"])
        #expect(outcome.status == 0 && !outcome.output.contains("IPv4"))
    }

    @Test func whatCannotBeReadIsUnreadableInput() async throws {
        try await withFolder { folder in
            try folder.write("old.json", old.document)
            try folder.write("rules.txt", "this is no rule\n")
            let text = try await run(Executable.path, ["prove", "old.json", "rules.txt"], folder: folder.path)
            #expect(
                text.summary == """
                    exit 2
                    rules.txt: error: this is nothing that rules can be read from: expected a policy (a .swift file or a folder), a policy document (JSON), the text of iptables-save, iptables commands, or rules of nft (JSON or text) [input-no-policy]
                    rules.txt: note: --input-format says what it holds, if it is one of these

                    """)
            let twice = try await run(Executable.path, ["prove", "-", "-"], input: old.document)
            #expect(twice.status == 2 && twice.errors.contains("[one-input-for-two]"))
            let piped = try await run(
                Executable.path, ["prove", "-", "old.json"], input: old.document, folder: folder.path)
            #expect(piped.summary == "exit 0\n")
            for wrong in [["--strictness", "very"], ["--budget", "0"], ["--family", "ipx"]] {
                let outcome = try await run(
                    Executable.path, ["prove", "old.json", "old.json"] + wrong, folder: folder.path)
                #expect(outcome.status == 2 && outcome.output == "", "\(wrong)")
            }
        }
    }

    @Test func rulesThatSpeakOfNothingInCommonAreNotCompared() {
        let inputs = [FamilySet.ip, .ip6].map { families in
            RulesetInput(
                name: "rules.\(families.rawValue)",
                ruleset: Ruleset(
                    name: "Test",
                    scopes: [
                        Scope(
                            hook: .forward, families: families, entry: "FORWARD",
                            chains: [Chain(name: "FORWARD", rules: [])])
                    ]), shown: { $0 })
        }
        let error = RulesetPair(inputs[0], inputs[1]).nothingInCommon(.both)
        #expect(error.outcome == .unreadable)
        #expect(
            error.diagnostics.map(\.text) == [
                """
                seawall: error: there is no hook and family of which both rule sets speak: name two that do [nothing-in-common]
                seawall: note: 'rules.1' speaks of forward, IPv4
                seawall: note: 'rules.2' speaks of forward, IPv6
                """
            ])
    }
}
