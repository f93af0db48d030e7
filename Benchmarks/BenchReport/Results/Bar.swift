/// A figure that has to stay below a limit.
package struct Bar: Hashable, Sendable {
    /// What is compared.
    package enum Measure: Hashable, Sendable {
        /// The ratio of two series, by the median; of packets, the median of the ratios of each round.
        case ratio(SeriesKey, to: SeriesKey)
        /// The median of a series.
        case value(SeriesKey)
    }

    /// The figure in words.
    package var name: String
    /// What is compared.
    package var measure: Measure
    /// What it must not exceed: a ratio, nanoseconds or bytes.
    package var limit: Double
    /// What is aimed at.
    package var goal: Double?

    init(_ name: String, _ measure: Measure, limit: Double, goal: Double? = nil) {
        self.name = name
        self.measure = measure
        self.limit = limit
        self.goal = goal
    }

    /// The figure as found; `nil` if it was not measured.
    package func figure(in results: BenchResults) -> Double? {
        switch measure {
        case .value(let key): results[key].map { Double($0.median) }
        case .ratio(let key, let base):
            results[key].flatMap { series in
                results[base].flatMap { base in
                    key.part == .packets
                        ? Statistics.medianRatio(series.values, to: base.values)
                        : base.median > 0 ? Double(series.median) / Double(base.median) : nil
                }
            }
        }
    }

    /// The limit, and the goal if there is one: `≤ 1.40, goal 1.20`.
    package var limitText: String {
        "≤ " + text(limit) + (goal.map { ", goal " + text($0) } ?? "")
    }

    /// A figure of this bar as text; ratios below 1 have one digit more than their limit.
    package func text(_ value: Double) -> String {
        switch measure {
        case .ratio: Decimal.text(value, digits: value == limit || value == goal || value >= 1 ? 2 : 3)
        case .value(let key): key.figure.unit.text(Int(value.rounded()))
        }
    }
}

/// The bars of the benchmarks.
package enum Bars {
    /// Whether a bar is kept.
    package enum Outcome: String, Hashable, Sendable {
        case ok
        case over
        case notMeasured = "not measured"
    }

    /// A bar with what was found.
    package struct Verdict: Hashable, Sendable {
        /// The bar.
        package var bar: Bar
        /// The figure; `nil` if it was not measured.
        package var figure: Double?

        /// Whether the bar is kept.
        package var outcome: Outcome { figure.map { $0 <= bar.limit ? .ok : .over } ?? .notMeasured }

        /// The figure as text.
        package var valueText: String { figure.map { bar.text($0) } ?? "–" }
    }

    /// All bars, in the order of the table.
    package static let all = packets + loading + compiling

    /// What became of all bars.
    package static func judge(_ results: BenchResults) -> [Verdict] {
        all.map { Verdict(bar: $0, figure: $0.figure(in: results)) }
    }

    private static let packets: [Bar] = {
        func key(_ rules: Int, _ variant: Variant) -> SeriesKey {
            SeriesKey(.packets, .policy, rules, variant, .first)
        }
        return [
            Bar(
                "first packet through our nft output, 10,000 policy-shaped rules, to no filter rules",
                .ratio(key(10_000, .nft), to: key(10_000, .none)), limit: 1.4, goal: 1.2),
            Bar(
                "the same at 100,000 rules", .ratio(key(100_000, .nft), to: key(100_000, .none)), limit: 1.6),
            Bar(
                "first packet through our nft output, 10,000 rules, to iptables-legacy linear",
                .ratio(key(10_000, .nft), to: key(10_000, .legacy)), limit: 0.11),
        ]
    }()

    private static let loading: [Bar] = {
        func key(_ rules: Int, _ variant: Variant, _ figure: Figure) -> SeriesKey {
            SeriesKey(.load, .policy, rules, variant, figure)
        }
        return [
            Bar(
                "transaction of `seawall apply`, 10,000 rules, to `nft -j -f` of the same JSON",
                .ratio(key(10_000, .apply, .transaction), to: key(10_000, .ourJSON, .time)), limit: 1.25),
            Bar(
                "load of 50,000 policy-shaped rules, to line by line, time",
                .ratio(key(50_000, .ourJSON, .time), to: key(50_000, .linesJSON, .time)), limit: 0.15),
            Bar(
                "load of 50,000 policy-shaped rules, to line by line, memory",
                .ratio(key(50_000, .ourJSON, .memory), to: key(50_000, .linesJSON, .memory)), limit: 0.2),
            Bar(
                "transaction of a one-address change in 100,000 elements",
                .value(SeriesKey(.update, .list, 100_000, .apply, .transaction)), limit: 50e6),
        ]
    }()

    private static let compiling: [Bar] = {
        func key(_ rules: Int, _ variant: Variant, _ figure: Figure) -> SeriesKey {
            SeriesKey(.compile, .policy, rules, variant, figure)
        }
        let backends: [(Variant, String)] = [(.seawallNFT, "nft"), (.seawallIPTables, "iptables")]
        return backends.flatMap { variant, name in
            [
                Bar(
                    "compile of 10,000 rules to \(name), proved, to `iptables-restore-translate`",
                    .ratio(key(10_000, variant, .time), to: key(10_000, .translate, .time)), limit: 1),
                Bar(
                    "compile of 100,000 rules to \(name), proved, time", .value(key(100_000, variant, .time)),
                    limit: 10e9),
                Bar(
                    "compile of 100,000 rules to \(name), proved, memory", .value(key(100_000, variant, .memory)),
                    limit: 1e9),
            ]
        }
    }()
}
