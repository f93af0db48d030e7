/// A set of unsigned numbers as sorted, disjoint, non-adjacent closed intervals: each set has one form.
public struct IntervalSet<Value: FixedWidthInteger & UnsignedInteger & Sendable>: Hashable, Sendable {
    /// The intervals, ascending, with a gap between neighbours.
    public let intervals: [ClosedRange<Value>]

    /// The union of intervals in any order, overlapping or not.
    @inlinable
    public init(_ ranges: some Sequence<ClosedRange<Value>>) {
        var merged = Array(ranges)
        if merged.count < 2 {
            intervals = merged
            return
        }
        if !Self.areAscending(merged) { merged.sort { $0.lowerBound < $1.lowerBound } }
        var last = 0
        for index in 1..<merged.count {
            let range = merged[index]
            let before = merged[last]
            if range.lowerBound <= before.upperBound || range.lowerBound == before.upperBound &+ 1 {
                if range.upperBound > before.upperBound { merged[last] = before.lowerBound...range.upperBound }
            } else {
                last += 1
                merged[last] = range
            }
        }
        merged.removeLast(merged.count - last - 1)
        intervals = merged
    }

    @inlinable
    static func areAscending(_ ranges: [ClosedRange<Value>]) -> Bool {
        for index in 1..<ranges.count where ranges[index].lowerBound < ranges[index - 1].lowerBound { return false }
        return true
    }

    @inlinable
    init(canonical: [ClosedRange<Value>]) { intervals = canonical }

    /// The set of one number.
    @inlinable
    public init(_ value: Value) { intervals = [value...value] }

    /// No number.
    @inlinable
    public static var none: IntervalSet { IntervalSet(canonical: []) }
    /// All numbers of the type.
    @inlinable
    public static var all: IntervalSet { IntervalSet(canonical: [Value.min...Value.max]) }

    /// Whether the set holds no number.
    @inlinable
    public var isEmpty: Bool { intervals.isEmpty }
    /// Whether the set holds all numbers of the type.
    @inlinable
    public var isAll: Bool {
        intervals.count == 1 && intervals[0].lowerBound == Value.min && intervals[0].upperBound == Value.max
    }
    /// The only member, if there is exactly one.
    @inlinable
    public var single: Value? {
        guard intervals.count == 1, intervals[0].lowerBound == intervals[0].upperBound else { return nil }
        return intervals[0].lowerBound
    }

    // Written out, so that other modules have them for their own type of numbers.

    /// Whether both hold the same numbers.
    @inlinable
    public static func == (a: IntervalSet, b: IntervalSet) -> Bool { a.intervals == b.intervals }

    /// Feeds the intervals to a hasher.
    @inlinable
    public func hash(into hasher: inout Hasher) {
        hasher.combine(intervals.count)
        for interval in intervals {
            hasher.combine(interval.lowerBound)
            hasher.combine(interval.upperBound)
        }
    }

    /// The numbers that are not in the set.
    @inlinable
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

    /// The one interval that is missing; `nil` where none is, or several are.
    @inlinable
    package var onlyGap: ClosedRange<Value>? {
        guard let first = intervals.first, let last = intervals.last else { return Value.min...Value.max }
        let isOpen = (low: first.lowerBound == Value.min, high: last.upperBound == Value.max)
        switch (intervals.count, isOpen.low, isOpen.high) {
        case (1, true, false): return (first.upperBound + 1)...Value.max
        case (1, false, true): return Value.min...(first.lowerBound - 1)
        case (2, true, true): return (first.upperBound + 1)...(last.lowerBound - 1)
        default: return nil
        }
    }

    /// The numbers in this set or the other.
    @inlinable
    public func union(_ other: IntervalSet) -> IntervalSet {
        if isEmpty { return other }
        if other.isEmpty { return self }
        return IntervalSet(intervals + other.intervals)
    }

    /// The numbers in both sets.
    @inlinable
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
    @inlinable
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
