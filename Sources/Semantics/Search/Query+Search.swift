extension Query {
    /// The result of a search that was not cut short.
    struct Found {
        /// The point; `nil` if there is none.
        var point: [Dimension: ClosedRange<UInt32>]?
        /// Whether there is no such point.
        var isNowhere: Bool { point == nil }
    }

    /// Looks for a point outside of some sets at which two functions say what is wanted; `nil` if the budget was used up.
    ///
    /// A walk through all of them together finds most points at once; where there is none, or they are rare, the set of all
    /// such points is made as a diagram, so that the answer is exact.
    func find(
        _ a: Diagram, _ b: Diagram, outside excluded: [Diagram],
        _ isWanted: @escaping (Diagram, Diagram) -> Bool = { $0 != $1 }
    ) -> Found? {
        let quick = walk(a, b, outside: excluded, steps: 20_000, isWanted)
        if let quick { return quick }
        let all = excluded.reduce(points(a, b, isWanted)) { set, other in
            store.replace(TerminalTable.inside, in: set, by: complement(of: other))
        }
        if isExhausted { return nil }
        return walk(all, TerminalTable.fall, outside: [], steps: .max) { one, _ in one == TerminalTable.inside }
    }

    /// A walk that is cut short: `nil` then.
    private func walk(
        _ a: Diagram, _ b: Diagram, outside excluded: [Diagram], steps: Int,
        _ isWanted: @escaping (Diagram, Diagram) -> Bool
    ) -> Found? {
        let preference = Preference(domains: space.domains)
        var search = FindPoint(self, steps: steps, preference: { preference.rank($0, $1) }, isWanted: isWanted)
        let path = search.find(a, b, outside: excluded)
        if search.isExhausted { return nil }
        return Found(point: path.map { space.atoms(on: $0) })
    }

    /// The set of the points at which two functions say what is wanted.
    private func points(_ a: Diagram, _ b: Diagram, _ isWanted: (Diagram, Diagram) -> Bool) -> Diagram {
        var known = OperationCache(capacity: 1 << 8)
        return store.apply(a, b, &known) { one, other in
            if one == other { return TerminalTable.fall }
            guard one.isTerminal && other.isTerminal else { return nil }
            return isWanted(one, other) ? TerminalTable.inside : TerminalTable.fall
        }
    }

    /// All points that are not in a set.
    private func complement(of set: Diagram) -> Diagram {
        store.mapTerminals(set) { $0 == TerminalTable.inside ? TerminalTable.fall : TerminalTable.inside }
    }

    /// What each assumption excludes, of those that have a bearing on the rules.
    func assumedSets() -> [(assumption: Assumption, set: Diagram)] {
        Assumption.allCases.map { ($0, excluded(by: $0)) }.filter { $0.1 != TerminalTable.fall }
    }

    /// The assumptions without which something does not hold, given that it does with all of them.
    func needed(_ assumed: [(assumption: Assumption, set: Diagram)], _ holds: ([Diagram]) -> Bool) -> [Assumption] {
        var needed = assumed
        for (assumption, _) in assumed {
            let fewer = needed.filter { $0.assumption != assumption }
            if holds(fewer.map(\.set)) { needed = fewer }
        }
        let named = Set(needed.map(\.assumption))
        return Assumption.allCases.filter { assumption in
            named.contains(assumption) || assumption == .protocolOfConnection && restsOnProtocol(named)
        }
    }

    /// Whether the protocol of a packet was taken for that of its connection, since no rule asks for the latter.
    private func restsOnProtocol(_ named: Set<Assumption>) -> Bool {
        let asksPorts = space.places[.originalDestinationPort] != nil || space.places[.originalSourcePort] != nil
        return named.contains(.openedByRequest) && asksPorts && space.places[.originalProtocol] == nil
    }
}
