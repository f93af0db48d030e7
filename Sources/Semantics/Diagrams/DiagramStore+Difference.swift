extension DiagramStore {
    /// Where two functions differ: what `say` makes of their two ends there, and `fall` where they are one function.
    ///
    /// Parts that both have in common are not looked at, so this costs what differs.
    mutating func difference(_ a: Diagram, _ b: Diagram, _ say: (Diagram, Diagram) -> Diagram) -> Diagram {
        var known: [UInt64: Diagram] = [:]
        return difference(a, b, &known, say)
    }

    private mutating func difference(
        _ a: Diagram, _ b: Diagram, _ known: inout [UInt64: Diagram], _ say: (Diagram, Diagram) -> Diagram
    ) -> Diagram {
        if a == b || isExhausted { return TerminalTable.fall }
        let key = UInt64(a.raw) << 32 | UInt64(b.raw)
        if let result = known[key] { return result }
        let result: Diagram
        let level = min(self.level(of: a), self.level(of: b))
        if level == .max {
            result = say(a, b)
        } else {
            let base = begin()
            var first = Cursor(a, at: level, self)
            var second = Cursor(b, at: level, self)
            while true {
                let upper = min(first.upper, second.upper)
                let child = difference(first.child, second.child, &known, say)
                push(upTo: upper, child, from: base)
                if first.isLast && second.isLast { break }
                first.pass(upper, self)
                second.pass(upper, self)
            }
            result = make(level: level, from: base)
        }
        known[key] = result
        return result
    }

    /// A place among the edges of a node; a diagram that does not ask the level is one edge for all atoms.
    private struct Cursor {
        private var index: UInt32
        private let end: UInt32
        private(set) var upper: UInt32
        private(set) var child: Diagram

        init(_ diagram: Diagram, at level: UInt32, _ store: borrowing DiagramStore) {
            guard store.level(of: diagram) == level else {
                index = 0
                end = 0
                upper = .max
                child = diagram
                return
            }
            let node = store.node(diagram)
            index = node.start
            end = node.start + node.count
            let edge = store.edge(index)
            upper = edge.upper
            child = edge.child
        }

        var isLast: Bool { index + 1 >= end }

        mutating func pass(_ upper: UInt32, _ store: borrowing DiagramStore) {
            guard self.upper == upper, !isLast else { return }
            index += 1
            let edge = store.edge(index)
            self.upper = edge.upper
            child = edge.child
        }
    }
}
