internal import FirewallIR
internal import PacketModel

extension FirewallRule {
    /// Whether nothing but the fields of a packet, and its verdict, is concerned.
    var isPure: Bool { allGuards.isEmpty && effects.isEmpty }

    mutating func splitBox(_ random: inout SeededGenerator) -> Bool {
        for index in condition.indices.shuffled(using: &random) {
            guard let (low, high) = condition[index].halves else { continue }
            condition[index] = low
            condition.insert(high, at: random.number(0...condition.count))
            return true
        }
        return false
    }

    /// Puts a rule's own condition, opaque matches and guards into a stage behind one that all packets pass.
    mutating func outlineStage() -> Bool {
        let families = condition.reduce(into: FamilySet()) { $0.formUnion($1.families) }
        if families.isEmpty { return false }
        stages.insert(RuleStage(condition: condition, opaque: opaque, guards: guards), at: 0)
        condition = [Box().with { $0.families = families }]
        opaque = []
        guards = []
        return true
    }

    mutating func sayRestriction(_ random: inout SeededGenerator) -> Bool {
        guard !condition.isEmpty else { return false }
        let index = random.number(0...condition.count - 1)
        var changes: [FieldChange.Change] = [
            { $0.source.say(.all) }, { $0.destination.say(.all) }, { $0.protocols.say(.all) }, { $0.state.say(.all) },
            { $0.packetType.say(.all) }, { $0.destinationPort.say(Presence(.all, allowsAbsent: true)) },
            { $0.icmp.say(Presence(.all, allowsAbsent: true)) }, { $0.status.say(Presence([], allowsAbsent: true)) },
            { $0.direction.say(Presence(.both, allowsAbsent: true)) },
            { $0.originalSource.say(Presence(.all, allowsAbsent: true)) },
            { $0.inInterface.say(InterfaceSet([InterfacePattern](), isNegated: true)) },
            { $0.tcpFlags.say(Presence([MaskedTest(mask: 0, value: 0)], allowsAbsent: true)) },
            { $0.connectionMark.say(Presence([MaskedTest(mask: 0, value: 0)], allowsAbsent: true)) },
            { $0.numbers[.hopLimit].say(Presence(NumericField.hopLimit.all)) },
            { $0.numbers[.sourceMAC].say(Presence(.all, allowsAbsent: true)) },
        ]
        changes.append { box in
            box.mark.append(MaskedTest(mask: 0, value: 0))
            return true
        }
        return random.change(&condition[index], changes)
    }
}

extension Optional {
    /// Puts a restriction where there is none.
    fileprivate mutating func say(_ values: Wrapped) -> Bool {
        guard self == nil else { return false }
        self = values
        return true
    }
}

extension Ruleset {
    mutating func splitRule(at place: RulePlace, _ random: inout SeededGenerator) -> Bool {
        var first = self[place]
        guard first.allGuards.isEmpty, first.condition.count == 1, let (low, high) = first.condition[0].halves else {
            return false
        }
        var second = first
        second.id = freshName("split")
        first.condition = [low]
        second.condition = [high]
        if random.oneIn(2) { swap(&first, &second) }
        self[place] = first
        insert(second, at: place.next)
        return true
    }

    /// A rule that cannot match, or a copy of a final rule behind it, where no packet comes that it matches.
    mutating func addDeadRule(like place: RulePlace, _ random: inout SeededGenerator) -> Bool {
        var rule = self[place]
        rule.id = freshName("dead")
        let end = self[chainOf: place].rules.count
        if random.oneIn(2) {
            rule.condition = random.oneIn(2) ? [] : [Box().with { $0.families = [] }]
            insert(rule, at: place.moved(to: random.number(0...end)))
            return true
        }
        // Only the mark can change on the way, and a guard lets through some of those that it is asked about.
        guard rule.verdict.isFinal, rule.allGuards.isEmpty,
            rule.allStages.flatMap(\.condition).allSatisfy({ $0.mark.isEmpty && $0.connectionMark == nil })
        else { return false }
        insert(rule, at: place.moved(to: random.number(place.rule + 1...end)))
        return true
    }

    mutating func swapNeighbours(at place: RulePlace) -> Bool {
        guard place.next.rule < self[chainOf: place].rules.count else { return false }
        let rule = self[place]
        let next = self[place.next]
        let sayTheSame = rule.isPure && next.isPure && rule.verdict == next.verdict && rule.verdict.isFinal
        guard sayTheSame || rule.isApart(from: next) else { return false }
        self[place] = next
        self[place.next] = rule
        return true
    }

    mutating func exchangeLeaveAndReturn(at place: RulePlace) -> Bool {
        let scope = scopes[place.scope]
        guard self[chainOf: place].name == scope.entry else { return false }
        switch self[place].verdict {
        case scope.policy: self[place].verdict = .return
        case .return: self[place].verdict = scope.policy
        default: return false
        }
        return true
    }

    /// A rule name that is not taken.
    func freshName(_ stem: String) -> String {
        let taken = Set(scopes.flatMap(\.chains).flatMap(\.rules).map(\.id))
        return fresh(stem, taken)
    }

    /// A chain name that is not taken in a scope.
    func freshChain(_ stem: String, in scope: Int) -> String { fresh(stem, Set(scopes[scope].chains.map(\.name))) }

    private func fresh(_ stem: String, _ taken: Set<String>) -> String {
        var number = taken.count
        while taken.contains("\(stem)\(number)") { number += 1 }
        return "\(stem)\(number)"
    }
}

extension FirewallRule {
    /// Whether a field that no rule changes keeps all packets of one from the other.
    fileprivate func isApart(from other: FirewallRule) -> Bool {
        condition.allSatisfy { box in other.condition.allSatisfy { box.isApart(from: $0) } }
    }
}

extension Box {
    fileprivate func isApart(from other: Box) -> Bool {
        families.isDisjoint(with: other.families)
            || areApart(source, other.source) { $0.intersection($1).isEmpty }
            || areApart(destination, other.destination) { $0.intersection($1).isEmpty }
            || areApart(protocols, other.protocols) { $0.intersection($1).isEmpty }
            || areApart(state, other.state) { $0.isDisjoint(with: $1) }
            || areApart(originalDestinationPort, other.originalDestinationPort) {
                $0.values.intersection($1.values).isEmpty && !($0.allowsAbsent && $1.allowsAbsent)
            }
            || areApart(isLaterFragment, other.isLaterFragment) { $0 != $1 }
    }
}

private func areApart<Values>(_ a: Values?, _ b: Values?, _ test: (Values, Values) -> Bool) -> Bool {
    guard let a, let b else { return false }
    return test(a, b)
}
