import TestSupport
import Testing

@testable import BenchReport

@Suite struct PlotTests {
    @Test func `A line chart is the same file as always`() throws {
        let plot = try #require(ResultPlots(someResults()).all.first { $0.name == "packets-first-policy" })
        #expect(Golden.mismatch(plot.svg, "Benchmarks/packets-first-policy.svg") == nil)
    }

    @Test func `A bar chart is the same file as always`() throws {
        let plot = try #require(ResultPlots(someResults()).all.first { $0.name == "packets-at-a-glance" })
        #expect(Golden.mismatch(plot.svg, "Benchmarks/packets-at-a-glance.svg") == nil)
    }

    @Test func `One number of rules makes no line`() {
        #expect(!ResultPlots(someResults()).all.contains { $0.name == "load-time-policy" })
    }

    @Test func `A logarithmic axis gives each decade the same room`() {
        let scale = LogScale(holding: [2600, 210_000], range: 0...300, isReversed: true)
        #expect(scale.low == 1000)
        #expect(scale.high == 500_000)
        #expect(scale.decades == [1000, 10_000, 100_000])
        #expect(scale.place(1000) == 300)
        #expect(abs(scale.place(500_000)) < 0.000_1)
        let steps = [scale.place(1000) - scale.place(10_000), scale.place(10_000) - scale.place(100_000)]
        #expect(abs(steps[0] - steps[1]) < 0.000_1)
        #expect(scale.minor.first == 2000)
        #expect(scale.minor.last == 500_000)
    }

    @Test func `Labels that would lie upon each other move apart around their middle`() {
        #expect(SpreadLabels.run([100, 102, 200], gap: 20, within: 0...300) == [91, 111, 200])
        #expect(SpreadLabels.run([295, 299], gap: 20, within: 0...300) == [280, 300])
        #expect(SpreadLabels.run([50], gap: 20, within: 0...300) == [50])
    }

    @Test(arguments: [(9, 2), (38_500, 10_000), (1_000_000, 200_000), (1, 1)])
    func `Ticks are few and round`(largest: Int, step: Int) {
        #expect(BarChart.step(for: largest) == step)
    }

    @Test func `What a name holds cannot break the file`() {
        var drawing = SVG(width: 10, height: 10, title: "a < b", description: "\"&\"")
        drawing.text("<&>", x: 1.25, y: 2)
        #expect(drawing.text.contains("<title>a &lt; b</title>"))
        #expect(drawing.text.contains("<desc>&quot;&amp;&quot;</desc>"))
        #expect(drawing.text.contains("<text x=\"1.3\" y=\"2\" font-size=\"13\" fill=\"#333333\">&lt;&amp;&gt;</text>"))
    }
}
