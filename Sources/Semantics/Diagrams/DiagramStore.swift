/// Interval decision diagrams, hash-consed: the nodes, and the table that makes each of them unique.
///
/// A node at a level (a field, or a digit of one) has a list of edges, each for an interval of atoms. Levels ascend along
/// each path; a level on which nothing depends has no node. So each function has one diagram, and equality is identity;
/// nodes are compared edge by edge, never by their hash alone.
struct DiagramStore: ~Copyable {
    private var nodes = GrowingBuffer<DiagramNode>(capacity: 1 << 10)
    private var edges = GrowingBuffer<Edge>(capacity: 1 << 12)
    /// Edges of nodes that are being made, innermost last.
    private var scratch = GrowingBuffer<Edge>(capacity: 1 << 10)
    private var table: UniqueTable = UniqueTable(capacity: 1 << 12)
    /// Results of `replace`.
    var replaceCache = OperationCache(capacity: 1 << 12)
    /// How many edges there may be; with more, `isExhausted`.
    let budget: Int
    /// Whether the budget is used up: all results since then are worthless.
    private(set) var isExhausted = false

    /// An empty store.
    init(budget: Int) { self.budget = budget }

    /// How many edges all nodes together have.
    var edgeCount: Int { edges.count }
    /// How many nodes there are.
    var nodeCount: Int { nodes.count }

    /// The level that a diagram asks first; `UInt32.max` for a terminal.
    @inline(__always)
    func level(of diagram: Diagram) -> UInt32 { diagram.isTerminal ? .max : nodes[diagram.index].level }

    @inline(__always)
    func node(_ diagram: Diagram) -> DiagramNode { nodes[diagram.index] }

    /// Which terminals a diagram has, as bits: the first 31 have one each, all others share the last.
    @inline(__always)
    func ends(of diagram: Diagram) -> UInt32 {
        diagram.isTerminal ? 1 << UInt32(min(diagram.index, 31)) : nodes[diagram.index].ends
    }

    /// An edge by its place; see `DiagramNode.start`.
    @inline(__always)
    func edge(_ index: UInt32) -> Edge { edges[Int(index)] }

    /// The diagram for one atom of a node's level.
    func child(of diagram: Diagram, at atom: UInt32) -> Diagram {
        let node = node(diagram)
        var low = node.start
        var high = node.start + node.count - 1
        while low < high {
            let middle = (low + high) / 2
            if edge(middle).upper < atom { low = middle + 1 } else { high = middle }
        }
        return edge(low).child
    }

    // MARK: - Making nodes

    /// Begins a node; `push` adds its edges, and `make` ends it.
    @inline(__always)
    func begin() -> Int { scratch.count }

    /// Adds an edge to the node that was begun last.
    @inline(__always)
    mutating func push(upTo upper: UInt32, _ child: Diagram, from base: Int) {
        let last = scratch.count &- 1
        if last >= base && scratch[last].child == child {
            scratch[last].upper = upper
        } else {
            scratch.append(Edge(upper: upper, child: child))
        }
    }

    /// Ends all work as a budget that is used up does.
    mutating func giveUp() { isExhausted = true }

    /// Ends the node that was begun last: the one node with its edges, or their only child.
    mutating func make(level: UInt32, from base: Int) -> Diagram {
        let count = scratch.count &- base
        if count == 1 {
            let child = scratch[base].child
            scratch.truncate(to: base)
            return child
        }
        var hash = UInt64(level) &* 0x9e37_79b9_7f4a_7c15
        for index in base..<scratch.count {
            let edge = scratch[index]
            hash = (hash ^ (UInt64(edge.upper) << 32 | UInt64(edge.child.raw))) &* 0xff51_afd7_ed55_8ccd
            hash ^= hash >> 32
        }
        let short = UInt32(truncatingIfNeeded: hash ^ (hash >> 29))
        var slot = table.firstSlot(short)
        while let candidate = table.candidate(at: slot) {
            if candidate.hash == short, isNode(candidate.node, level: level, count: count, edgesAt: base) {
                scratch.truncate(to: base)
                return Diagram(node: candidate.node)
            }
            slot = table.next(slot)
        }
        return append(level: level, count: count, base: base, hash: short, slot: slot)
    }

    private mutating func append(level: UInt32, count: Int, base: Int, hash: UInt32, slot: Int) -> Diagram {
        let index = nodes.count
        if edges.count &+ count > budget {
            isExhausted = true
            let child = scratch[base].child
            scratch.truncate(to: base)
            return child
        }
        var ends: UInt32 = 0
        for index in base..<(base &+ count) { ends |= self.ends(of: scratch[index].child) }
        nodes.append(
            DiagramNode(start: UInt32(truncatingIfNeeded: edges.count), count: UInt32(count), level: level, ends: ends))
        edges.append(from: scratch.pointer(at: base), count: count)
        scratch.truncate(to: base)
        table.insert(node: index, hash: hash, at: slot)
        return Diagram(node: index)
    }

    private func isNode(_ index: Int, level: UInt32, count: Int, edgesAt base: Int) -> Bool {
        let node = nodes[index]
        guard node.level == level, Int(node.count) == count else { return false }
        let stored = edges.pointer(at: Int(node.start))
        let wanted = scratch.pointer(at: base)
        for index in 0..<count
        where stored[index].upper != wanted[index].upper || stored[index].child != wanted[index].child {
            return false
        }
        return true
    }
}
