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
            if rule.allStages.flatMap(\.opaque).contains(where: { $0.isSettled(at: now) == false }) {
                rule.condition = []
            }
            rule.opaque.removeAll { $0.isSettled(at: now) != nil }
            for index in rule.stages.indices {
                rule.stages[index].guards = []
                rule.stages[index].opaque.removeAll { $0.isSettled(at: now) != nil }
            }
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
    fileprivate func excludes(_ other: Box) -> Bool {
        var common = self
        common.families.formIntersection(other.families)
        if let set = other.source { common.source.narrow(to: set) }
        if let set = other.destination { common.destination.narrow(to: set) }
        if let set = other.protocols { common.protocols.narrow(to: set) }
        if let set = other.state { common.state.narrow(to: set) }
        if let set = other.direction { common.direction.narrow(to: set) }
        if let set = other.destinationPort { common.destinationPort.narrow(to: set) }
        if let set = other.originalSource { common.originalSource.narrow(to: set) }
        if let set = other.originalDestination { common.originalDestination.narrow(to: set) }
        if let set = other.originalDestinationPort { common.originalDestinationPort.narrow(to: set) }
        return common.isEmpty || areDisjoint(inInterface, other.inInterface)
            || areDisjoint(outInterface, other.outInterface)
    }
}

private func areDisjoint(_ a: InterfaceSet?, _ b: InterfaceSet?) -> Bool {
    guard let a, let b, let common = a.intersection(b) else { return false }
    return common.isEmpty
}

extension OpaqueMatch {
    /// Whether it holds at an instant; `nil` if that is not all that decides.
    fileprivate func isSettled(at now: Int64) -> Bool? {
        switch self {
        case .before(let instant): now < instant
        case .module: nil
        case .not(let match): match.isSettled(at: now).map { !$0 }
        }
    }
}
