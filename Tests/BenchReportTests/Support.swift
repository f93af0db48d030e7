import BenchReport

/// Results as a run gives them, small.
func someResults() -> BenchResults {
    var results = BenchResults()
    results.machine = [.init("kernel", "Linux 6.18"), .init("processors", "2")]
    results.rows = [Row(.commands, "`seawall --version`", time: 7_000_000, processorTime: 6_900_000, bytes: 13_000_000)]
    results.rows[0].timeBar = 30_000_000
    let costs: [(Variant, [Int])] = [
        (.none, [2600, 2700, 2650]), (.nft, [3300, 3200, 3180]), (.legacy, [38000, 39000, 38500]),
    ]
    for (variant, values) in costs {
        for value in values {
            for (rules, factor) in [(100, 1), (1000, 2), (10_000, 10)] {
                let cost = variant == .legacy ? value * factor / 10 : value
                results.add(cost, to: SeriesKey(.packets, .policy, rules, variant, .first))
            }
        }
    }
    results.add(400_000_000, to: SeriesKey(.load, .policy, 10_000, .apply, .time))
    results.add(100_000_000, to: SeriesKey(.load, .policy, 10_000, .apply, .transaction))
    results.add(60_000_000, to: SeriesKey(.load, .policy, 10_000, .apply, .memory))
    results.add(70_000_000, to: SeriesKey(.load, .policy, 10_000, .ourJSON, .time))
    results.omissions = [.init(.packets, .policy, 10_000, .nftLines, "one packet takes 4.00 ms")]
    return results
}
