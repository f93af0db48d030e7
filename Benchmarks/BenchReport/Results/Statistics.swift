/// The few statistics that the tables need.
package enum Statistics {
    /// The middle one of some values, or the lower of the two in the middle; 0 of none.
    package static func median(_ values: [Int]) -> Int {
        values.isEmpty ? 0 : values.sorted()[(values.count - 1) / 2]
    }

    /// The middle one of some values, or the mean of the two in the middle; `nil` of none.
    package static func median(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }

    /// The median of the ratios of values that were measured one beside the other; `nil` unless there are as many of both.
    ///
    /// What changes from round to round, such as the clock of the processor, changes both sides of a ratio alike.
    package static func medianRatio(_ values: [Int], to base: [Int]) -> Double? {
        guard values.count == base.count, !base.contains(0) else { return nil }
        return median(zip(values, base).map { Double($0) / Double($1) })
    }
}
