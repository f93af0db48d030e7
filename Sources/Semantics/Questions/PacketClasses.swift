package import FirewallIR
package import PacketModel

/// Packets that go every way through the diagram of some rules: one for each class that they tell apart, as far as the limit goes.
///
/// Each edge of the diagram is on the way of one of them at least, so each border of each field is tried on both sides.
package enum PacketClasses {
    /// A packet, and what opaque matches and guards answer; for each of the scopes under its own rules' names.
    package struct Representative: Hashable, Sendable {
        package var packet: PacketState
        package var circumstances: [Circumstances]
    }

    /// Packets of one family that there can be on a host, by all assumptions.
    ///
    /// - Parameters:
    ///   - scopes: the rules; the classes are those that any of them tells apart.
    ///   - family: the family of the packets.
    ///   - limit: how many packets at most.
    ///   - assumptions: what the packets keep to.
    /// - Returns: the packets, in a fixed order; none if the diagrams outgrow the usual budget.
    package static func representatives(
        of scopes: [Scope], family: AddressFamily, limit: Int, keepingTo assumptions: [Assumption] = Assumption.allCases
    ) -> [Representative] {
        let query = Query(scopes, family: family, strictness: .effects, budget: ProofOptions.usualBudget)
        let functions = scopes.indices.map { query.function(side: $0) }
        let excluded = [query.impossible()] + assumptions.map { query.excluded(by: $0) }
        if query.isExhausted { return [] }
        var cover = EdgeCover(query: query, limit: limit)
        for function in functions { cover.walk([function] + excluded.filter { $0 != TerminalTable.fall }) }
        return cover.paths.map { path in
            let decoder = PointDecoder(query: query, point: query.space.atoms(on: path))
            return Representative(
                packet: decoder.packet(), circumstances: scopes.indices.map { decoder.circumstances(side: $0) })
        }
    }
}

/// Ways through a diagram that cover its edges, outside of some sets.
private struct EdgeCover {
    let query: Query
    let limit: Int
    private(set) var paths: [[UInt32: ClosedRange<UInt32>]] = []
    private var path: [UInt32: ClosedRange<UInt32>] = [:]
    private var covered: Set<Diagram> = []
    /// What cannot be reached outside of the sets.
    private var blocked: Set<[UInt32]> = []

    init(query: Query, limit: Int) {
        self.query = query
        self.limit = limit
    }

    /// Walks on from the function and the sets; returns whether an end was reached.
    @discardableResult
    mutating func walk(_ places: [Diagram]) -> Bool {
        if paths.count >= limit || places[1...].contains(TerminalTable.inside) { return false }
        let level = places.map { query.store.level(of: $0) }.min() ?? .max
        if level == .max {
            paths.append(path)
            return true
        }
        let key = places.map(\.raw)
        if blocked.contains(key) { return false }
        // An edge of the function is covered once; where only a set asks, or all edges are covered, one way on is enough.
        let asks = query.store.level(of: places[0]) == level
        let isNew = asks && covered.insert(places[0]).inserted
        var reached = false
        for (atoms, children) in query.segments(places, level) {
            path[level] = atoms
            if walk(children) { reached = true }
            if reached && !isNew { break }
        }
        path[level] = nil
        if !reached && paths.count < limit { blocked.insert(key) }
        return reached
    }
}
