import BenchReport
import Testing

@Suite struct StatisticsTests {
    @Test func `The median is the middle value, whatever the order`() {
        #expect(Statistics.median([5, 1, 9]) == 5)
        #expect(Statistics.median([4, 1, 9, 5]) == 4)
        #expect(Statistics.median([Int]()) == 0)
        #expect(Statistics.median([4.0, 1, 9, 5]) == 4.5)
        #expect(Statistics.median([Double]()) == nil)
    }

    @Test func `Ratios are taken round by round, so that a slow round counts on both sides`() throws {
        // The third round was ten times as slow for both.
        let ratio = try #require(Statistics.medianRatio([130, 128, 1320], to: [100, 100, 1000]))
        #expect(abs(ratio - 1.30) < 0.000_1)
    }

    @Test func `Rounds that do not correspond have no ratio`() {
        #expect(Statistics.medianRatio([1, 2], to: [1]) == nil)
        #expect(Statistics.medianRatio([1], to: [0]) == nil)
    }
}
