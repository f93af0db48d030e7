/// All that one run of the benchmarks has found, with each single value.
package struct BenchResults: Hashable, Sendable {
    /// One measurement, repeated.
    package struct Series: Hashable, Sendable {
        /// Which it is.
        package var key: SeriesKey
        /// The values in the order in which they were measured.
        package var values: [Int]

        /// A series.
        package init(_ key: SeriesKey, _ values: [Int]) {
            self.key = key
            self.values = values
        }

        /// The middle value.
        package var median: Int { Statistics.median(values) }
    }

    /// A measurement that was not made.
    package struct Omission: Hashable, Sendable {
        /// The part of the measurements.
        package var part: Part
        /// The shape of the rules.
        package var shape: Shape
        /// How many rules.
        package var rules: Int
        /// Who was not measured.
        package var variant: Variant
        /// Why not.
        package var reason: String

        /// An omission with its reason.
        package init(_ part: Part, _ shape: Shape, _ rules: Int, _ variant: Variant, _ reason: String) {
            self.part = part
            self.shape = shape
            self.rules = rules
            self.variant = variant
            self.reason = reason
        }
    }

    /// A fact about the machine.
    package struct Fact: Hashable, Sendable {
        /// What is told: `kernel`.
        package var name: String
        /// The answer.
        package var value: String

        /// A fact.
        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// What the machine is, and the versions of all tools.
    package var machine: [Fact] = []
    /// What was measured by itself: commands, the proof engine, the importer.
    package var rows: [Row] = []
    /// What was measured side by side.
    package var series: [Series] = []
    /// What passed while something happened on a host with Docker.
    package var events: [EventCount] = []
    /// What was left out.
    package var omissions: [Omission] = []

    /// Nothing yet.
    package init() {}

    /// A series; `nil` if it was not measured.
    package subscript(key: SeriesKey) -> Series? { series.first { $0.key == key } }

    /// The middle value of a series; `nil` if it was not measured.
    package func median(
        _ part: Part, _ shape: Shape, _ rules: Int, _ variant: Variant, _ figure: Figure
    ) -> Int? { self[SeriesKey(part, shape, rules, variant, figure)]?.median }

    /// The numbers of rules that a part was measured with.
    package func sizes(of part: Part, _ shape: Shape) -> [Int] {
        let keys = series.map(\.key).filter { $0.part == part && $0.shape == shape }
        return Set(keys.map(\.rules)).sorted()
    }

    /// Adds a value to a series.
    package mutating func add(_ value: Int, to key: SeriesKey) {
        if let place = series.firstIndex(where: { $0.key == key }) {
            series[place].values.append(value)
        } else {
            series.append(Series(key, [value]))
        }
    }
}
