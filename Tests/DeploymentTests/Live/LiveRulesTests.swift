import Diagnostics
import FirewallIR
import IPTablesBackend
import PacketModel
import Testing

@testable import Deployment

/// What is live, as rules: ours by their lines in the policy, those of others by their place in the kernel.
struct LiveRulesTests {
    private let ours = #"-i eth0 -m comment --comment "sw:a0000000 web" -j DROP"#
    private let jump = #"-m comment --comment "sw:jump" -j SEAWALL"#
    private let foreign = "-s 192.0.2.7/32 -j DROP"
    private let line = SourceLocation(file: "Policy.swift", line: 14)

    private func place(_ text: String, _ family: AddressFamily = .ip) throws -> LivePlace {
        let table = try #require(try SaveListing.parse(text).table("filter"))
        return LivePlace(
            IPTablesFilter(variant: .legacy, family: family, table: table), origins: ["a0000000": line])
    }

    private func origins(_ meaning: LiveMeaning) -> [[String]] {
        meaning.scopes.map { $0.chains.flatMap(\.rules).map { "\($0.origin)" } }
    }

    @Test func aRuleOfThePolicyStandsAtItsLine() throws {
        let place = try place(Listings.filter(["DOCKER-USER": [ours, "-j RETURN"]]))
        #expect(place.name == "iptables-legacy" && place.families == .ip && place.others.isEmpty)
        #expect(origins(place.whole) == [["Policy.swift:14", "iptables-legacy, DOCKER-USER:2"]])
        #expect(place.whole.scopes[0].hook == .containers)
        #expect(origins(place.own) == [["Policy.swift:14"]])
        #expect(place.whole.scopes[0].chains[0].rules[0].comment == "web")
    }

    @Test func theRulesOfOthersAreNamedByTheirText() throws {
        let place = try place(Listings.filter(["DOCKER-USER": [jump, foreign], "SEAWALL": [ours]]))
        #expect(place.others == [LiveRule(position: 2, text: "-A DOCKER-USER \(foreign)")])
        #expect(
            origins(place.whole) == [
                ["iptables-legacy, DOCKER-USER:1", "iptables-legacy, DOCKER-USER:2", "Policy.swift:14"]
            ])
        #expect(origins(place.own) == [["Policy.swift:14"]] && place.own.scopes[0].entry == "SEAWALL")
        let text = place.text(at: SourceLocation(file: "iptables-legacy, DOCKER-USER", line: 2))
        #expect(text == "iptables-legacy: -A DOCKER-USER -s 192.0.2.7/32 -j DROP")
        #expect(place.text(at: line) == nil)
        #expect(place.text(at: SourceLocation(file: "iptables-legacy, DOCKER-USER", line: 9)) == nil)
    }

    @Test func ofAnUnknownRuleOursAreKnownAllTheSame() throws {
        let unknown = "-m geoip --source-country XX -j DROP"
        let place = try place(Listings.filter(["DOCKER-USER": [jump, unknown], "SEAWALL": [ours]]))
        #expect(place.whole.unknown.map(\.text) == ["-A DOCKER-USER \(unknown)"])
        #expect(place.whole.unknown[0].reason.contains("geoip"), "\(place.whole.unknown[0].reason)")
        #expect(origins(place.own) == [["Policy.swift:14"]])
    }

    @Test func modulesOfOthersAreKeptByName() throws {
        let others = [
            "-m recent --update --seconds 60 --name bad --mask 255.255.255.255 --rsource -j DROP",
            #"-m string --string "x" --algo bm --to 65535 -j DROP"#,
        ]
        let place = try place(Listings.filter(["DOCKER-USER": [jump] + others, "SEAWALL": [ours]]))
        let rules = try #require(place.whole.scopes.first).chains[0].rules
        #expect(rules[1].guards.count == 1 && rules[2].opaque.count == 1)
    }

    @Test(arguments: [[], ["-j ACCEPT", "-j DOCKER-USER"]])
    func whatIsNotReachedLetsEverythingPass(forward: [String]) throws {
        let place = try place(Listings.filter(forward: forward, ["DOCKER-USER": [ours]]))
        #expect(place.whole == .known([]) && origins(place.own) == [["Policy.swift:14"]])
        let ruleset = LiveRules(places: [place]).ruleset(named: "live", hooks: [.containers])
        #expect(ruleset.scopes == [.passing(.containers, .ip)])
    }

    @Test func whatIsReachedUnderAConditionIsNotKnown() throws {
        let place = try place(Listings.filter(forward: ["-i eth0 -j DOCKER-USER"], ["DOCKER-USER": [ours]]))
        #expect(
            place.whole.unknown == [
                UnknownRule(
                    text: "-A FORWARD -i eth0 -j DOCKER-USER", reason: "DOCKER-USER is reached only under a condition")
            ])
    }

    @Test func ourRulesAmongOthersAreTakenAlone() throws {
        let place = try place(Listings.filter(["DOCKER-USER": [foreign, ours]]))
        #expect(origins(place.own) == [["Policy.swift:14"]])
        #expect(place.whole.scopes[0].chains[0].rules.count == 2)
    }

    @Test func setsHaveTheirContent() throws {
        let rule = #"-m set --match-set sw-a0000000-s4 src -m comment --comment "sw:a0000000" -j DROP"#
        let table = try #require(
            try SaveListing.parse(Listings.filter(["DOCKER-USER": [rule]])).table("filter"))
        let filter = IPTablesFilter(variant: .legacy, family: .ip, table: table)
        let addresses = IPAddressSet([try IPAddressRange(text: "192.0.2.0/24")])
        let set = IPSet(name: "sw-a0000000-s4", family: .ip, addresses: addresses)
        let known = LivePlace(filter, sets: [set.name: set]).whole.scopes[0].chains[0].rules[0]
        #expect(known.condition[0].source == addresses && known.opaque.isEmpty)
        #expect(!LivePlace(filter).whole.scopes[0].chains[0].rules[0].opaque.isEmpty)
    }

    // MARK: - Which variant

    private func live(
        legacy: String = "", nft: String = "", _ variant: IPTablesVariantChoice = .auto
    ) async throws -> LiveRules {
        let tools = FakeTools(listings: ["iptables-legacy-save": [legacy], "iptables-nft-save": [nft]])
        return try await LiveRules.readIPTables([.ip], variant: variant, tools: tools)
    }

    @Test func theVariantIsTheOneWithTheJump() async throws {
        let reached = Listings.filter(["DOCKER-USER": []])
        let ours = Listings.filter(forward: [], ["DOCKER-USER": [ours]])
        #expect(try await live(legacy: reached, nft: ours).places.map(\.name) == ["iptables-legacy"])
        #expect(try await live(legacy: ours, nft: reached).places.map(\.name) == ["iptables-nft"])
        #expect(try await live(legacy: reached, nft: ours, .nft).places.map(\.name) == ["iptables-nft"])
    }

    @Test func withoutAJumpItIsTheOneWithRulesOfOurs() async throws {
        let empty = Listings.filter(forward: [], ["DOCKER-USER": []])
        let ours = Listings.filter(forward: [], ["DOCKER-USER": [ours]])
        #expect(try await live(legacy: empty, nft: ours).places.map(\.name) == ["iptables-nft"])
        #expect(try await live(legacy: empty, nft: "").places.map(\.name) == ["iptables-legacy"])
        #expect(try await live().places.map(\.name) == ["iptables-legacy"])
    }

    @Test func twoThatCannotBeToldApartAreAnError() async throws {
        let reached = Listings.filter(["DOCKER-USER": []])
        let error = try await diagnostics { _ = try await live(legacy: reached, nft: reached) }
        #expect(error.diagnostics.map(\.id) == ["ambiguous-variant"])
    }
}
