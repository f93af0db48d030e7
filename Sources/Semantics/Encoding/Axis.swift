/// One dimension of a query's space in the order of the levels, with the sets of its atoms that rules speak of.
struct Axis {
    let dimension: Dimension
    /// How many atoms, absence included.
    let size: UInt32
    /// The atom that stands for absence.
    let absent: UInt32?
    /// The first of its levels.
    var level: UInt32
    /// How many levels it has: one, or more where its atoms are split into digits of eight bits.
    var digits: Int
    /// The sets of its atoms.
    var sets: AtomSets
    /// The set of each number of the column.
    var setOfValue: [UInt32]
}

extension DiagramStore {
    /// The function that is `inside` for the atoms of a set, and `outside` for the others.
    mutating func membership(_ axis: Axis, _ set: UInt32, inside: Diagram, outside: Diagram) -> Diagram {
        if set == AtomSets.all { return inside }
        let intervals = axis.sets.sets[Int(set)]
        if axis.digits > 1 {
            var digits = DigitSplit(axis: axis, inside: inside, outside: outside)
            return digits.node(intervals[...], digit: 0, from: 0, in: &self)
        }
        let base = begin()
        var next: UInt32 = 0
        for interval in intervals {
            if interval.lowerBound > next { push(upTo: interval.lowerBound - 1, outside, from: base) }
            push(upTo: interval.upperBound, inside, from: base)
            next = interval.upperBound + 1
        }
        if next < axis.size { push(upTo: axis.size - 1, outside, from: base) }
        return make(level: axis.level, from: base)
    }
}

/// A set of atoms over digits of eight bits: what many sets have in common below a digit is shared.
private struct DigitSplit {
    let axis: Axis
    let inside: Diagram
    let outside: Diagram

    /// The node for the block of atoms from `start` on, given the intervals that touch it.
    mutating func node(
        _ intervals: ArraySlice<ClosedRange<UInt32>>, digit: Int, from start: UInt64, in store: inout DiagramStore
    ) -> Diagram {
        let shift = UInt64(8 * (axis.digits - 1 - digit))
        let lastChild = digit == 0 ? UInt64(axis.size - 1) >> shift : 255
        let base = store.begin()
        var rest = intervals
        var child: UInt64 = 0
        while child <= lastChild {
            let first = start + child << shift
            let last = first + (1 << shift) - 1
            while let interval = rest.first, end(interval) < first { rest.removeFirst() }
            guard let interval = rest.first else {
                store.push(upTo: UInt32(lastChild), outside, from: base)
                break
            }
            let low = UInt64(interval.lowerBound)
            if low > last {
                let next = min((low - start) >> shift, lastChild + 1)
                store.push(upTo: UInt32(next - 1), outside, from: base)
                child = next
            } else if low <= first && end(interval) >= last {
                let next = min(
                    end(interval) == .max ? lastChild + 1 : (end(interval) + 1 - start) >> shift, lastChild + 1)
                store.push(upTo: UInt32(next - 1), inside, from: base)
                child = next
            } else {
                let touching = rest.prefix { UInt64($0.lowerBound) <= last }
                let below = node(touching, digit: digit + 1, from: first, in: &store)
                store.push(upTo: UInt32(child), below, from: base)
                child += 1
            }
        }
        return store.make(level: axis.level + UInt32(digit), from: base)
    }

    /// The end of an interval; the last atom stands for all numbers behind it, too.
    private func end(_ interval: ClosedRange<UInt32>) -> UInt64 {
        interval.upperBound == axis.size - 1 ? .max : UInt64(interval.upperBound)
    }
}
