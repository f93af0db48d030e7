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
}

extension Query {
    /// For each packet the first rule of the entry chain that decides it, and what the next would have done.
    func nextMatches(_ verdicts: [PacketVerdict?]) -> Diagram {
        let entry = sides[0].chains.first { $0.name == sides[0].entry }?.rules ?? []
        let start = rules[0].firstIndex { rule in entry.first?.id == rule.id } ?? 0
        var parts: [Diagram] = []
        for (offset, rule) in entry.enumerated() where !rule.isWithoutConsequence {
            let number = start + offset
            let match = verdicts[number] == nil ? NextMatch(isTouched: true) : NextMatch(first: number)
            let condition = store.replace(TerminalTable.inside, in: union(rows(of: number, 0)), by: end(match))
            parts.append(store.replace(TerminalTable.fall, in: condition, by: TerminalTable.noMatch))
        }
        return list(parts[...], verdicts)
    }

    private func end(_ match: NextMatch) -> Diagram { terminals.diagram(Terminal(outcome: .matches(match))) }

    private func list(_ parts: ArraySlice<Diagram>, _ verdicts: [PacketVerdict?]) -> Diagram {
        switch parts.count {
        case 0: return TerminalTable.noMatch
        case 1: return parts[parts.startIndex]
        default:
            let middle = parts.startIndex + parts.count / 2
            let later = list(parts[middle...], verdicts)
            let settled = settle(list(parts[..<middle], verdicts), by: outcomes(of: later, verdicts))
            let joined = verdicts.contains(nil) ? behindTouched(settled, later) : settled
            return store.replace(TerminalTable.noMatch, in: joined, by: later)
        }
    }

    /// A list where something that cannot be compared matched before: what follows knows of it.
    private func behindTouched(_ list: Diagram, _ later: Diagram) -> Diagram {
        let behind = store.mapTerminals(later) { diagram in
            var match = match(diagram)
            match.isTouched = true
            return end(match)
        }
        return store.replace(end(NextMatch(isTouched: true)), in: list, by: behind)
    }

    /// What the first match of a list does, without saying which rule it is.
    private func outcomes(of list: Diagram, _ verdicts: [PacketVerdict?]) -> Diagram {
        store.mapTerminals(list) { diagram in
            guard case .matches(let match) = terminals[diagram].outcome else { return diagram }
            if match.isTouched { return end(NextMatch(second: .other)) }
            guard let first = match.first else { return TerminalTable.noMatch }
            return end(NextMatch(second: .verdict(verdicts[first] ?? .leave)))
        }
    }

    /// A list with the second match of each rule, where that stands in the list behind it.
    private func settle(_ list: Diagram, by outcomes: Diagram) -> Diagram {
        var known = OperationCache(capacity: 1 << 8)
        var joined: [UInt64: Diagram] = [:]
        var isOpen: [Diagram: Bool] = [:]
        return store.apply(list, outcomes, &known) { a, b in
            if b == TerminalTable.noMatch || a == TerminalTable.noMatch { return a }
            guard a.isTerminal else { return nil }
            if isOpen[a] == nil { isOpen[a] = match(a).first != nil && match(a).second == .open }
            if isOpen[a] == false { return a }
            guard b.isTerminal else { return nil }
            let key = UInt64(a.raw) << 32 | UInt64(b.raw)
            if let end = joined[key] { return end }
            var result = match(a)
            result.second = match(b).second
            joined[key] = end(result)
            return end(result)
        }
    }

    private func match(_ diagram: Diagram) -> NextMatch {
        if case .matches(let match) = terminals[diagram].outcome { match } else { NextMatch() }
    }
}

extension FirewallRule {
    /// The verdict of a rule of one stage that does nothing else; `nil` for others.
    ///
    /// A return comes to the `end` of its scope.
    func plainVerdict(_ end: PacketVerdict) -> PacketVerdict? {
        guard guards.isEmpty, stages.isEmpty, effects.allSatisfy({ $0 == .count }) else { return nil }
        return switch verdict {
        case .leave: .leave
        case .return: end
        case .accept: .accept
        case .drop: .drop
        case .reject(let kind): .reject(kind)
        case .queue(let target): .queue(target)
        case .next, .jump, .goto: nil
        }
    }

    /// Whether it neither decides nor does anything, nor counts what others ask.
    var isWithoutConsequence: Bool {
        verdict == .next && effects.allSatisfy { $0 == .count } && !allGuards.contains(where: \.sharesState)
    }
}
