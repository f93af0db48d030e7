/// A set of unsigned numbers as sorted, disjoint, non-adjacent closed intervals: each set has one form.
public struct IntervalSet<Value: FixedWidthInteger & UnsignedInteger & Sendable>: Hashable, Sendable {
    /// The intervals, ascending, with a gap between neighbours.
    public let intervals: [ClosedRange<Value>]

    /// The union of intervals in any order, overlapping or not.
    public init(_ ranges: some Sequence<ClosedRange<Value>>) {
        var merged: [ClosedRange<Value>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, range.lowerBound <= last.upperBound || range.lowerBound == last.upperBound &+ 1 {
                if range.upperBound > last.upperBound {
                    merged[merged.count - 1] = last.lowerBound...range.upperBound
                }
            } else {
                merged.append(range)
            }
        }
        intervals = merged
    }

    private init(canonical: [ClosedRange<Value>]) { intervals = canonical }

    /// The set of one number.
    public init(_ value: Value) { intervals = [value...value] }

    /// No number.
    public static var none: IntervalSet { IntervalSet(canonical: []) }
    /// All numbers of the type.
    public static var all: IntervalSet { IntervalSet(canonical: [Value.min...Value.max]) }

    /// Whether the set holds no number.
    public var isEmpty: Bool { intervals.isEmpty }
    /// Whether the set holds all numbers of the type.
    public var isAll: Bool { intervals == [Value.min...Value.max] }
    /// The only member, if there is exactly one.
    public var single: Value? {
        guard intervals.count == 1, intervals[0].lowerBound == intervals[0].upperBound else { return nil }
        return intervals[0].lowerBound
    }

    /// The numbers that are not in the set.
    public var complement: IntervalSet {
        var gaps: [ClosedRange<Value>] = []
        var next = Value.min
        for interval in intervals {
            if interval.lowerBound > next { gaps.append(next...(interval.lowerBound - 1)) }
            if interval.upperBound == Value.max { return IntervalSet(canonical: gaps) }
            next = interval.upperBound + 1
        }
        gaps.append(next...Value.max)
        return IntervalSet(canonical: gaps)
    }

    /// The numbers in this set or the other.
    public func union(_ other: IntervalSet) -> IntervalSet { IntervalSet(intervals + other.intervals) }

    /// The numbers in both sets.
    public func intersection(_ other: IntervalSet) -> IntervalSet {
        var common: [ClosedRange<Value>] = []
        var i = 0
        var j = 0
        while i < intervals.count && j < other.intervals.count {
            let a = intervals[i]
            let b = other.intervals[j]
            let low = max(a.lowerBound, b.lowerBound)
            let high = min(a.upperBound, b.upperBound)
            if low <= high { common.append(low...high) }
            if a.upperBound < b.upperBound { i += 1 } else { j += 1 }
        }
        return IntervalSet(canonical: common)
    }

    /// Whether a number is in the set.
    public func contains(_ value: Value) -> Bool {
        var low = 0
        var high = intervals.count
        while low < high {
            let middle = (low + high) / 2
            if intervals[middle].upperBound < value { low = middle + 1 } else { high = middle }
        }
        return low < intervals.count && intervals[low].contains(value)
    }
}
