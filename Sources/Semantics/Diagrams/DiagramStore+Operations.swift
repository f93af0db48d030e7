extension DiagramStore {
    /// The function that is `diagram`, but `other` wherever that ends in `marker`.
    ///
    /// With the terminal "no rule matched" as the marker this puts one list of rules before another; with the terminal
    /// "in the set" it restricts a function to a set.
    mutating func replace(_ marker: Diagram, in diagram: Diagram, by other: Diagram) -> Diagram {
        if diagram == marker { return other }
        if diagram.isTerminal || other == marker || isExhausted { return diagram }
        if ends(of: diagram) & ends(of: marker) == 0 { return diagram }
        let tag = marker.raw
        if let known = replaceCache.result(diagram, other, tag) { return known }
        let base = begin()
        let own = node(diagram)
        let otherLevel = level(of: other)
        let result: Diagram
        if own.level < otherLevel {
            for index in own.start..<(own.start &+ own.count) {
                let edge = edge(index)
                let child = replace(marker, in: edge.child, by: other)
                push(upTo: edge.upper, child, from: base)
            }
            result = make(level: own.level, from: base)
        } else if own.level > otherLevel {
            let otherNode = node(other)
            for index in otherNode.start..<(otherNode.start &+ otherNode.count) {
                let edge = edge(index)
                let child = replace(marker, in: diagram, by: edge.child)
                push(upTo: edge.upper, child, from: base)
            }
            result = make(level: otherLevel, from: base)
        } else {
            var i = own.start
            var j = node(other).start
            let end = own.start &+ own.count
            while i < end {
                let a = edge(i)
                let b = edge(j)
                let child = replace(marker, in: a.child, by: b.child)
                push(upTo: min(a.upper, b.upper), child, from: base)
                if a.upper <= b.upper { i &+= 1 }
                if b.upper <= a.upper { j &+= 1 }
            }
            result = make(level: own.level, from: base)
        }
        replaceCache.remember(diagram, other, tag, result)
        return result
    }

    /// Two functions joined point by point; `join` is asked for terminals, and says nothing where it has to go on.
    mutating func apply(
        _ a: Diagram, _ b: Diagram, _ known: inout OperationCache, _ join: (Diagram, Diagram) -> Diagram?
    ) -> Diagram {
        if let end = join(a, b) { return end }
        if isExhausted { return a }
        if let result = known.result(a, b, 0) { return result }
        let level = min(self.level(of: a), self.level(of: b))
        let base = begin()
        var i = Cursor(a, at: level, in: self)
        var j = Cursor(b, at: level, in: self)
        while true {
            let upper = min(i.upper, j.upper)
            let child = apply(i.child, j.child, &known, join)
            push(upTo: upper, child, from: base)
            if i.isLast(upper) && j.isLast(upper) { break }
            i.advance(behind: upper, in: self)
            j.advance(behind: upper, in: self)
        }
        let result = make(level: level, from: base)
        known.remember(a, b, 0, result)
        return result
    }

    /// The function with each terminal changed; `change` is asked once for each.
    mutating func mapTerminals(_ diagram: Diagram, _ change: (Diagram) -> Diagram) -> Diagram {
        var known = OperationCache(capacity: 1 << 6)
        return mapTerminals(diagram, &known, change)
    }

    private mutating func mapTerminals(
        _ diagram: Diagram, _ known: inout OperationCache, _ change: (Diagram) -> Diagram
    ) -> Diagram {
        if let result = known.result(diagram, diagram, 0) { return result }
        if isExhausted { return diagram }
        let result: Diagram
        if diagram.isTerminal {
            result = change(diagram)
        } else {
            let own = node(diagram)
            let base = begin()
            for index in own.start..<(own.start &+ own.count) {
                let edge = edge(index)
                let child = mapTerminals(edge.child, &known, change)
                push(upTo: edge.upper, child, from: base)
            }
            result = make(level: own.level, from: base)
        }
        known.remember(diagram, diagram, 0, result)
        return result
    }

    /// The function that asks one level for the image of its atom: `images[atom]` in place of each atom.
    mutating func substitute(level: UInt32, images: [UInt32], in diagram: Diagram) -> Diagram {
        var known: [Diagram: Diagram] = [:]
        return substitute(level, images, diagram, &known)
    }

    private mutating func substitute(
        _ level: UInt32, _ images: [UInt32], _ diagram: Diagram, _ known: inout [Diagram: Diagram]
    ) -> Diagram {
        if isExhausted || self.level(of: diagram) > level { return diagram }
        if let result = known[diagram] { return result }
        let own = node(diagram)
        let base = begin()
        if own.level == level {
            for (atom, image) in images.enumerated() {
                push(upTo: UInt32(atom), child(of: diagram, at: image), from: base)
            }
        } else {
            for index in own.start..<(own.start &+ own.count) {
                let edge = edge(index)
                let child = substitute(level, images, edge.child, &known)
                push(upTo: edge.upper, child, from: base)
            }
        }
        let result = make(level: own.level, from: base)
        known[diagram] = result
        return result
    }

    /// The terminals that a function has.
    func terminals(of diagram: Diagram) -> Set<Diagram> {
        if diagram.isTerminal { return [diagram] }
        var found: Set<Diagram> = []
        var last = diagram
        var seen = VisitedNodes(nodeCount: nodeCount)
        var open = [diagram]
        while let next = open.popLast() {
            let own = node(next)
            for index in own.start..<(own.start + own.count) {
                let child = edge(index).child
                if child.isTerminal {
                    if child != last { found.insert(child) }
                    last = child
                } else if seen.insert(child) {
                    open.append(child)
                }
            }
        }
        return found
    }
}

/// The nodes that a walk has met: a set while they are few, a bit for each node of the store when they are many.
private struct VisitedNodes {
    private var few: Set<Diagram> = []
    private var many: [Bool] = []
    let nodeCount: Int

    init(nodeCount: Int) { self.nodeCount = nodeCount }

    /// Whether the node is met for the first time.
    mutating func insert(_ diagram: Diagram) -> Bool {
        if !many.isEmpty {
            if many[diagram.index] { return false }
            many[diagram.index] = true
            return true
        }
        guard few.insert(diagram).inserted else { return false }
        if few.count > 2048 {
            many = [Bool](repeating: false, count: nodeCount)
            for one in few { many[one.index] = true }
            few = []
        }
        return true
    }
}

/// A walk along the edges of a diagram at one level; a diagram that does not ask the level has one edge for all atoms.
private struct Cursor {
    private(set) var upper: UInt32
    private(set) var child: Diagram
    private var index: UInt32
    private let last: UInt32

    init(_ diagram: Diagram, at level: UInt32, in store: borrowing DiagramStore) {
        guard store.level(of: diagram) == level else {
            (upper, child, index, last) = (.max, diagram, 0, 0)
            return
        }
        let node = store.node(diagram)
        index = node.start
        last = node.start + node.count - 1
        upper = store.edge(index).upper
        child = store.edge(index).child
    }

    /// Whether the edge that ends there is the last.
    func isLast(_ end: UInt32) -> Bool { index == last && (upper == end || upper == .max) }

    mutating func advance(behind end: UInt32, in store: borrowing DiagramStore) {
        guard upper == end, index < last else { return }
        index += 1
        upper = store.edge(index).upper
        child = store.edge(index).child
    }
}
