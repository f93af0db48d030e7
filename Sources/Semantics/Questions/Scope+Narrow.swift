internal import FirewallIR
internal import PacketModel

extension Scope {
    /// The same rules as far as packets in some boxes can meet them: what small questions to large rule sets ask.
    func narrowed(to region: [Box]) -> Scope {
        changingRules { rule in
            rule.condition.removeAll { box in region.allSatisfy { $0.excludes(box) } }
        }
    }

    /// The rules at an instant, as long as no guard refuses: without guards, and without what has ended.
    func settled(at now: Int64) -> Scope {
        changingRules { rule in
            rule.guards = []
            if rule.opaque.contains(where: { $0.hasEnded(at: now) }) { rule.condition = [] }
            rule.opaque.removeAll(where: \.isEnd)
        }
    }

    private func changingRules(_ change: (inout FirewallRule) -> Void) -> Scope {
        var scope = self
        for chain in scope.chains.indices {
            for rule in scope.chains[chain].rules.indices { change(&scope.chains[chain].rules[rule]) }
        }
        return scope
    }
}

extension Box {
    /// Whether it is plain that no packet is in both boxes; fields that rules rarely name are not looked at.
    func excludes(_ other: Box) -> Bool {
        families.isDisjoint(with: other.families) || areDisjoint(source, other.source)
            || areDisjoint(destination, other.destination) || areDisjoint(protocols, other.protocols)
            || areDisjoint(inInterface, other.inInterface) || areDisjoint(outInterface, other.outInterface)
            || areDisjoint(state, other.state)
            || areDisjoint(direction, other.direction) { $0.isDisjoint(with: $1) }
            || areDisjoint(originalSource, other.originalSource) { $0.intersection($1).isEmpty }
            || areDisjoint(originalDestination, other.originalDestination) { $0.intersection($1).isEmpty }
            || areDisjoint(originalDestinationPort, other.originalDestinationPort) { $0.intersection($1).isEmpty }
            || areDisjoint(destinationPort, other.destinationPort) { $0.intersection($1).isEmpty }
    }
}

private func areDisjoint(_ a: IPAddressSet?, _ b: IPAddressSet?) -> Bool {
    guard let a, let b else { return false }
    return a.intersection(b).isEmpty
}

private func areDisjoint(_ a: IntervalSet<UInt8>?, _ b: IntervalSet<UInt8>?) -> Bool {
    guard let a, let b else { return false }
    return a.intersection(b).isEmpty
}

private func areDisjoint(_ a: ConntrackStateSet?, _ b: ConntrackStateSet?) -> Bool {
    guard let a, let b else { return false }
    return a.isDisjoint(with: b)
}

/// Of sets with wildcards nothing is said but that one interface is not in the other set.
private func areDisjoint(_ a: InterfaceSet?, _ b: InterfaceSet?) -> Bool {
    guard let a, let b else { return false }
    if let name = a.onlyName { return !b.contains(name) }
    return b.onlyName.map { !a.contains($0) } ?? false
}

private func areDisjoint<Values>(
    _ a: Presence<Values>?, _ b: Presence<Values>?, _ areDisjoint: (Values, Values) -> Bool
) -> Bool {
    guard let a, let b else { return false }
    return !(a.allowsAbsent && b.allowsAbsent) && areDisjoint(a.values, b.values)
}

extension InterfaceSet {
    /// The interface, if it is one.
    fileprivate var onlyName: String? {
        guard !isNegated, patterns.count == 1, case .exact(let name) = patterns[0] else { return nil }
        return name
    }
}

extension OpaqueMatch {
    fileprivate var isEnd: Bool { if case .before = self { true } else { false } }

    fileprivate func hasEnded(at now: Int64) -> Bool {
        if case .before(let instant) = self { now >= instant } else { false }
    }
}
