package import FirewallIR
internal import PacketModel

extension Workloads {
    /// The same rule set with sets: in each run of rules with one final verdict, those that differ in one field are joined.
    ///
    /// Rules of a run commute, since the first that matches has the last word and it is the same; the rules of a run have one
    /// box and neither guards, effects nor opaque matches. A joined rule has the identifier of its first.
    package static func setTranslation(of ruleset: Ruleset) -> Ruleset {
        var result = ruleset
        for scope in result.scopes.indices {
            for chain in result.scopes[scope].chains.indices {
                result.scopes[scope].chains[chain].rules = joined(result.scopes[scope].chains[chain].rules)
            }
        }
        return result
    }

    private static func joined(_ rules: [FirewallRule]) -> [FirewallRule] {
        var result: [FirewallRule] = []
        var run: [FirewallRule] = []
        for rule in rules {
            if let last = run.last, !rule.isJoinable || rule.verdict != last.verdict {
                result += SetTranslation.joined(run)
                run = []
            }
            if rule.isJoinable { run.append(rule) } else { result.append(rule) }
        }
        return result + SetTranslation.joined(run)
    }
}

extension FirewallRule {
    fileprivate var isJoinable: Bool {
        verdict.isFinal && condition.count == 1 && opaque.isEmpty && guards.isEmpty && effects.isEmpty
    }
}

/// A field in which rules may differ: how to take it out of a box, and how to put the union of many in.
private struct SetTranslation {
    let isRestricted: (Box) -> Bool
    let without: (Box) -> Box
    let union: (Box, [Box]) -> Box

    static func joined(_ run: [FirewallRule]) -> [FirewallRule] {
        guard run.count > 1 else { return run }
        return fields.reduce(run) { $1.join($0) }
    }

    /// Joins rules that are alike apart from the field; each stands where its first was.
    private func join(_ rules: [FirewallRule]) -> [FirewallRule] {
        var result: [FirewallRule] = []
        var places: [Box: Int] = [:]
        var joined: [Int: [Box]] = [:]
        for rule in rules {
            let key = without(rule.condition[0])
            if isRestricted(rule.condition[0]), let place = places[key] {
                joined[place, default: result[place].condition].append(rule.condition[0])
            } else {
                if isRestricted(rule.condition[0]) { places[key] = result.count }
                result.append(rule)
            }
        }
        for (place, boxes) in joined { result[place].condition = [union(boxes[0], boxes)] }
        return result
    }

    /// In the order in which joining pays: sources first.
    private static var fields: [SetTranslation] {
        [
            addresses(\.source), addresses(\.destination), presentAddresses(\.originalSource),
            presentAddresses(\.originalDestination), ports(\.originalDestinationPort), ports(\.destinationPort),
            ports(\.sourcePort),
        ]
    }

    private static func addresses(_ field: WritableKeyPath<Box, IPAddressSet?>) -> SetTranslation {
        SetTranslation(
            isRestricted: { $0[keyPath: field] != nil }, without: { $0.with { $0[keyPath: field] = nil } },
            union: { box, boxes in box.with { $0[keyPath: field] = unionOf(boxes.compactMap { $0[keyPath: field] }) } })
    }

    private static func presentAddresses(
        _ field: WritableKeyPath<Box, Presence<IPAddressSet>?>
    ) -> SetTranslation {
        SetTranslation(
            isRestricted: { $0[keyPath: field] != nil }, without: { $0.with { $0[keyPath: field] = nil } },
            union: { box, boxes in
                let sets = boxes.compactMap { $0[keyPath: field] }
                let union = Presence(unionOf(sets.map(\.values)), allowsAbsent: sets.contains { $0.allowsAbsent })
                return box.with { $0[keyPath: field] = union }
            })
    }

    private static func ports(
        _ field: WritableKeyPath<Box, Presence<IntervalSet<UInt16>>?>
    ) -> SetTranslation {
        SetTranslation(
            isRestricted: { $0[keyPath: field] != nil }, without: { $0.with { $0[keyPath: field] = nil } },
            union: { box, boxes in
                let sets = boxes.compactMap { $0[keyPath: field] }
                let union = Presence(
                    IntervalSet(sets.flatMap(\.values.intervals)), allowsAbsent: sets.contains { $0.allowsAbsent })
                return box.with { $0[keyPath: field] = union }
            })
    }

    private static func unionOf(_ sets: [IPAddressSet]) -> IPAddressSet {
        IPAddressSet(v4: IntervalSet(sets.flatMap(\.v4.intervals)), v6: IntervalSet(sets.flatMap(\.v6.intervals)))
    }
}
