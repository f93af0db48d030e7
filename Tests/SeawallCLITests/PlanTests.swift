import TestSupport
import Testing

/// What `seawall compile` makes of many rules for nft, and what it says of it.
struct PlanTests {
    private static let policy = TestPolicy(
        many: (0..<6).map { #""verdict":"drop","from":["198.51.100.\#($0 * 2 + 1)"]"# }
            + (0..<6).map {
                #""verdict":"allow","from":["203.0.113.\#($0 * 3)"],"services":[{"protocol":"tcp","ports":\#(8000 + $0)}]"#
            }
            + [
                #""verdict":"drop","from":["198.51.100.3"]"#,
                #""verdict":"drop","services":[{"protocol":"tcp","ports":8000}]"#,
                #""verdict":"allow","services":[{"protocol":"tcp","ports":443}]"#,
                #""verdict":"drop","default":true"#,
            ])

    private func compile(_ options: String..., in folder: TestFolder) async throws -> ShellOutcome {
        try await run(
            Executable.path, ["compile", "-", "--backend", "nft"] + options, input: Self.policy.document,
            folder: folder.path)
    }

    @Test(arguments: [("plan", []), ("counters", ["--counters", "rule"]), ("json", ["--json"])])
    func thePlanIsAsRecorded(_ name: String, _ options: [String]) async throws {
        try await withFolder { (folder: TestFolder) async throws in
            let outcome = try await run(
                Executable.path, ["compile", "-", "--backend", "nft", "--explain-plan"] + options,
                input: Self.policy.document, folder: folder.path)
            #expect(outcome.status == 0)
            expectGolden(outcome.output, "Plan/\(name).txt")
        }
    }

    @Test func rulesThatCountAreNotMerged() async throws {
        try await withFolder { (folder: TestFolder) async throws in
            let outcome = try await compile("--for", "nftables-service", "--counters", "rule", in: folder)
            let drops = outcome.output.split(separator: "\n").filter { $0.contains("ip saddr 198.51.100.") }
            #expect(drops.count == 7 && drops.allSatisfy { $0.contains(" counter drop ") })
            #expect(!outcome.output.contains("    set "))
        }
    }

    @Test func lineByLineThereAreNoSets() async throws {
        try await withFolder { (folder: TestFolder) async throws in
            let outcome = try await compile("--for", "nftables-service", "--no-optimize", in: folder)
            #expect(!outcome.output.contains("    set ") && outcome.output.contains("ip saddr 198.51.100.11 drop"))
        }
    }

    /// The document carries the lines that its elements came from; nft passes them over.
    @Test func aDocumentNamesTheLinesOfItsElements() async throws {
        try await withFolder { (folder: TestFolder) async throws in
            #expect(try await compile("-o", "rules.json", in: folder).summary.hasPrefix("exit 0\n"))
            for (source, line) in [("198.51.100.5", 9), ("198.51.100.9", 11)] {
                let outcome = try await run(
                    Executable.path,
                    ["explain", "tcp \(source) -> 192.0.2.1:80 in eth0 out docker0", "rules.json"],
                    folder: folder.path)
                #expect(outcome.output.contains("Policy.swift:\(line)"), "\(outcome.output)\(outcome.errors)")
            }
        }
    }

    /// Fifteen chains within one another: the rules of the last would lie one deeper than the kernel follows.
    @Test func whatWouldLieTooDeepIsWrittenLineByLineAndSaid() async throws {
        try await withFolder { (folder: TestFolder) async throws in
            let jumps = (0..<15).map { "-A \($0 == 0 ? "DOCKER-USER" : "C\($0)") -s 10.\($0).0.0/16 -j C\($0 + 1)" }
            let last = (0..<40).map { number in
                "-A C15 -i eth0 -o br\(number % 4) -s 10.0.\(number).1/32 -p \(number % 3 == 0 ? "udp" : "tcp") -m conntrack --ctorigdstport \(number + 1) -j \(number % 2 == 0 ? "RETURN" : "DROP")"
            }
            let chains = (["DOCKER-USER"] + (1...15).map { "C\($0)" }).map { ":\($0) - [0:0]" }
            let text = (["*filter"] + chains + jumps + last + ["COMMIT", ""]).joined(separator: "\n")
            try folder.write("deep.v4", text)
            let outcome = try await run(
                Executable.path, ["compile", "deep.v4", "--backend", "nft", "-o", "deep.json"], folder: folder.path)
            #expect(outcome.status == 0)
            #expect(outcome.errors.contains("[not-optimized]"), "\(outcome.errors)")
            #expect(folder.read("deep.json")?.contains("\"set\":{") == false)
        }
    }

    @Test func aPlanIsForSetsOfNFT() async throws {
        try await withFolder { (folder: TestFolder) async throws in
            let outcome = try await run(
                Executable.path, ["compile", "-", "--backend", "iptables", "--explain-plan"],
                input: Self.policy.document, folder: folder.path)
            #expect(outcome.status == 2)
            #expect(outcome.errors.contains("--explain-plan is for --backend nft, without --no-optimize"))
        }
    }
}
