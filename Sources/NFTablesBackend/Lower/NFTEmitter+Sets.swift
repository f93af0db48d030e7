internal import FirewallIR
internal import PacketModel

extension NFTEmitter {
    /// Writes a rule each of whose boxes may have a line of its own, as few look-ups.
    mutating func emitUnion(_ rule: FirewallRule) {
        let comment = NFTComment(rule)
        notes += comment.notes
        do {
            try checkMark(of: rule)
            for test in rule.condition.flatMap(\.addressTypes) { try check(test) }
            let action = try LowerEffects.effects(of: rule) + verdict(of: rule)
            let opaque = try LowerEffects.lower(rule.opaque)
            for group in UnionPlan.Member.groups(of: rule) {
                let task = LowerBox.Task(group.family, purpose: rule.verdict.purpose)
                let end = opaque + action.map { $0.answering(group.family) }
                for plan in UnionPlan.plans(group.members, keys: group.shape.keys, task) {
                    let own = plan.source.map { NFTComment($0, of: rule) } ?? comment
                    notes += own.notes.filter { !notes.contains($0) }
                    let text = own.text
                    for line in try lines(plan.way, task) { append(line + end, text) }
                }
            }
        } catch {
            refuse(rule, error.reason)
        }
    }

    private mutating func lines(_ way: UnionPlan.Way, _ task: LowerBox.Task) throws(NFTRefusal) -> [[NFTStatement]] {
        switch way {
        case .product(let box, let task): return try LowerBox.lower(box, task, sets: &sets)
        case .concatenation(let rest, let keys):
            var asking = task
            asking.keys = keys.fields.reduce(into: BoxFields()) { $0.formUnion($1) }
            let lines = try LowerBox.lower(rest, asking, sets: &sets)
            guard !lines.isEmpty else { return [] }
            var found: [[NFTStatement]] = []
            let lookups = keys.lookups()
            for lookup in lookups {
                let set = sets.reference(
                    lookup.kind, named: name(task, keys, lookup), lookup.values, sources: lookup.sources,
                    plan: keys.plan(lookups.count))
                found += lines.map { $0 + [.match(lookup.key, .equal, set)] }
            }
            return found
        }
    }

    private func name(_ task: LowerBox.Task, _ keys: ConcatenatedKeys, _ lookup: ConcatenatedKeys.Lookup) -> String {
        [task.purpose, keys.word, lookup.suffix].filter { !$0.isEmpty }.joined(separator: "-")
    }

    // MARK: - Maps

    /// Writes rules as a map from their keys to their verdicts; returns whether it could be done.
    mutating func emit(_ run: VerdictMapRun) -> Bool {
        let parts = [nil, AddressFamily.ip, .ip6].map { (family: $0, members: run.members($0)) }
            .filter { !$0.members.isEmpty }
        let keys = parts.map { ConcatenatedKeys($0.members, run.shape.keys, family: $0.family) }
        guard keys.allSatisfy({ $0?.kind == .hash }) else { return false }
        do {
            for rule in run.rules {
                try checkMark(of: rule)
                for test in rule.condition.flatMap(\.addressTypes) { try check(test) }
                guard try verdict(of: rule).count == 1 else { return false }
            }
            for (part, keys) in zip(parts, keys) {
                if let keys { try emit(run, part.members, keys, part.family) }
            }
            return true
        } catch {
            // The rules one by one say which of them it is.
            return false
        }
    }

    private mutating func emit(
        _ run: VerdictMapRun, _ members: [UnionPlan.Member], _ keys: ConcatenatedKeys, _ family: AddressFamily?
    ) throws(NFTRefusal) {
        var task = LowerBox.Task(family, purpose: "map")
        task.keys = run.shape.keys
        let rest = members[0].box.lifting(run.shape.keys)
        let verdicts = run.verdicts
        let statements = Dictionary(
            try run.rules.map { rule throws(NFTRefusal) in (rule.verdict, try verdict(of: rule)[0]) }
        ) { first, _ in first }
        let comment = NFTComment(run.rules[0])
        let lookups = keys.lookups()
        for lookup in lookups {
            let elements = zip(lookup.values, lookup.sources).compactMap { value, sources in
                sources.first.flatMap { verdicts[$0] }.flatMap { statements[$0] }.map {
                    NFTVerdictMapElement(value, $0)
                }
            }
            let map = sets.map(
                lookup.kind, named: name(task, keys, lookup), elements, sources: lookup.sources,
                plan: keys.plan(lookups.count))
            for line in try LowerBox.lower(rest, task, sets: &sets) {
                append(line + [.verdictMap(lookup.key, map)], comment.text)
            }
        }
    }
}

extension FirewallRule {
    /// Whether the rule decides at its first line that matches, so that each box may have lines of its own.
    var isUnion: Bool {
        guard guards.isEmpty, stages.isEmpty else { return false }
        switch verdict {
        case .leave, .accept, .drop, .reject, .return, .goto: return true
        case .next, .jump, .queue: return false
        }
    }
}

extension UnionPlan.Member {
    /// Boxes of one family and shape.
    struct Group {
        var family: AddressFamily?
        var shape: BoxShape
        var members: [UnionPlan.Member] = []
    }

    /// The boxes of a rule, each for the families that it speaks of, or for both where nothing tells them apart.
    static func all(of rule: FirewallRule) -> [(family: AddressFamily?, member: UnionPlan.Member)] {
        var found: [(family: AddressFamily?, member: UnionPlan.Member)] = []
        found.reserveCapacity(rule.condition.count)
        var index = 0
        for source in rule.sources {
            for box in rule.condition[index..<(index + source.boxes)] {
                if box.isFamilyNeutral {
                    found.append((nil, UnionPlan.Member(box: box, source: source)))
                } else {
                    for family in AddressFamily.allCases {
                        guard let own = box.restricted(to: family) else { continue }
                        found.append((family, UnionPlan.Member(box: own, source: source)))
                    }
                }
            }
            index += source.boxes
        }
        return found
    }

    /// The boxes of a rule by family and shape, in the order of their first ones.
    static func groups(of rule: FirewallRule) -> [Group] {
        var classes: [AddressFamily?: BoxClasses] = [:]
        var places: [AddressFamily?: [Int]] = [:]
        var groups: [Group] = []
        for (family, member) in all(of: rule) {
            let number = classes[family, default: BoxClasses()].number(of: member.box, besides: member.box.presentKeys)
            if number == places[family, default: []].count {
                places[family, default: []].append(groups.count)
                groups.append(Group(family: family, shape: BoxShape(member.box)))
            }
            if let place = places[family]?[number] { groups[place].members.append(member) }
        }
        return groups
    }
}
