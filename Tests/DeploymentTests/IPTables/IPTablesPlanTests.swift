import Deployment
import Diagnostics
import IPTablesBackend
import PacketModel
import Testing

/// Documents, by listings of the host.
struct IPTablesPlanTests {
    private func plan(
        _ listing: String, _ program: IPTablesProgram = Programs.drops(.ip, "a"),
        _ options: IPTablesOptions = IPTablesOptions()
    ) async throws -> IPTablesFamilyPlan {
        let tools = FakeTools(listings: ["iptables-legacy-save": [listing]])
        let plan = try await IPTablesApplier(tools: tools, variant: .legacy).plan([program], options: options)
        return try #require(plan.families.first)
    }

    private func body(_ text: String) -> [String] {
        text.split(separator: "\n").dropFirst().dropLast().map(String.init)
    }

    @Test func theJumpIsWhatTheBackendPrints() throws {
        let line = "*filter\n-A DOCKER-USER\(IPTablesProgram.ownChainJump.text)\nCOMMIT\n"
        #expect(
            try SaveListing.parse(line).table("filter")?.rules(of: "DOCKER-USER").first?.words
                == DockerUserRules.jumpWords)
    }

    @Test(arguments: [
        [], ["-j RETURN"], [#"-s 1.2.3.4/32 -m comment --comment "sw:01d00000 x" -j DROP"#, "-j RETURN"],
        ["-m comment --comment sw:01d00000"],
    ])
    func replacesWhatIsOurs(rules: [String]) async throws {
        let plan = try await plan(Listings.filter(["DOCKER-USER": rules]))
        #expect(plan.layout == .dockerUser)
        #expect(
            plan.document.text == """
                *filter
                :DOCKER-USER - [0:0]
                -A DOCKER-USER -i eth0 -m comment --comment "sw:a0000000" -j DROP
                COMMIT

                """)
        #expect(body(plan.undo) == [":DOCKER-USER - [0:0]"] + rules.map { "[1:60] -A DOCKER-USER \($0)" })
    }

    @Test(arguments: ["sw:gateway office", "sw:fallback", "sw:", "sw: 7mskty9j", "sw:7mskty9jx", "sw:7mskty9jrr"])
    func keepsRulesOfOthersWhoseCommentsBeginLikeOurs(_ comment: String) async throws {
        let rule = #"-s 192.0.2.1/32 -m comment --comment "\#(comment)" -j ACCEPT"#
        let plan = try await plan(Listings.filter(["DOCKER-USER": [rule]]))
        #expect(plan.layout == .ownChain && plan.keptRules.count == 1)
    }

    @Test(arguments: ["sw:7mskty9j", "sw:7mskty9j a text", "sw:7mskty9jr", "sw:jump"])
    func replacesRulesWithACommentOfOurs(_ comment: String) async throws {
        let rule = #"-s 192.0.2.1/32 -m comment --comment "\#(comment)" -j DROP"#
        let plan = try await plan(Listings.filter(["DOCKER-USER": [rule]]))
        #expect(plan.layout == .dockerUser)
    }

    @Test func keepsForeignRulesBehindAJump() async throws {
        let rules = ["-s 192.0.2.1/32 -j DROP", "-m comment --comment sw:01d00000 -j DROP", "-j RETURN"]
        let plan = try await plan(Listings.filter(["DOCKER-USER": rules]), Programs.chained(.ip, "x"))
        #expect(plan.layout == .ownChain)
        #expect(plan.keptRules.map(\.words) == [["-s", "192.0.2.1/32", "-j", "DROP"]])
        #expect(
            body(plan.document.text) == [
                ":SEAWALL - [0:0]", ":SEAWALL-x - [0:0]", "-D DOCKER-USER -m comment --comment sw:01d00000 -j DROP",
                #"-A SEAWALL -m comment --comment "sw:x0000000" -j SEAWALL-x"#,
                #"-A SEAWALL -i eth0 -m comment --comment "sw:1ast0000" -j DROP"#,
                #"-A SEAWALL-x -i eth0 -m comment --comment "sw:x-a" -j DROP"#,
                #"-A SEAWALL-x -i eth0 -m comment --comment "sw:x-b" -j DROP"#,
                #"-I DOCKER-USER 1 -m comment --comment "sw:jump" -j SEAWALL"#,
            ])
        #expect(
            body(plan.undo) == [
                ":SEAWALL - [0:0]", ":SEAWALL-x - [0:0]", "-D DOCKER-USER -m comment --comment sw:jump -j SEAWALL",
                "[1:60] -I DOCKER-USER 2 -m comment --comment sw:01d00000 -j DROP", "-X SEAWALL", "-X SEAWALL-x",
            ])
    }

    @Test func leavesTheJumpWhereItIs() async throws {
        let listing = Listings.filter([
            "DOCKER-USER": ["-m comment --comment sw:jump -j SEAWALL", "-j ACCEPT"],
            "SEAWALL": ["-m comment --comment sw:01d00000 -j SEAWALL-o"],
            "SEAWALL-o": ["-m comment --comment sw:00000000 -j DROP"],
        ])
        let plan = try await plan(listing)
        #expect(
            body(plan.document.text) == [
                ":SEAWALL - [0:0]", ":SEAWALL-o - [0:0]",
                #"-A SEAWALL -i eth0 -m comment --comment "sw:a0000000" -j DROP"#,
                "-X SEAWALL-o",
            ])
        #expect(
            body(plan.undo) == [
                ":SEAWALL - [0:0]", ":SEAWALL-o - [0:0]",
                "[1:60] -A SEAWALL -m comment --comment sw:01d00000 -j SEAWALL-o",
                "[1:60] -A SEAWALL-o -m comment --comment sw:00000000 -j DROP",
            ])
    }

    @Test(arguments: [
        ["-s 192.0.2.1/32 -j DROP", "-m comment --comment sw:jump -j SEAWALL"],
        [
            "-m comment --comment sw:jump -j SEAWALL", "-s 192.0.2.1/32 -j DROP",
            "-m comment --comment sw:jump -j SEAWALL",
        ],
        ["-j SEAWALL", "-s 192.0.2.1/32 -j DROP"],
    ])
    func movesTheJumpToTheTop(rules: [String]) async throws {
        let plan = try await plan(Listings.filter(["DOCKER-USER": rules, "SEAWALL": []]))
        let jumps = rules.filter { $0.hasSuffix("SEAWALL") }.map { "-D DOCKER-USER \($0)" }
        #expect(
            body(plan.document.text) == [":SEAWALL - [0:0]"] + jumps + [
                #"-A SEAWALL -i eth0 -m comment --comment "sw:a0000000" -j DROP"#,
                #"-I DOCKER-USER 1 -m comment --comment "sw:jump" -j SEAWALL"#,
            ])
    }

    @Test func returnsToDockerUserWhenNothingForeignIsLeft() async throws {
        let listing = Listings.filter([
            "DOCKER-USER": ["-m comment --comment sw:jump -j SEAWALL", "-j RETURN"],
            "SEAWALL": ["-m comment --comment sw:00000000 -j DROP"],
        ])
        let plan = try await plan(listing)
        #expect(plan.layout == .dockerUser)
        #expect(
            body(plan.document.text) == [
                ":DOCKER-USER - [0:0]", ":SEAWALL - [0:0]",
                #"-A DOCKER-USER -i eth0 -m comment --comment "sw:a0000000" -j DROP"#, "-X SEAWALL",
            ])
    }

    @Test func forcesTheOwnChain() async throws {
        let plan = try await plan(
            Listings.docker, Programs.drops(.ip, "a"), IPTablesOptions(layout: .ownChain, header: ["by hand"]))
        #expect(plan.document.text.hasPrefix("# by hand\n*filter\n:SEAWALL - [0:0]\n"))
    }

    @Test func leavesChainsThatOthersUse() async throws {
        let listing = Listings.filter(
            forward: ["-j DOCKER-USER", "-i eth1 -j SEAWALL-a"],
            ["DOCKER-USER": [], "SEAWALL-a": ["-j SEAWALL-b"], "SEAWALL-b": [], "SEAWALL-c": []])
        let plan = try await plan(listing)
        #expect(body(plan.document.text).filter { $0.hasPrefix("-X") } == ["-X SEAWALL-c"])
        #expect(
            plan.warnings.map(\.message) == [
                "iptables-legacy: the chain 'SEAWALL-a' is no longer used, but is left as it is: -A FORWARD -i eth1 -j SEAWALL-a leads there",
                "iptables-legacy: the chain 'SEAWALL-b' is no longer used, but is left as it is: -A SEAWALL-a -j SEAWALL-b leads there",
            ])
    }

    @Test func warnsOfRulesInFront() async throws {
        let plan = try await plan(
            Listings.filter(forward: ["-i eth1 -j ACCEPT", "-j LOG", "-j DOCKER-USER"], ["DOCKER-USER": []]))
        #expect(
            plan.warnings.map(\.text) == [
                """
                seawall: warning: iptables-legacy: a rule of FORWARD stands before the jump to DOCKER-USER; packets that are decided there \
                never come to Seawall's rules [rules-in-front]
                seawall: note: -A FORWARD -i eth1 -j ACCEPT
                """
            ])
    }

    @Test func makesWhatDockerWouldMake() async throws {
        let plan = try await plan("", Programs.drops(.ip, "a"), IPTablesOptions(withoutDocker: true))
        #expect(
            body(plan.document.text) == [
                ":DOCKER-USER - [0:0]", #"-A DOCKER-USER -i eth0 -m comment --comment "sw:a0000000" -j DROP"#,
                "-I FORWARD 1 -j DOCKER-USER",
            ])
        #expect(body(plan.undo) == [":DOCKER-USER - [0:0]", "-D FORWARD -j DOCKER-USER", "-X DOCKER-USER"])
        let there = try await self.plan(Listings.docker, Programs.drops(.ip, "a"), IPTablesOptions(withoutDocker: true))
        #expect(!there.document.text.contains("FORWARD"))
    }

    @Test func refusesToLoseForeignRules() async throws {
        let listing = Listings.filter(["DOCKER-USER": (1...7).map { "-s 192.0.2.\($0)/32 -j DROP" }])
        let error = try await diagnostics {
            _ = try await plan(listing, Programs.drops(.ip, "a"), IPTablesOptions(layout: .dockerUser))
        }
        #expect(
            error.diagnostics.first?.message == """
                iptables-legacy: DOCKER-USER holds 7 rules that are not Seawall's and that the layout 'docker-user' would remove
                """)
        #expect(
            error.diagnostics.first?.notes.map(\.message).last
                == "without `--layout` they are kept, behind a jump to the chain SEAWALL")
    }
}
