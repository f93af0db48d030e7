package import PacketModel

extension InterfaceSet {
    /// The interfaces in both sets; `nil` if they are no list of names and beginnings, nor all but such a list.
    package func intersection(_ other: InterfaceSet) -> InterfaceSet? {
        switch (isNegated, other.isNegated) {
        case (true, true): return InterfaceSet(patterns + other.patterns, isNegated: true)
        case (false, false):
            let common = patterns.flatMap { a in
                other.patterns.compactMap { b in a.covers(b) ? b : b.covers(a) ? a : nil }
            }
            return InterfaceSet(common)
        case (true, false): return other.intersection(self)
        case (false, true):
            if patterns.contains(where: { a in other.patterns.contains { a != $0 && a.covers($0) } }) { return nil }
            return InterfaceSet(patterns.filter { a in !other.patterns.contains { $0.covers(a) } })
        }
    }
}
