import JSONC
import TestSupport
import Testing

/// Each way to end has its exit code, its message and its place.
struct ExitCodeTests {
    private func check(_ policy: TestPolicy, _ options: [String] = []) async throws -> ShellOutcome {
        try await run(Executable.path, ["check", "-"] + options, input: policy.document)
    }

    @Test func whatIsRightIsDone() async throws {
        let outcome = try await check(.simple)
        #expect(outcome.summary == "exit 0\n")
        #expect(outcome.output.hasPrefix("Test: 2 rules, no errors, no warnings\nnot covered: "))
    }

    @Test func errorsAreFindings() async throws {
        let policy = TestPolicy(
            #""verdict":"drop","from":"10.0.0.300""#, #""verdict":"drop","services":[{"protocol":"tcp","ports":70000}]"#
        )
        let outcome = try await check(policy)
        #expect(outcome.output == "")
        #expect(
            outcome.summary == """
                exit 1
                Policy.swift:7: error: '10.0.0.300' is no address: expected an IPv4 or IPv6 address, a network such as 192.0.2.0/24, or a range such as 192.0.2.1-192.0.2.9 [bad-address]
                Policy.swift:8: error: port 70000 is out of range: expected 0 to 65535 [bad-port]
                Policy.swift:8: warning: the port that is closed here is the one on the host: a packet that is routed straight to a container's address was dialled at the container's own port, and is not judged by it [direct-path]
                Policy.swift:6: note: 'direct: .drop' of the scope shuts that way; 'direct: .pass' says that it is meant

                """)
    }

    @Test(arguments: [
        [], ["frobnicate"], ["compile", "-"], ["compile", "-", "--backend", "ebtables"],
        ["compile", "-", "--backend", "nft", "--ir"],
        ["compile", "-", "--for", "sysconfig", "--backend", "nft"],
        ["compile", "-", "--for", "sysconfig", "--layout", "own-chain"],
        ["compile", "-", "--backend", "nft", "--accept-mark", "7/1"],
        ["compile", "-", "--backend", "nft", "--accept-mark", "x"],
        ["compile", "-", "--backend", "iptables", "--family", "ipx"], ["check"],
        ["check", "-", "--policy-time-limit", "0"],
        ["check", "-", "--nonsense"], ["completions", "tcsh"], ["check", "no/such/file"],
    ])
    func wrongUseIsUnreadable(arguments: [String]) async throws {
        let outcome = try await run(Executable.path, arguments, input: TestPolicy.simple.document)
        if arguments.isEmpty { return #expect(outcome.status == 0 && outcome.output.hasPrefix("OVERVIEW")) }
        #expect(outcome.status == 2, "\(arguments)")
        #expect(outcome.output == "" && outcome.errors != "", "\(arguments)")
    }

    @Test(arguments: ["", "{", "[]", "{\"seawall\":{\"document\":99}}", "not JSON", "\0"])
    func whatIsNoDocumentIsUnreadable(text: String) async throws {
        let outcome = try await run(Executable.path, ["check", "-"], input: text)
        #expect(outcome.status == 2 && outcome.errors.contains("error: "), "\(outcome.summary)")
    }

    @Test func whatCannotBeExpressedIsRefused() async throws {
        let policy = TestPolicy(
            #""verdict":"accept","services":[{"protocol":"tcp","ports":1}]"#, #""verdict":"drop","default":true"#)
        let outcome = try await run(Executable.path, ["compile", "-", "--backend", "nft"], input: policy.document)
        #expect(outcome.status == 3 && outcome.output == "")
        #expect(
            outcome.errors.contains("Policy.swift:7: error: cannot be expressed in nft: 'Accept' would not be final"))
        let marked = try await run(
            Executable.path, ["compile", "-", "--backend", "nft", "--accept-mark", "0x10000/0x10000"],
            input: policy.document)
        #expect(marked.status == 0)
        // For check it is a warning: the other backend may do.
        let checked = try await check(policy)
        #expect(checked.status == 0 && checked.errors.contains("Policy.swift:7: warning: cannot be expressed in nft: "))
    }

    @Test func aFullDiskIsAnErrorOfTheHost() async throws {
        let full = try await run(
            "/bin/sh", ["-c", "'\(Executable.path)' compile - --backend nft > /dev/full"],
            input: TestPolicy.simple.document)
        #expect(
            full.summary
                == "exit 4\nseawall: error: cannot write to standard output: No space left on device [cannot-write]\n")
        let help = try await run(
            "/bin/sh", ["-c", "'\(Executable.path)' check - --json > /dev/full"], input: TestPolicy.simple.document)
        #expect(help.status == 4)
    }

    @Test func aReaderThatGoesAwayIsNoError() async throws {
        let outcome = try await run(
            "/bin/bash", ["-c", "set -o pipefail; '\(Executable.path)' compile - --backend iptables | true"],
            input: TestPolicy.simple.document)
        #expect(outcome.summary == "exit 0\n")
    }

    // MARK: - JSON

    @Test func resultsAreJSONWhereAsked() async throws {
        let checked = try JSONValue.parse(try await check(.simple, ["--json"]).output)
        #expect(checked["outcome"] == "ok" && checked["rules"] == 2 && checked["diagnostics"] == [])
        let wrong = try await check(TestPolicy(#""verdict":"drop","from":"x""#), ["--json"])
        #expect(wrong.status == 1 && wrong.errors == "")
        let report = try JSONValue.parse(wrong.output)
        #expect(report["outcome"] == "findings")
        let first = report["diagnostics"]?.array?.first
        #expect(first?["id"] == "bad-address" && first?["file"] == "Policy.swift" && first?["line"] == 7)
        let compiled = try await run(
            Executable.path, ["compile", "-", "--backend", "iptables", "--json"], input: TestPolicy.simple.document)
        let results = try JSONValue.parse(compiled.output)["results"]?.array ?? []
        #expect(results.map { $0["family"] } == ["ip", "ip6"])
        #expect(results.allSatisfy { $0["text"]?.string?.hasSuffix("COMMIT\n") == true })
        let refused = try await run(
            Executable.path, ["compile", "-", "--backend", "nft", "--json"],
            input: TestPolicy(#""verdict":"accept""#).document)
        #expect(refused.status == 3)
        #expect(try JSONValue.parse(refused.output)["outcome"] == "refused")
        let nowhere = try await run(
            Executable.path, ["compile", "-", "--backend", "nft", "--json", "-o", "/dev/full"],
            input: TestPolicy.simple.document)
        #expect(nowhere.status == 4)
        #expect(try JSONValue.parse(nowhere.output)["outcome"] == "host-error")
    }

    @Test func everyStageIsShown() async throws {
        for (option, start) in [
            ("--ir", "ruleset Test\n"), ("--document", "{\n  \"seawall\": {\n    \"document\": 1,"),
        ] {
            let outcome = try await run(Executable.path, ["compile", "-", option], input: TestPolicy.simple.document)
            #expect(outcome.status == 0 && outcome.output.hasPrefix(start))
        }
        let document = try await run(
            Executable.path, ["compile", "-", "--document"], input: TestPolicy.simple.document
        ).output
        #expect(try await run(Executable.path, ["compile", "-", "--document"], input: document).output == document)
    }

    /// Sets and dictionaries are ordered otherwise in each process.
    @Test(arguments: [["--backend", "iptables"], ["--backend", "nft"], ["--ir"], ["--document"]])
    func everyProcessWritesTheSameBytes(options: [String]) async throws {
        let policy = TestPolicy(
            many: (1...20).map { number in
                """
                "verdict":"allow","from":["10.0.\(number).0/24","10.1.\(number).7","2001:db8:\(number)::/48"],
                "services":[{"protocol":"tcp","ports":[80,443,\(8000 + number)]},{"protocol":"udp","ports":53}],
                "matches":[{"field":"out-interface","interfaces":["br-*","docker0","veth\(number)"]}]
                """
            })
        var texts: Set<String> = []
        for _ in 0..<4 {
            let outcome = try await run(Executable.path, ["compile", "-"] + options, input: policy.document)
            #expect(outcome.summary == "exit 0\n")
            texts.insert(outcome.output)
        }
        #expect(texts.count == 1)
    }
}
