import IPTablesBackend
import PacketModel
import Testing

@testable import Deployment

/// The way back of one filter table, as text.
@Suite struct FilterRestorationTests {
    private let jump = "-m comment --comment \"sw:jump\" -j SEAWALL"
    private let own = "-s 192.0.2.0/24 -m comment --comment \"sw:abcdefgh\" -j DROP"
    private let ban = "-s 203.0.113.7/32 -j REJECT"

    private func filter(_ chains: KeyValuePairs<String, [String]>, input: [String] = []) throws -> IPTablesFilter {
        var text = Listings.filter(chains)
        text = text.replacing("COMMIT", with: input.map { "[0:0] -A INPUT \($0)\n" }.joined() + "COMMIT")
        return try IPTablesFilter(.legacy, .ip, listing: text)
    }

    private func text(from now: IPTablesFilter, to former: IPTablesFilter) -> String? {
        FilterRestoration(former: former, now: now).text
    }

    @Test func nothingIsDoneWhereAllIsAsItWas() throws {
        let filter = try filter(["DOCKER-USER": [jump, ban], "SEAWALL": [own]])
        #expect(text(from: filter, to: filter) == nil)
    }

    @Test func aChainThatIsNewGoesAndTheFormerRulesComeBackWithTheirCounters() throws {
        let former = try filter(["DOCKER-USER": [own]])
        let now = try filter(["DOCKER-USER": [jump], "SEAWALL": [own]])
        #expect(
            text(from: now, to: former) == """
                *filter
                :SEAWALL - [0:0]
                :DOCKER-USER - [0:0]
                [1:60] -A DOCKER-USER -s 192.0.2.0/24 -m comment --comment sw:abcdefgh -j DROP
                -X SEAWALL
                COMMIT

                """)
    }

    @Test func rulesThatOthersPutInMeanwhileStay() throws {
        let former = try filter(["DOCKER-USER": [jump, ban], "SEAWALL": [own]])
        let now = try filter(["DOCKER-USER": ["-s 203.0.113.8/32 -j REJECT", jump, ban], "SEAWALL": []])
        let restored = try #require(text(from: now, to: former))
        #expect(!restored.contains(":DOCKER-USER"), "\(restored)")
        #expect(restored.contains(":SEAWALL") && restored.contains("-A SEAWALL"))
        // And where our jump has gone as well, it comes back in front of what stood behind it.
        let gone = try filter(["DOCKER-USER": ["-s 203.0.113.8/32 -j REJECT", ban], "SEAWALL": [own]])
        let lines = try #require(text(from: gone, to: former)).split(separator: "\n")
        let rules = lines.filter { $0.contains("-A DOCKER-USER") }.compactMap { $0.split(separator: "-j ").last }
        #expect(rules == ["SEAWALL", "REJECT", "REJECT"])
    }

    @Test func aJumpAtInputGoesAndOthersStay() throws {
        let former = try filter(["DOCKER-USER": []], input: ["-p tcp -j f2b"])
        let now = try filter(
            ["DOCKER-USER": [], "SEAWALL-INPUT": [own]],
            input: ["-m comment --comment \"sw:jump\" -j SEAWALL-INPUT", "-p tcp -j f2b"])
        #expect(
            text(from: now, to: former) == """
                *filter
                :SEAWALL-INPUT - [0:0]
                -D INPUT -m comment --comment sw:jump -j SEAWALL-INPUT
                -X SEAWALL-INPUT
                COMMIT

                """)
    }
}
