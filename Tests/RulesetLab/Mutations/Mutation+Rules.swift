internal import FirewallIR
internal import PacketModel

extension Mutation {
    /// What the mutation does to a rule, if it is one of rules.
    var ruleChange: RuleChange? {
        switch self {
        case .boxesMerged:
            { rule, _ in
                guard rule.condition.count > 1 else { return false }
                rule.condition = [rule.condition.dropFirst().reduce(rule.condition[0]) { $0.hull(with: $1) }]
                return true
            }
        case .stateWidened: { rule, random in rule.addBox(&random) { $0.widenedByNew } }
        case .conntrackShortCircuit: { rule, random in rule.addBox(&random) { $0.shortCircuited } }
        default: verdictChange ?? guardChange ?? effectChange
        }
    }

    private var verdictChange: RuleChange? {
        switch self {
        case .acceptForLeave: { rule, _ in rule.replace(.leave, .accept) }
        case .dropForLeave: { rule, _ in rule.replace(.leave, .drop) }
        case .jumpForGoto:
            { rule, _ in
                guard case .goto(let name) = rule.verdict else { return false }
                rule.verdict = .jump(name)
                return true
            }
        case .gotoForJump:
            { rule, _ in
                guard case .jump(let name) = rule.verdict else { return false }
                rule.verdict = .goto(name)
                return true
            }
        case .rejectKindChanged:
            { rule, random in
                guard case .reject(let kind) = rule.verdict else { return false }
                let others = RejectKind.allCases.filter { $0 != kind && rule.mayReject($0) }
                guard !others.isEmpty else { return false }
                rule.verdict = .reject(random.pick(others))
                return true
            }
        default: nil
        }
    }

    private var guardChange: RuleChange? {
        switch self {
        case .limitRateChanged: { rule, _ in rule.changeLimit { $0.count += 1 } }
        case .limitBurstChanged: { rule, _ in rule.changeLimit { $0.burst += 1 } }
        case .guardLost: { rule, _ in rule.guards.popLast() != nil }
        case .opaqueNegated:
            { rule, _ in
                guard let match = rule.opaque.last, case .module = match else { return false }
                rule.opaque[rule.opaque.count - 1] = .not(match)
                return true
            }
        case .stageLost: { rule, _ in rule.stages.popLast() != nil }
        case .stageFirst:
            { rule, _ in
                guard let stage = rule.stages.first, !rule.guards.isEmpty || !stage.guards.isEmpty else { return false }
                rule.stages[0] = RuleStage(condition: rule.condition, opaque: rule.opaque, guards: rule.guards)
                (rule.condition, rule.opaque, rule.guards) = (stage.condition, stage.opaque, stage.guards)
                return true
            }
        case .opaqueDropped: { rule, _ in rule.opaque.popLast() != nil }
        case .instantChanged:
            { rule, _ in
                for (index, match) in rule.opaque.enumerated() {
                    guard case .before(let instant) = match else { continue }
                    rule.opaque[index] = .before(instant: instant + 1)
                    return true
                }
                return false
            }
        default: nil
        }
    }

    private var effectChange: RuleChange? {
        switch self {
        case .queueChanged:
            { rule, _ in
                guard case .queue(var target) = rule.verdict else { return false }
                target.isBypassed.toggle()
                rule.verdict = .queue(target)
                return true
            }
        case .logFlagsChanged:
            { rule, _ in
                rule.changeEffect {
                    guard case .log(let prefix, let level, let flags) = $0 else { return nil }
                    return .log(prefix: prefix, level: level, flags: flags.symmetricDifference(.uid))
                }
            }
        case .connectionMarkChanged:
            { rule, _ in
                rule.changeEffect {
                    guard case .connectionMark(.set(let value, let mask)) = $0 else { return nil }
                    return .connectionMark(.set(value: value ^ 1, mask: mask))
                }
            }
        case .logPrefixChanged:
            { rule, _ in
                rule.changeEffect {
                    guard case .log(let prefix, let level, _) = $0 else { return nil }
                    return .log(prefix: prefix + "x", level: level)
                }
            }
        case .setMarkChanged:
            { rule, random in
                let ofMask = random.oneIn(2)
                return rule.changeEffect {
                    guard case .setMark(let value, let mask) = $0 else { return nil }
                    return ofMask ? .setMark(value: value, mask: mask ^ 4) : .setMark(value: value ^ 1, mask: mask)
                }
            }
        case .effectLost: { rule, _ in rule.effects.popLast() != nil }
        default: nil
        }
    }
}

extension FirewallRule {
    fileprivate mutating func replace(_ old: Verdict, _ new: Verdict) -> Bool {
        guard verdict == old else { return false }
        verdict = new
        return true
    }

    fileprivate mutating func addBox(_ random: inout SeededGenerator, _ other: (Box) -> Box?) -> Bool {
        for box in condition.shuffled(using: &random) {
            guard let other = other(box) else { continue }
            condition.append(other)
            return true
        }
        return false
    }

    fileprivate mutating func changeLimit(_ change: (inout Limit) -> Void) -> Bool {
        for (index, one) in guards.enumerated() {
            guard case .limit(var limit) = one else { continue }
            change(&limit)
            guards[index] = .limit(limit)
            return true
        }
        return false
    }

    fileprivate mutating func changeEffect(_ change: (Effect) -> Effect?) -> Bool {
        for (index, effect) in effects.enumerated() {
            guard let other = change(effect) else { continue }
            effects[index] = other
            return true
        }
        return false
    }
}

extension Box {
    /// What `--ctstate NEW,DNAT` means besides `DNAT`: the box for new packets, whatever their status.
    fileprivate var widenedByNew: Box? {
        guard let tests = status?.values, tests.contains(where: { $0.mask & ConntrackStatus.dnat.rawValue != 0 })
        else { return nil }
        return with {
            $0.status = nil
            $0.state = .new
        }
    }

    /// What one `-m conntrack` with a state test means for packets without an entry: no other option of it is looked at.
    fileprivate var shortCircuited: Box? {
        let states = (state ?? .all).intersection(.withoutEntry)
        guard demandsConntrackEntry, !states.isEmpty else { return nil }
        return with {
            $0.state = states
            $0.direction = nil
            $0.status = nil
            $0.originalSource = nil
            $0.originalDestination = nil
            $0.originalProtocol = nil
            $0.originalSourcePort = nil
            $0.originalDestinationPort = nil
            $0.connectionMark = nil
        }
    }
}
