import BenchReport
import Testing

@Suite struct BarTests {
    private func verdict(_ name: String, _ results: BenchResults) throws -> Bars.Verdict {
        try #require(Bars.judge(results).first { $0.bar.name.contains(name) })
    }

    @Test func `A ratio within its limit is ok`() throws {
        let verdict = try verdict("through our nft output, 10,000 policy-shaped", someResults())
        #expect(verdict.outcome == .ok)
        #expect(verdict.valueText == "1.20")
        #expect(verdict.bar.limitText == "≤ 1.40, goal 1.20")
    }

    @Test func `A ratio beyond its limit is over`() throws {
        let verdict = try verdict("transaction of `seawall apply`, 10,000", someResults())
        #expect(verdict.outcome == .over)
        #expect(verdict.valueText == "1.43")
    }

    @Test func `What was not measured is neither`() throws {
        let verdict = try verdict("one-address change", someResults())
        #expect(verdict.outcome == .notMeasured)
        #expect(verdict.valueText == "–")
        #expect(verdict.bar.limitText == "≤ 50.0 ms")
    }

    @Test func `Every figure that was promised has a bar`() {
        #expect(Bars.all.count == 13)
        #expect(Set(Bars.all.map(\.name)).count == Bars.all.count)
    }
}
