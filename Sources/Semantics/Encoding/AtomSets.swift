/// A set of atoms of a level as sorted, disjoint, non-adjacent closed intervals.
typealias AtomIntervals = [ClosedRange<UInt32>]

/// The sets of atoms of one dimension, each with one number; number 0 is the set of all atoms.
struct AtomSets {
    /// How many atoms the dimension has; at least 1.
    let size: UInt32
    private var numbers: [AtomIntervals: UInt32] = [:]
    private(set) var sets: [AtomIntervals] = []
    /// The intersections that were asked for, by both numbers.
    private var intersections: [UInt64: UInt32] = [:]

    /// The number of the set of all atoms.
    static let all: UInt32 = 0

    init(size: UInt32) {
        self.size = size
        _ = number(of: [0...(size - 1)])
    }

    /// The number of a set.
    mutating func number(of set: AtomIntervals) -> UInt32 {
        if let number = numbers[set] { return number }
        let number = UInt32(sets.count)
        numbers[set] = number
        sets.append(set)
        return number
    }

    /// The number of the union of sets.
    mutating func union(of numbers: some Sequence<UInt32>) -> UInt32 {
        number(of: Self.merged(numbers.flatMap { sets[Int($0)] }))
    }

    /// The number of the atoms that are in both sets.
    mutating func intersection(_ a: UInt32, _ b: UInt32) -> UInt32 {
        if a == b || b == Self.all { return a }
        if a == Self.all { return b }
        let pair = UInt64(a) << 32 | UInt64(b)
        if let known = intersections[pair] { return known }
        let common = number(of: Self.intersection(sets[Int(a)], sets[Int(b)]))
        intersections[pair] = common
        return common
    }

    /// Whether two sets have an atom in common.
    func intersects(_ a: UInt32, _ b: UInt32) -> Bool {
        let (one, other) = (sets[Int(a)], sets[Int(b)])
        var i = 0
        var j = 0
        while i < one.count && j < other.count {
            if one[i].overlaps(other[j]) { return true }
            if one[i].upperBound < other[j].upperBound { i += 1 } else { j += 1 }
        }
        return false
    }

    /// Whether the set has no atom.
    func isEmpty(_ number: UInt32) -> Bool { sets[Int(number)].isEmpty }

    /// Whether an atom is in a set.
    func contains(_ number: UInt32, _ atom: UInt32) -> Bool {
        let set = sets[Int(number)]
        var low = 0
        var high = set.count
        while low < high {
            let middle = (low + high) / 2
            if set[middle].upperBound < atom { low = middle + 1 } else { high = middle }
        }
        return low < set.count && set[low].contains(atom)
    }

    /// Intervals in any order as a set.
    static func merged(_ intervals: AtomIntervals) -> AtomIntervals {
        if intervals.count < 2 { return intervals }
        var result: AtomIntervals = []
        for interval in intervals.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = result.last, interval.lowerBound <= last.upperBound &+ 1 {
                if interval.upperBound > last.upperBound {
                    result[result.count - 1] = last.lowerBound...interval.upperBound
                }
            } else {
                result.append(interval)
            }
        }
        return result
    }

    /// The atoms in both of two sets.
    static func intersection(_ a: AtomIntervals, _ b: AtomIntervals) -> AtomIntervals {
        var common: AtomIntervals = []
        var i = 0
        var j = 0
        while i < a.count && j < b.count {
            let low = max(a[i].lowerBound, b[j].lowerBound)
            let high = min(a[i].upperBound, b[j].upperBound)
            if low <= high { common.append(low...high) }
            if a[i].upperBound < b[j].upperBound { i += 1 } else { j += 1 }
        }
        return common
    }
}
