import BenchReport
import JSONC
import Testing

@Suite struct EventTests {
    private var results: BenchResults {
        var results = BenchResults()
        results.events = [
            EventCount(.networkCreate, .dockerUserLegacy, passed: [0, 2, 1200], sent: [500, 500, 2000]),
            EventCount(.networkCreate, .tableLegacy, passed: [0, 0, 0], sent: [500, 500, 2000]),
            EventCount(.migration, .tableLegacy, passed: [0], sent: [900]),
        ]
        return results
    }

    @Test func `Events are read back as they were written`() throws {
        let json = try JSONValue.parse(results.json.text(.pretty).utf8)
        #expect(try BenchResults(json) == results)
    }

    @Test func `Events alone make one table, and leave the others as they are`() {
        let tables = ResultTables(results).all
        #expect(tables.map(\.name) == ["docker"])
        #expect(
            tables.first?.text == """
                | forbidden connections that passed | DOCKER-USER, iptables-legacy | DOCKER-USER, iptables-nft | our table, Docker on iptables-legacy | our table, Docker on iptables-nft |
                | --- | ---: | ---: | ---: | ---: |
                | docker network create | 1,202 of 3,000, in 2 of 3 | – | 0 of 3,000 | – |
                | seawall migrate, and --back | – | – | 0 of 900 | – |
                """)
    }

    @Test func `The plot has a bar for each event and place`() throws {
        let plots = ResultPlots(results).all
        #expect(plots.map(\.name) == ["docker-events"])
        let plot = try #require(plots.first?.svg)
        #expect(
            plot.contains(
                "docker network create: DOCKER-USER, legacy: 1,202, docker network create: our table, beside legacy: 0")
        )
        #expect(plot.contains("1,202  (of 3,000)"))
    }

    @Test func `Nothing may pass through our table, whatever passes elsewhere`() {
        #expect(results.events.filter(\.isWithinBar).count == 3)
        #expect(!EventCount(.liveRestore, .tableNFT, passed: [0, 1], sent: [9, 9]).isWithinBar)
    }
}
