extension Query {
    /// The result of a search that was not cut short.
    struct Found {
        /// The point; `nil` if there is none.
        var point: [Dimension: ClosedRange<UInt32>]?
        /// Whether there is no such point.
        var isNowhere: Bool { point == nil }
    }

    /// Looks for a point outside of some sets at which two functions say what is wanted; `nil` if that took too many steps.
    func find(
        _ a: Diagram, _ b: Diagram, outside excluded: [Diagram], steps: Int,
        _ isWanted: @escaping (Diagram, Diagram) -> Bool = { $0 != $1 }
    ) -> Found? {
        let preference = Preference(domains: space.domains)
        var search = FindPoint(
            self, steps: min(4_000_000, steps), preference: { preference.rank($0, $1) }, isWanted: isWanted)
        let path = search.find(a, b, outside: excluded)
        if search.isExhausted { return nil }
        return Found(point: path.map { space.atoms(on: $0) })
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
        return needed.map(\.assumption)
    }
}
