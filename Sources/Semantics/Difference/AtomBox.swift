/// Points of a query's space as a product: the atoms of each axis, `nil` where it matters not.
struct AtomBox: Hashable {
    /// The atoms, in the order of the axes.
    var sets: [AtomIntervals?]
    /// The terminal that all of them have.
    var end: Diagram
    /// What conntrack takes them for.
    var kinds: TrafficKinds = []
}

extension [ClosedRange<UInt32>] {
    /// Whether an atom is in the set.
    func has(_ atom: UInt32) -> Bool { contains { $0.contains(atom) } }

    /// The set without an atom.
    func without(_ atom: UInt32) -> AtomIntervals {
        flatMap { interval -> AtomIntervals in
            guard interval.contains(atom) else { return [interval] }
            return (interval.lowerBound < atom ? [interval.lowerBound...(atom - 1)] : [])
                + (atom < interval.upperBound ? [(atom + 1)...interval.upperBound] : [])
        }
    }

    /// The atoms below a number that are not in the set.
    func complement(below size: UInt32) -> AtomIntervals {
        var gaps: AtomIntervals = []
        var next: UInt32 = 0
        for interval in self {
            if interval.lowerBound > next { gaps.append(next...(interval.lowerBound - 1)) }
            next = interval.upperBound + 1
        }
        if next < size { gaps.append(next...(size - 1)) }
        return gaps
    }

    /// The atoms one by one as a set.
    init(atoms: some Sequence<UInt32>) { self = AtomSets.merged(atoms.map { $0...$0 }) }

    /// The atoms.
    var atoms: [UInt32] { flatMap { Array<UInt32>($0) } }
}

extension Axis {
    /// All atoms that do not restrict: all but absence where other fields settle that.
    var present: AtomIntervals {
        let count = dimension.isOptional ? size : absent ?? size
        return count == 0 ? [] : [0...(count - 1)]
    }
}
