internal import PacketModel

/// The elementary intervals of a number that no set of a query divides: its atoms.
///
/// Ranks compress a field: 128 bits of an address become as many atoms as the rules tell apart, so IPv6 costs what IPv4 costs.
struct Ranks<Value: FixedWidthInteger & UnsignedInteger & Sendable> {
    private var cuts: [Value] = []
    /// The first value of each atom, ascending; the first is 0.
    private(set) var starts: [Value] = [0]

    /// Lets the sets that are looked at be told apart, up to the largest value that there can be.
    mutating func divide(by set: IntervalSet<Value>, upTo last: Value = .max) {
        for interval in set.intervals {
            cuts.append(interval.lowerBound)
            if interval.upperBound < last { cuts.append(interval.upperBound + 1) }
        }
    }

    /// Numbers the atoms; to be called once, behind the last `divide`.
    mutating func finish() {
        cuts.append(0)
        cuts.sort()
        starts.removeAll()
        for cut in cuts where starts.last != cut { starts.append(cut) }
        cuts = []
    }

    /// How many atoms there are.
    var count: UInt32 { UInt32(starts.count) }

    /// The atom of a value.
    func atom(of value: Value) -> UInt32 {
        var low = 0
        var high = starts.count
        while low + 1 < high {
            let middle = (low + high) / 2
            if starts[middle] <= value { low = middle } else { high = middle }
        }
        return UInt32(low)
    }

    /// Whether a set divides no atom.
    func knows(_ set: IntervalSet<Value>) -> Bool {
        set.intervals.allSatisfy { interval in
            isStart(interval.lowerBound) && (interval.upperBound == .max || isStart(interval.upperBound + 1))
        }
    }

    private func isStart(_ value: Value) -> Bool { starts[Int(atom(of: value))] == value }

    /// A set as atoms; its ends have to have been given to `divide`.
    func atoms(of set: IntervalSet<Value>) -> AtomIntervals {
        set.intervals.map { atom(of: $0.lowerBound)...atom(of: $0.upperBound) }
    }

    /// The values of consecutive atoms.
    func values(of atoms: ClosedRange<UInt32>) -> ClosedRange<Value> {
        let next = Int(atoms.upperBound) + 1
        return starts[Int(atoms.lowerBound)]...(next < starts.count ? starts[next] - 1 : Value.max)
    }
}
