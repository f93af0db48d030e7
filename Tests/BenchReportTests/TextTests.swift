import BenchReport
import Testing

@Suite struct TextTests {
    @Test(arguments: [
        (7, "7 ns"), (999, "999 ns"), (1000, "1.00 µs"), (2650, "2.65 µs"), (38_040, "38.0 µs"), (1_015_400, "1.02 ms"),
        (315_400_000, "315 ms"), (999_499_999, "999 ms"), (999_500_000, "1.00 s"), (11_300_000_000, "11.3 s"),
    ])
    func `Times have three digits and the unit that reads best`(nanoseconds: Int, text: String) {
        #expect(Unit.nanoseconds.text(nanoseconds) == text)
    }

    @Test func `Sizes are whole megabytes, or kilobytes where these say nothing`() {
        #expect(Unit.bytes.text(750_400_000) == "750 MB")
        #expect(Unit.bytes.text(3_500) == "4 kB")
        #expect(Unit.bytes.text(12_345_000_000) == "12,345 MB")
    }

    @Test func `Decimal numbers are rounded, and keep their zeros`() {
        #expect(Decimal.text(1.005, digits: 2) == "1.00")
        #expect(Decimal.text(-0.004, digits: 2) == "0.00")
        #expect(Decimal.text(-1.5, digits: 0) == "-2")
        #expect(Decimal.grouped(1_234_567) == "1,234,567")
        #expect(Decimal.grouped(-999) == "-999")
    }

    @Test func `The bars are a table with what was found`() throws {
        let table = try #require(ResultTables(someResults()).all.first { $0.name == "bars" }).text
        #expect(table.hasPrefix("| figure | found | bar |  |\n| --- | ---: | --- | --- |\n"))
        #expect(table.contains("| 1.20 | ≤ 1.40, goal 1.20 | ok |"))
        #expect(table.contains("| 1.43 | ≤ 1.25 | **over** |"))
    }

    @Test func `Packets stand with their time and their rate, a column for each variant`() throws {
        let table = try #require(ResultTables(someResults()).all.first { $0.name == "packets-first" }).text
        #expect(
            table == """
                |  | no filter rules | Seawall, nft | iptables-legacy, linear |
                | --- | ---: | ---: | ---: |
                | 100 policy-shaped rules | 2.65 µs, 377 k/s | 3.20 µs, 313 k/s | 3.85 µs, 260 k/s |
                | 1,000 policy-shaped rules | 2.65 µs, 377 k/s | 3.20 µs, 313 k/s | 7.70 µs, 130 k/s |
                | 10,000 policy-shaped rules | 2.65 µs, 377 k/s | 3.20 µs, 313 k/s | 38.5 µs, 26.0 k/s |
                """)
    }

    @Test func `Loading stands with its time, its transaction and its memory`() throws {
        let table = try #require(ResultTables(someResults()).all.first { $0.name == "load" }).text
        #expect(table.contains("| 400 ms (100 ms in the transaction), 60 MB | 70.0 ms |"))
    }

    @Test func `What was left out is said with its reason`() throws {
        let list = try #require(ResultTables(someResults()).all.first { $0.name == "omissions" }).text
        #expect(list == "- nft, line by line, packets, 10,000 policy-shaped rules: one packet takes 4.00 ms")
    }
}
