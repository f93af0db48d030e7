import Diagnostics
import FirewallIR
import IPTablesBackend
import JSONC
import NFTablesBackend
import PacketModel
import Testing

@testable import Deployment

/// What will be live after a transaction: worked out without a kernel.
struct LivePlanTests {
    private let foreign = "-s 192.0.2.7/32 -j DROP"
    private let old = #"-i eth0 -m comment --comment "sw:01d00000" -j DROP"#
    private let jump = #"-m comment --comment "sw:jump" -j SEAWALL"#

    private func plan(_ listing: String, _ program: IPTablesProgram) async throws -> LivePlan {
        let tools = FakeTools(listings: ["iptables-legacy-save": [listing]])
        let applier = IPTablesApplier(tools: tools, variant: .legacy)
        return try await .iptables(try await applier.plan([program]), tools: tools)
    }

    private func ids(_ rules: LiveRules) -> [String] {
        rules.places.flatMap(\.whole.scopes).flatMap(\.chains).map {
            "\($0.name): " + $0.rules.map(\.id).joined(separator: " ")
        }
    }

    @Test func aFirstPolicyFillsTheChain() async throws {
        let plan = try await plan(Listings.docker, Programs.drops(.ip, "a", "b"))
        #expect(ids(plan.before) == ["DOCKER-USER: "] && !plan.changesNothing)
        #expect(ids(plan.after) == ["DOCKER-USER: a0000000 b0000000"])
    }

    @Test func rulesOfOthersAreThereAfterwards() async throws {
        let plan = try await plan(
            Listings.filter(["DOCKER-USER": [old, foreign]]), Programs.drops(.ip, "a"))
        #expect(ids(plan.after) == ["DOCKER-USER: jump DOCKER-USER:2", "SEAWALL: a0000000"])
        #expect(plan.after.places[0].others.map(\.text) == ["-A DOCKER-USER \(foreign)"])
    }

    @Test func chainsThatAreNotNeededAreGone() async throws {
        let listing = Listings.filter([
            "DOCKER-USER": [jump, foreign], "SEAWALL": ["-i eth0 -j SEAWALL-old"], "SEAWALL-old": [old],
        ])
        let plan = try await plan(listing, Programs.drops(.ip, "a"))
        #expect(ids(plan.after) == ["DOCKER-USER: jump DOCKER-USER:2", "SEAWALL: a0000000"])
        #expect(plan.after.places[0].filter?.ownChains.map(\.name) == ["SEAWALL"])
    }

    @Test(arguments: [[], ["-j RETURN"]])
    func whatIsThereAlreadyChangesNothing(docker: [String]) async throws {
        let rule = #"-i eth0 -m comment --comment "sw:a0000000" -j DROP"#
        let plan = try await plan(
            Listings.filter(["DOCKER-USER": [rule] + docker]), Programs.drops(.ip, "a"))
        #expect(plan.changesNothing)
    }

    @Test func anotherCommentIsAChange() async throws {
        let rule = #"-i eth0 -m comment --comment "sw:a0000000 other" -j DROP"#
        let plan = try await plan(Listings.filter(["DOCKER-USER": [rule]]), Programs.drops(.ip, "a"))
        #expect(!plan.changesNothing)
    }

    // MARK: - What was meant

    private func meant(
        _ listing: String, _ program: IPTablesProgram, _ layout: IPTablesLayout? = nil
    ) async throws -> LivePlan {
        let tools = FakeTools(listings: ["iptables-legacy-save": [listing]])
        let filters = try await LiveReader(tools: tools, namespace: nil).filters([.ip], .legacy)
        return try await .meantIPTables([program], layout: layout, filters: filters, tools: tools)
    }

    @Test func rulesOfOthersBehindTheJumpAreMeant() async throws {
        let own = #"-i eth0 -m comment --comment "sw:a0000000" -j DROP"#
        let listing = Listings.filter(["DOCKER-USER": [jump, foreign], "SEAWALL": [own]])
        #expect(try await meant(listing, Programs.drops(.ip, "a")).changesNothing)
        let pushed = Listings.filter(["DOCKER-USER": [foreign, jump], "SEAWALL": [own]])
        let plan = try await meant(pushed, Programs.drops(.ip, "a"))
        #expect(!plan.changesNothing && ids(plan.after) == ["DOCKER-USER: jump DOCKER-USER:2", "SEAWALL: a0000000"])
    }

    @Test func amongRulesThatFillTheChainNothingElseIsMeant() async throws {
        let own = #"-i eth0 -m comment --comment "sw:a0000000" -j DROP"#
        let plan = try await meant(
            Listings.filter(forward: [], ["DOCKER-USER": [own, foreign]]), Programs.drops(.ip, "a"))
        #expect(ids(plan.before) == [] && ids(plan.after) == ["DOCKER-USER: a0000000"])
    }

    @Test func ofNothingAtAllThePolicyIsMeant() async throws {
        let plan = try await meant("", Programs.drops(.ip, "a"))
        #expect(ids(plan.before) == [] && ids(plan.after) == ["DOCKER-USER: a0000000"])
        let forced = try await meant("", Programs.drops(.ip, "a"), .ownChain)
        #expect(ids(forced.after) == ["DOCKER-USER: jump", "SEAWALL: a0000000"])
    }
}
