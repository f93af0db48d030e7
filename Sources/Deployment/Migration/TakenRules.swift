package import IPTablesBackend
package import PacketModel

/// What a migration takes out of `DOCKER-USER` of one variant and family, and what it leaves there.
package struct TakenRules: Hashable, Sendable {
    /// The variant.
    package var variant: IPTablesVariant
    /// The family.
    package var family: AddressFamily
    /// All rules of the chain before, with their counters.
    package var was: [SaveRule]
    /// What is left of them, and what is put in besides, in order.
    package var left: [SaveRule]

    /// Rules before, and what is left.
    package init(variant: IPTablesVariant, family: AddressFamily, was: [SaveRule], left: [SaveRule]) {
        self.variant = variant
        self.family = family
        self.was = was
        self.left = left
    }

    /// How many rules go.
    package var count: Int { was.count - parts.kept.count(where: \.self) }
    /// The rules that go, in order.
    package var gone: [SaveRule] { zip(was, parts.kept).filter { !$0.1 }.map(\.0) }
    /// The rules that are put in, in order.
    package var added: [SaveRule] { parts.added.map { left[$0] } }
    /// Whether anything is changed.
    package var isEmpty: Bool { was.map(\.words) == left.map(\.words) }

    /// Whether rules of ours are among those that go.
    package var holdsOwnRules: Bool {
        let table = SaveTable(name: "filter", chains: [SaveChain(name: IPTablesNames.dockerUser, rules: gone)])
        return DockerUserRules(table).owners.contains(.seawall)
    }

    /// The way back as a way of its own.
    package var reversed: TakenRules { TakenRules(variant: variant, family: family, was: left, left: was) }

    /// Whether it is about a table.
    func isOf(_ filter: IPTablesFilter) -> Bool { variant == filter.variant && family == filter.family }

    /// Which of the former rules are kept, and the places of those that were put in.
    private var parts: (kept: [Bool], added: [Int]) {
        var kept = [Bool](repeating: false, count: was.count)
        var added: [Int] = []
        var place = 0
        for (index, rule) in left.enumerated() {
            if let found = was[place...].firstIndex(where: { $0.words == rule.words }) {
                kept[found] = true
                place = found + 1
            } else {
                added.append(index)
            }
        }
        return (kept, added)
    }

    // MARK: - In a chain that others change

    /// The chain without what is taken out, with what is put in.
    ///
    /// - Parameter now: the rules as they are now.
    /// - Returns: the rules; nothing, if one that is to be taken out is not there any more.
    func takenOut(of now: [SaveRule]) -> [SaveRule]? {
        var rest = now
        for rule in gone {
            guard let place = rest.firstIndex(where: { $0.words == rule.words }) else { return nil }
            rest.remove(at: place)
        }
        for index in parts.added {
            // Behind the same rule as it was planned, or at the top.
            let before = left[..<index].last { rule in rest.contains { $0.words == rule.words } }
            let place = before.flatMap { rule in rest.firstIndex { $0.words == rule.words } }.map { $0 + 1 } ?? 0
            rest.insert(left[index], at: place)
        }
        return rest
    }

    /// The chain with what was taken out at its former places, without what was put in.
    ///
    /// Rules that others have put in meanwhile stay: at the top, in front of the same rule as now, or at the end. Called
    /// again, it changes nothing.
    func putBack(into now: [SaveRule]) -> [SaveRule] {
        var rest = now[...]
        for rule in added {
            if let place = rest.firstIndex(where: { $0.words == rule.words }) { rest.remove(at: place) }
        }
        let known = Set(was.map(\.words))
        // Docker 20.10 puts its RETURN at the end, which is the top of a chain that is empty.
        var result = Array(rest.prefix { !known.contains($0.words) && $0.words != ["-j", "RETURN"] })
        rest = rest.dropFirst(result.count)
        for (rule, isKept) in zip(was, parts.kept) {
            if let place = rest.firstIndex(where: { $0.words == rule.words }) {
                result += rest[..<place] + [rest[place]]
                rest = rest[(place + 1)...]
            } else if !isKept {
                result.append(rule)
            }
        }
        return result + rest
    }
}
