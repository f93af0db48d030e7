/// Lists the points at which a function is not `fall` as disjoint boxes: a diagram, walked.
///
/// The edges of a node that lead to the same child are one set of atoms, also across the digits of a split axis; so a set of
/// ten thousand networks is one box.
struct EnumerateBoxes {
    let query: Query
    /// How many boxes there may be.
    let limit: Int
    /// How many edges may be looked at.
    private var stepsLeft: Int
    private(set) var boxes: [AtomBox] = []
    private var path: [AtomIntervals?]

    init(_ query: Query, limit: Int, steps: Int) {
        self.query = query
        self.limit = limit
        stepsLeft = steps
        path = Array(repeating: nil, count: query.space.axes.count)
    }

    /// Whether boxes are missing.
    private(set) var isCut = false

    /// Adds the boxes of a function.
    mutating func add(_ diagram: Diagram) {
        if diagram == TerminalTable.fall || isCut { return }
        if diagram.isTerminal {
            if boxes.count >= limit {
                isCut = true
            } else {
                boxes.append(AtomBox(sets: path, end: diagram))
            }
            return
        }
        let level = query.store.level(of: diagram)
        let place = query.space.place(at: level)
        for (child, atoms) in branches(diagram, query.space.axes[place]) {
            path[place] = atoms
            add(child)
            path[place] = nil
        }
    }

    /// The diagrams behind an axis, each with its atoms, in the order of these.
    private mutating func branches(_ diagram: Diagram, _ axis: Axis) -> [(child: Diagram, atoms: AtomIntervals)] {
        var places: [Diagram: Int] = [:]
        var found: [(child: Diagram, atoms: AtomIntervals)] = []
        collect(diagram, axis, digit: 0, from: 0, &places, &found)
        return found
    }

    private mutating func collect(
        _ diagram: Diagram, _ axis: Axis, digit: Int, from start: UInt64, _ places: inout [Diagram: Int],
        _ found: inout [(child: Diagram, atoms: AtomIntervals)]
    ) {
        let shift = UInt64(8 * (axis.digits - digit))
        let isBehind = digit == axis.digits || query.store.level(of: diagram) >= axis.level + UInt32(axis.digits)
        if isBehind {
            let end = min(start + (1 << shift) - 1, UInt64(axis.size - 1))
            if diagram != TerminalTable.fall && start <= end {
                add(UInt32(start)...UInt32(end), diagram, &places, &found)
            }
            return
        }
        if query.store.level(of: diagram) > axis.level + UInt32(digit) {
            // The same for all values of this digit: the ones behind decide.
            let width = UInt64(1) << (shift - 8)
            let count = digit == 0 ? UInt64(axis.size - 1) / width + 1 : 256
            for value in 0..<count {
                collect(diagram, axis, digit: digit + 1, from: start + value * width, &places, &found)
            }
            return
        }
        let node = query.store.node(diagram)
        var next: UInt64 = 0
        for index in node.start..<(node.start + node.count) {
            stepsLeft -= 1
            if stepsLeft <= 0 { isCut = true }
            if isCut { return }
            let edge = query.store.edge(index)
            if axis.digits == 1 {
                if edge.child != TerminalTable.fall {
                    add(UInt32(next)...edge.upper, edge.child, &places, &found)
                }
            } else {
                for value in next...UInt64(edge.upper) where edge.child != TerminalTable.fall {
                    let first = start + value << (shift - 8)
                    collect(edge.child, axis, digit: digit + 1, from: first, &places, &found)
                }
            }
            next = UInt64(edge.upper) + 1
        }
    }

    private func add(
        _ atoms: ClosedRange<UInt32>, _ child: Diagram, _ places: inout [Diagram: Int],
        _ found: inout [(child: Diagram, atoms: AtomIntervals)]
    ) {
        guard let place = places[child] else {
            places[child] = found.count
            found.append((child, [atoms]))
            return
        }
        let last = found[place].atoms.count - 1
        if found[place].atoms[last].upperBound + 1 == atoms.lowerBound {
            found[place].atoms[last] = found[place].atoms[last].lowerBound...atoms.upperBound
        } else {
            found[place].atoms.append(atoms)
        }
    }
}

extension Space {
    /// The axis of a level, by its place.
    func place(at level: UInt32) -> Int { places[axis(at: level).dimension] ?? 0 }
}

extension Query {
    /// A function for one atom of a dimension alone; what it says does not depend on the dimension then.
    func fixed(_ diagram: Diagram, _ dimension: Dimension, at atom: UInt32) -> Diagram {
        guard let place = space.places[dimension] else { return diagram }
        let axis = space.axes[place]
        var result = diagram
        for digit in 0..<axis.digits {
            let shift = UInt32(8 * (axis.digits - 1 - digit))
            let count = digit == 0 ? Int((axis.size - 1) >> shift) + 1 : 256
            let value = axis.digits == 1 ? atom : (atom >> shift) & 255
            result = store.substitute(
                level: axis.level + UInt32(digit), images: Array(repeating: value, count: count), in: result)
        }
        return result
    }
}
