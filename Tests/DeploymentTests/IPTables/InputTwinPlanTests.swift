import Deployment
import Diagnostics
import IPTablesBackend
import JSONC
import NFTablesBackend
import PacketModel
import Testing

/// The one jump in INPUT and the chain behind it, by listings of the host.
struct InputTwinPlanTests {
    private static let jump = "-m comment --comment sw:jump -j SEAWALL-INPUT"
    private static let foreign = "-s 192.0.2.1/32 -j DROP"

    private func plan(_ listing: String, _ program: IPTablesProgram = Programs.proxied()) async throws
        -> IPTablesFamilyPlan
    {
        let tools = FakeTools(listings: ["iptables-legacy-save": [listing]])
        let plan = try await IPTablesApplier(tools: tools, variant: .legacy).plan([program])
        return try #require(plan.families.first)
    }

    private func body(_ text: String) -> [String] {
        text.split(separator: "\n").dropFirst().dropLast().map(String.init)
    }

    private func host(input: [String], others: KeyValuePairs<String, [String]> = ["DOCKER-USER": []]) -> String {
        Listings.filter(input: input, others)
    }

    /// A host on which the rules stand.
    private func loaded(input: [String]) -> String {
        host(
            input: input,
            others: [
                "DOCKER-USER": [#"-i eth0 -m comment --comment "sw:a0000000" -j DROP"#],
                "SEAWALL-INPUT": [
                    #"-i lo -m comment --comment "sw:1o000000" -j RETURN"#,
                    #"-p tcp -m tcp --dport 8080 -m comment --comment "sw:gate0000" -g SEAWALL-proxied"#,
                ],
                "SEAWALL-proxied": [#"-i eth0 -m comment --comment "sw:b0000000" -j DROP"#],
            ])
    }

    private static let rules = [
        #"-A DOCKER-USER -i eth0 -m comment --comment "sw:a0000000" -j DROP"#,
        #"-A SEAWALL-INPUT -i lo -m comment --comment "sw:1o000000" -j RETURN"#,
        #"-A SEAWALL-INPUT -p tcp -m tcp --dport 8080 -m comment --comment "sw:gate0000" -g SEAWALL-proxied"#,
        #"-A SEAWALL-proxied -i eth0 -m comment --comment "sw:b0000000" -j DROP"#,
    ]
    private static let chains = [":DOCKER-USER - [0:0]", ":SEAWALL-INPUT - [0:0]", ":SEAWALL-proxied - [0:0]"]
    private static let insertion = #"-I INPUT 1 -m comment --comment "sw:jump" -j SEAWALL-INPUT"#

    @Test func theJumpIsWhatTheBackendPrints() throws {
        let line = "*filter\n-A INPUT\(IPTablesProgram.inputJump.text)\nCOMMIT\n"
        #expect(
            try SaveListing.parse(line).table("filter")?.rules(of: "INPUT").first?.words == InputRules.jumpWords)
    }

    @Test(arguments: [[], [foreign]]) func theJumpIsPutAtTheTop(input: [String]) async throws {
        let plan = try await plan(host(input: input))
        #expect(body(plan.document.text) == Self.chains + Self.rules + [Self.insertion])
        #expect(
            body(plan.undo) == [Self.chains[1], Self.chains[2], Self.chains[0]] + [
                "-D INPUT -m comment --comment sw:jump -j SEAWALL-INPUT", "-X SEAWALL-INPUT", "-X SEAWALL-proxied",
            ])
    }

    @Test func theJumpStaysWhereItIs() async throws {
        let listing = loaded(input: [Self.jump, Self.foreign])
        let plan = try await plan(listing)
        #expect(body(plan.document.text) == Self.chains + Self.rules)
        #expect(!plan.undo.contains(" INPUT"))
    }

    @Test(arguments: [[foreign, jump], [jump, foreign, jump], [foreign, jump, jump]])
    func thereIsOneJumpAndItComesFirst(input: [String]) async throws {
        let plan = try await plan(loaded(input: input))
        let places = input.indices.filter { input[$0] == Self.jump }
        let deletions = places.map { _ in "-D INPUT \(Self.jump)" }
        #expect(body(plan.document.text) == Self.chains + deletions + Self.rules + [Self.insertion])
        let back = places.map { "[7:420] -I INPUT \($0 + 1) \(Self.jump)" }
        #expect(body(plan.undo).filter { $0.contains(" INPUT") } == ["-D INPUT \(Self.jump)"] + back)
    }

    @Test func withoutListenersJumpAndChainsGo() async throws {
        let plan = try await plan(loaded(input: [Self.jump, Self.foreign]), Programs.drops(.ip, "a"))
        #expect(
            body(plan.document.text) == Self.chains + [
                "-D INPUT \(Self.jump)", Self.rules[0], "-X SEAWALL-INPUT", "-X SEAWALL-proxied",
            ])
        #expect(plan.warnings == [])
    }

    @Test func whatOthersLeadThereStays() async throws {
        let foreign = "-i eth1 -j SEAWALL-INPUT"
        let plan = try await plan(loaded(input: [Self.jump, foreign]), Programs.drops(.ip, "a"))
        #expect(body(plan.document.text) == [Self.chains[0], "-D INPUT \(Self.jump)", Self.rules[0]])
        #expect(
            plan.warnings.map(\.message) == [
                "iptables-legacy: the chain 'SEAWALL-INPUT' is no longer used, but is left as it is: -A INPUT \(foreign) leads there",
                "iptables-legacy: the chain 'SEAWALL-proxied' is no longer used, but is left as it is: -A SEAWALL-INPUT -p tcp -m tcp --dport 8080 -m comment --comment sw:gate0000 -g SEAWALL-proxied leads there",
            ])
    }

    @Test(arguments: [
        ([foreign, jump], "the one jump to SEAWALL-INPUT is not at the top of INPUT"),
        ([], "the one jump to SEAWALL-INPUT is not at the top of INPUT"),
    ])
    func theJumpIsReadBack(input: [String], difference: String) async throws {
        let after = loaded(input: input)
        let tools = FakeTools(listings: ["iptables-legacy-save": [Listings.docker, Listings.docker, after, after]])
        let applier = IPTablesApplier(tools: tools, variant: .legacy)
        let plan = try await applier.plan([Programs.proxied()])
        let error = try await diagnostics { try await applier.apply(plan) }
        #expect(error.diagnostics.first?.id == "iptables-read-back")
        #expect(error.diagnostics.first?.notes.first?.message == difference)
    }

    @Test func aJumpThatMovedMeanwhileIsNoticed() async throws {
        let tools = FakeTools(listings: [
            "iptables-legacy-save": [loaded(input: [Self.jump]), loaded(input: [Self.foreign, Self.jump])]
        ])
        let applier = IPTablesApplier(tools: tools, variant: .legacy)
        let plan = try await applier.plan([Programs.proxied()])
        let error = try await diagnostics { try await applier.apply(plan) }
        #expect(error.diagnostics.first?.id == "changed-meanwhile")
    }

    @Test(arguments: [
        ([jump], "SEAWALL-INPUT is reached"), ([], "SEAWALL-INPUT is not reached: no rule leads there from INPUT"),
        (["-j ACCEPT", jump], "SEAWALL-INPUT is not reached: before it stands -A INPUT -j ACCEPT"),
        (
            ["-i eth0 -j SEAWALL-INPUT"],
            "SEAWALL-INPUT is reached only under a condition: -A INPUT -i eth0 -j SEAWALL-INPUT"
        ),
    ])
    func whatIsLoadedIsShown(input: [String], words: String) async throws {
        let tools = FakeTools(listings: ["iptables-legacy-save": [loaded(input: input)]])
        let state = try await LoadedState.read(tools: tools, nft: NoTable())
        let line = state.text.split(separator: "\n").first { $0.hasPrefix("iptables-legacy:") }
        #expect(line ?? "" == "iptables-legacy: 1 rule in DOCKER-USER; DOCKER-USER is reached; \(words)")
        #expect(
            state.json.text().contains(
                "\"inputChain\":\"\(words.contains("is reached") ? input == [Self.jump] ? "reached" : "conditional" : input.isEmpty ? "unreached" : "blocked")\""
            ))
    }
}

/// A host without our table.
private struct NoTable: NFTRunner {
    func run(_ commands: JSONValue, check: Bool) async throws -> NFTResult { .done(.zero) }
    func list(_ table: NFTTableName, terse: Bool) async throws -> JSONValue? { nil }
}
