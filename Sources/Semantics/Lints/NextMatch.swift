internal import FirewallIR
internal import PacketModel

/// The first rule that matches a packet, and what the next one that matches would have done with it.
struct NextMatch: Hashable {
    /// What comes behind the first rule.
    enum Second: Hashable {
        /// No rule so far.
        case open
        /// A rule with this verdict and no effect.
        case verdict(PacketVerdict)
        /// Something that cannot be compared: an effect, a guard, a chain.
        case other
    }

    /// The number of the rule; `nil` if none matched so far.
    var first: Int?
    var second = Second.open
    /// Whether something that cannot be compared matched before.
    var isTouched = false

    /// The same for a list before another.
    func before(_ later: NextMatch, verdict: (Int) -> PacketVerdict) -> NextMatch {
        guard first != nil else {
            var result = later
            result.isTouched = isTouched || later.isTouched
            return result
        }
        guard second == .open else { return self }
        var result = self
        if later.isTouched {
            result.second = .other
        } else if let next = later.first {
            result.second = .verdict(verdict(next))
        }
        return result
    }
}

extension Query {
    /// For each packet the first rule of the entry chain that decides it, and what the next would have done.
    func nextMatches() -> Diagram {
        let entry = sides[0].chains.first { $0.name == sides[0].entry }?.rules ?? []
        let start = rules[0].firstIndex { rule in entry.first?.id == rule.id } ?? 0
        var parts: [Diagram] = []
        let none = terminals.diagram(Terminal(outcome: .matches(NextMatch())))
        for (offset, rule) in entry.enumerated() {
            let number = start + offset
            if rule.isWithoutConsequence { continue }
            let match = rule.plainVerdict == nil ? NextMatch(isTouched: true) : NextMatch(first: number)
            let end = terminals.diagram(Terminal(outcome: .matches(match)))
            let condition = store.replace(TerminalTable.inside, in: union(rows(of: number, 0)), by: end)
            parts.append(store.replace(TerminalTable.fall, in: condition, by: none))
        }
        return list(parts[...], none)
    }

    private func list(_ parts: ArraySlice<Diagram>, _ none: Diagram) -> Diagram {
        switch parts.count {
        case 0: return none
        case 1: return parts[parts.startIndex]
        default:
            let middle = parts.startIndex + parts.count / 2
            let left = list(parts[..<middle], none)
            let right = list(parts[middle...], none)
            var known: [UInt64: Diagram] = [:]
            return store.apply(left, right, &known) { a, b in
                if b == none { return a }
                if a == none { return b }
                guard a.isTerminal, case .matches(let one) = terminals[a].outcome else { return nil }
                if one.first != nil && one.second != .open { return a }
                guard b.isTerminal, case .matches(let two) = terminals[b].outcome else { return nil }
                let joined = one.before(two) { rules[0][$0].plainVerdict ?? .leave }
                return terminals.diagram(Terminal(outcome: .matches(joined)))
            }
        }
    }
}

extension FirewallRule {
    /// The verdict of a rule that does nothing else; `nil` for others.
    var plainVerdict: PacketVerdict? {
        guard guards.isEmpty, effects.allSatisfy({ $0 == .count }) else { return nil }
        return switch verdict {
        case .leave, .return: .leave
        case .accept: .accept
        case .drop: .drop
        case .reject(let kind): .reject(kind)
        case .next, .jump, .goto: nil
        }
    }

    /// Whether it neither decides nor does anything.
    var isWithoutConsequence: Bool { verdict == .next && effects.allSatisfy { $0 == .count } }
}
