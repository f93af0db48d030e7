import PacketModel
import Testing

@testable import IPTablesBackend

/// A document for `iptables-restore --noflush`, applied to a table in memory.
struct SaveTableApplyTests {
    private let drop = IPTablesRule([.inInterface(Negatable(.exact("eth0")))], target: .drop)

    private func table() throws -> SaveTable {
        let text = """
            *filter
            :FORWARD DROP [0:0]
            :DOCKER-USER - [0:0]
            :SEAWALL - [0:0]
            [1:60] -A FORWARD -j DOCKER-USER
            [2:80] -A DOCKER-USER -j SEAWALL
            [3:90] -A DOCKER-USER -s 192.0.2.1/32 -j RETURN
            [4:99] -A SEAWALL -j DROP
            COMMIT

            """
        return try #require(try SaveListing.parse(text).table("filter"))
    }

    private func lines(_ table: SaveTable) -> [String] {
        table.chains.flatMap { chain in
            [":\(chain.name)"] + chain.rules.map { IPTablesLine.appendWords(chain.name, words: $0.words).text }
        }
    }

    @Test func everyKindOfLineIsCarriedOut() throws {
        let result = try table().applying([
            .chain("SEAWALL"), .chain("SEAWALL-a"), .append("SEAWALL", drop),
            .delete("DOCKER-USER", words: ["-s", "192.0.2.1/32", "-j", "RETURN"]),
            .insert("FORWARD", position: 2, drop), .appendWords("SEAWALL-a", words: ["-j", "LOG"]),
            .policy("INPUT", .drop),
        ])
        #expect(
            lines(result) == [
                ":FORWARD", "-A FORWARD -j DOCKER-USER", "-A FORWARD -i eth0 -j DROP", ":DOCKER-USER",
                "-A DOCKER-USER -j SEAWALL", ":SEAWALL", "-A SEAWALL -i eth0 -j DROP", ":SEAWALL-a",
                "-A SEAWALL-a -j LOG", ":INPUT",
            ])
        #expect(result.chain("INPUT")?.policy == "DROP" && result.chain("FORWARD")?.policy == "DROP")
        #expect(result.rules(of: "DOCKER-USER")[0].counters == SaveCounters(packets: 2, bytes: 80))
    }

    @Test func aChainGoesWhenItIsEmptyAndNothingLeadsThere() throws {
        let gone = try table().applying([
            .chain("DOCKER-USER"), .chain("SEAWALL"), .deleteChain("SEAWALL"),
        ])
        #expect(lines(gone) == [":FORWARD", "-A FORWARD -j DOCKER-USER", ":DOCKER-USER"])
    }

    @Test(arguments: [
        (IPTablesLine.deleteChain("SEAWALL"), "the chain 'SEAWALL' is not empty"),
        (.deleteChain("none"), "there is no chain 'none'"),
        (.delete("SEAWALL", words: ["-j", "ACCEPT"]), "the rule to be deleted is not in the chain 'SEAWALL'"),
        (.insert("SEAWALL", position: 3, IPTablesRule(target: .drop)), "the chain 'SEAWALL' has no position 3"),
        (.append("none", IPTablesRule(target: .drop)), "there is no chain 'none'"),
    ])
    func whatTheToolWouldRefuseIsRefused(line: IPTablesLine, message: String) throws {
        let table = try table()
        #expect(throws: SaveListingError(line: 1, message)) { try table.applying([line]) }
    }

    @Test func aReferredChainStays() throws {
        let table = try table()
        #expect(throws: SaveListingError(line: 2, "rules lead to the chain 'SEAWALL'")) {
            try table.applying([.chain("SEAWALL"), .deleteChain("SEAWALL")])
        }
    }

    @Test func aBuiltInChainIsThereWithoutATable() throws {
        let result = try SaveTable(name: "filter").applying([
            .chain("DOCKER-USER"), .insert("FORWARD", position: 1, IPTablesRule(target: .jump("DOCKER-USER"))),
        ])
        #expect(lines(result) == [":DOCKER-USER", ":FORWARD", "-A FORWARD -j DOCKER-USER"])
    }

    @Test func whatIsReachedIsFound() throws {
        let table = try table()
        #expect(table.reached(from: "DOCKER-USER").map(\.name) == ["DOCKER-USER", "SEAWALL"])
        #expect(table.reached(from: "none").isEmpty)
    }
}
