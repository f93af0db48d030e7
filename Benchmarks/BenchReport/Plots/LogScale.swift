internal import Glibc

/// An axis on which every factor of ten takes the same room.
struct LogScale: Hashable {
    /// The smallest value of the axis: a power of ten.
    let low: Double
    /// The largest value of the axis: 1, 2 or 5 times a power of ten.
    let high: Double
    /// Where the axis begins and ends in the drawing.
    let range: ClosedRange<Double>
    /// Whether the axis runs to smaller coordinates, as a vertical one does.
    let isReversed: Bool

    /// An axis that holds all of some values, none of which is below 1.
    init(holding values: [Double], range: ClosedRange<Double>, isReversed: Bool = false) {
        let smallest = max(1, values.min() ?? 1)
        let largest = max(smallest, values.max() ?? 1)
        low = Self.powerOfTen(notAbove: smallest)
        let base = Self.powerOfTen(notAbove: largest)
        let top = [1.0, 2, 5, 10].map { $0 * base }.first { $0 >= largest } ?? base * 10
        high = max(top, low * 10)
        self.range = range
        self.isReversed = isReversed
    }

    /// An axis between two values exactly.
    init(from low: Double, to high: Double, range: ClosedRange<Double>) {
        self.low = low
        self.high = max(high, low * 10)
        self.range = range
        isReversed = false
    }

    /// Where a value is in the drawing.
    func place(_ value: Double) -> Double {
        let share = log10(max(value, low) / low) / log10(high / low)
        let length = range.upperBound - range.lowerBound
        return isReversed ? range.upperBound - share * length : range.lowerBound + share * length
    }

    /// The powers of ten on the axis.
    var decades: [Double] {
        var ticks: [Double] = []
        var tick = low
        while tick <= high * 1.000_001 {
            ticks.append(tick)
            tick *= 10
        }
        return ticks
    }

    /// The values 2 to 9 of each decade that are on the axis.
    var minor: [Double] {
        decades.flatMap { decade in (2...9).map { decade * Double($0) } }.filter { $0 <= high * 1.000_001 }
    }

    private static func powerOfTen(notAbove value: Double) -> Double {
        var power = 1.0
        while power * 10 <= value * 1.000_001 { power *= 10 }
        return power
    }
}
