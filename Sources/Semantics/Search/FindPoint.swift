/// Looks for a point at which two functions say things that differ, outside of some sets.
///
/// Both are walked together, level by level; parts that are the same diagram, or wholly in an excluded set, are left out, and
/// no combination is looked at twice. Atoms that people know are tried first.
struct FindPoint {
    let query: Query
    /// Whether two terminals are what is looked for; never asked of the same terminal twice.
    let isWanted: (Diagram, Diagram) -> Bool
    /// How good an interval of atoms is: lower is tried earlier.
    let preference: (Axis, ClosedRange<UInt32>) -> Int
    /// How many combinations may still be looked at.
    var stepsLeft: Int
    private var failed: Set<[UInt32]> = []
    private var path: [(level: UInt32, atoms: ClosedRange<UInt32>)] = []

    init(
        _ query: Query, steps: Int, preference: @escaping (Axis, ClosedRange<UInt32>) -> Int,
        isWanted: @escaping (Diagram, Diagram) -> Bool
    ) {
        self.query = query
        self.isWanted = isWanted
        self.preference = preference
        stepsLeft = steps
    }

    /// Whether the search ended for want of steps: then nothing is known.
    var isExhausted: Bool { stepsLeft <= 0 }

    /// The atoms of each level on the way to such a point; levels that do not matter are left out.
    mutating func find(_ a: Diagram, _ b: Diagram, outside excluded: [Diagram]) -> [UInt32: ClosedRange<UInt32>]? {
        guard walk([a, b] + excluded.filter { $0 != TerminalTable.fall }) else { return nil }
        return Dictionary(uniqueKeysWithValues: path.map { ($0.level, $0.atoms) })
    }

    /// One combination: the two functions, then the excluded sets.
    private mutating func walk(_ places: [Diagram]) -> Bool {
        if places[0] == places[1] || isExhausted { return false }
        let sets = places[2...]
        if sets.contains(TerminalTable.inside) { return false }
        let level = places.map { query.store.level(of: $0) }.min() ?? .max
        if level == .max { return isWanted(places[0], places[1]) }
        let key = places.map(\.raw)
        if failed.contains(key) { return false }
        stepsLeft -= 1
        let axis = query.space.axis(at: level)
        let parts = query.segments(places, level).filter { $0.places[0] != $0.places[1] }
            .map { (preference(axis, $0.atoms), $0) }.sorted { $0.0 < $1.0 }
        for (_, part) in parts {
            path.append((level, part.atoms))
            if walk(part.places) { return true }
            path.removeLast()
        }
        failed.insert(key)
        return false
    }
}

extension Space {
    /// The axis of a level.
    func axis(at level: UInt32) -> Axis {
        var low = 0
        var high = axes.count
        while low + 1 < high {
            let middle = (low + high) / 2
            if axes[middle].level <= level { low = middle } else { high = middle }
        }
        return axes[low]
    }

    /// What a way through the levels says of each dimension: one atom, or an interval of them.
    func atoms(on path: [UInt32: ClosedRange<UInt32>]) -> [Dimension: ClosedRange<UInt32>] {
        var found: [Dimension: ClosedRange<UInt32>] = [:]
        for axis in axes {
            if axis.digits == 1 {
                found[axis.dimension] = path[axis.level]
            } else {
                let digits = (0..<axis.digits).map { path[axis.level + UInt32($0)]?.lowerBound }
                guard digits.contains(where: { $0 != nil }) else { continue }
                let atom = min(digits.reduce(0) { $0 << 8 | ($1 ?? 0) }, axis.size - 1)
                found[axis.dimension] = atom...atom
            }
        }
        return found
    }
}

extension Query {
    /// The intervals of a level in which no function changes, with what each is there.
    func segments(_ places: [Diagram], _ level: UInt32) -> [(atoms: ClosedRange<UInt32>, places: [Diagram])] {
        var cursors = places.map { store.level(of: $0) == level ? store.node($0).start : .max }
        let last =
            zip(places, cursors).compactMap { place, cursor -> UInt32? in
                guard cursor != .max else { return nil }
                let node = store.node(place)
                return store.edge(node.start + node.count - 1).upper
            }.max() ?? 0
        var found: [(ClosedRange<UInt32>, [Diagram])] = []
        var next: UInt32 = 0
        while next <= last {
            var upper = last
            var children = places
            for index in places.indices where cursors[index] != .max {
                let edge = store.edge(cursors[index])
                upper = min(upper, edge.upper)
                children[index] = edge.child
            }
            for index in places.indices
            where cursors[index] != .max && store.edge(cursors[index]).upper == upper && upper < last {
                cursors[index] += 1
            }
            found.append((next...upper, children))
            if upper == last { break }
            next = upper + 1
        }
        return found
    }
}
