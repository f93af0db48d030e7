internal import Diagnostics
internal import FirewallIR
internal import PacketModel
internal import Seawall

extension PolicyResolver {
    /// A rule of the policy as rules of the IR: one, or two where its log line has a rate of its own.
    mutating func resolve(_ node: RuleNode, in scope: ScopeContext?) -> [FirewallRule] {
        guard scope != nil || node.isLowLevel else {
            let name = node.isDefault ? "'Default'" : "a rule"
            report(
                "outside-scope", at: node.location,
                "\(name) stands outside of a scope: put it into Inbound(on:), Outbound(via:) or Between, or write it as a low-level Rule"
            )
            return []
        }
        let errors = diagnostics.count
        if let wrong = node.matches.first(where: { $0.field == .then && !$0.isWellFormed }) {
            report(
                "bad-match", at: node.location, "the condition on \(wrong.field.rawValue) has values of the wrong kind")
        }
        let stages = node.stages
        let boxes = condition(of: node, stages[0].conditions, in: scope?.box ?? blockBox)
        let until = node.until.flatMap { instant($0, at: node.location) }.map { [OpaqueMatch.before(instant: $0)] }
        let opaque = (until ?? []) + opaque(stages[0].opaque, at: node.location)
        var guards = guards(stages[0].guards, at: node.location)
        var further = stages.dropFirst().map { stage($0, of: node) }
        if let limit = node.limit.flatMap({ limit($0, at: node.location) }) {
            if further.isEmpty {
                guards.append(.limit(limit))
            } else {
                further[further.count - 1].guards.append(.limit(limit))
            }
        }
        let log = log(of: node)
        let effects = effects(node.effects, at: node.location)
        if let comment = node.comment { check(text: comment, called: "comment", at: node.location) }
        let verdict = verdict(of: node, boxes: boxes)
        guard diagnostics.count == errors, let verdict else { return [] }
        let base = FirewallRule(
            id: node.id, origin: SourceLocation(node.location), condition: boxes, opaque: opaque, guards: guards,
            stages: further, effects: effects, verdict: verdict, comment: node.comment)
        return split(base, log: log)
    }

    /// Adds the log line to a rule.
    ///
    /// One with a rate of its own needs a rule of its own, since a guard holds for the whole rule.
    private mutating func split(_ rule: FirewallRule, log: (effect: Effect, limit: Limit?)?) -> [FirewallRule] {
        guard let log else { return [rule] }
        var logging = rule
        logging.effects.insert(log.effect, at: 0)
        guard let limit = log.limit else { return [logging] }
        logging.effects = [log.effect]
        logging.verdict = .next
        if rule.verdict == .next && rule.effects.isEmpty {
            if rule.stages.isEmpty {
                logging.guards.append(.limit(limit))
            } else {
                logging.stages[rule.stages.count - 1].guards.append(.limit(limit))
            }
            return [logging]
        }
        logging.id += "l"
        if rule.allGuards.isEmpty {
            logging.guards = [.limit(limit)]
            return [logging, rule]
        }
        // The rule's own guard may be asked once only: both parts go into a chain behind it.
        logging = FirewallRule(
            id: logging.id, origin: rule.origin, condition: [blockBox], guards: [.limit(limit)], effects: [log.effect],
            verdict: .next,
            comment: rule.comment)
        let last = FirewallRule(
            id: rule.id + "v", origin: rule.origin,
            condition: rule.condition.isEmpty ? [] : [Box(protocolsOf: rule.condition)],
            effects: rule.effects, verdict: rule.verdict, comment: rule.comment)
        let chain = FirewallIR.Chain(name: "rule-\(rule.id)", rules: [logging, last])
        furtherChains.append(chain)
        var entry = rule
        entry.effects = []
        entry.verdict = .goto(chain.name)
        return [entry]
    }

    private mutating func log(of node: RuleNode) -> (effect: Effect, limit: Limit?)? {
        let written = node.log ?? (node.verdict == .log ? LogNode(prefix: "seawall: ", level: "warn", limit: nil) : nil)
        guard let written else { return nil }
        guard let line = line(written, at: node.location) else { return nil }
        return (line, written.limit.flatMap { limit($0, at: node.location) })
    }

    private mutating func verdict(of node: RuleNode, boxes: [Box]) -> Verdict? {
        switch node.verdict {
        case .allow: return .leave
        case .accept: return .accept
        case .drop: return .drop
        case .log, .next: return .next
        case .return: return .return
        case .jump(let name): return known(name, at: node.location) ? .jump(name) : nil
        case .goto(let name): return known(name, at: node.location) ? .goto(name) : nil
        case .queue(let queue): return self.queue(queue, at: node.location)
        case .reject(let name):
            guard let kind = RejectKind(rawValue: name) else {
                let known = RejectKind.allCases.map(\.rawValue).joined(separator: ", ")
                report("unknown-reject", at: node.location, "unknown answer '\(name)': expected one of \(known)")
                return nil
            }
            return checked(kind, boxes: boxes, at: node.location) ? .reject(kind) : nil
        }
    }

    /// Whether there is a chain of this name in the block.
    private mutating func known(_ chain: String, at location: NodeLocation) -> Bool {
        if chainNames.contains(chain) { return true }
        report(
            "unknown-chain", at: location,
            "there is no chain '\(chain)' in the block: write Chain(\"\(chain)\") { … } beside the rules",
            literal: chain)
        return false
    }

    private mutating func checked(_ kind: RejectKind, boxes: [Box], at location: NodeLocation) -> Bool {
        if kind == .tcpReset, boxes.contains(where: { $0.protocols?.single != IPProtocol.tcp.rawValue }) {
            report(
                "reset-without-tcp", at: location,
                "a TCP reset answers TCP alone: name services that are all TCP, or reject the others by a rule of their own"
            )
            return false
        }
        if let missing = boxes.map({ $0.possibleFamilies.subtracting(kind.families) }).first(where: { !$0.isEmpty }) {
            let family = missing.families.map(\.displayName).joined(separator: " and ")
            report(
                "reject-family", at: location,
                "the answer '\(kind.rawValue)' does not exist in \(family), for which the rule stands as well: use .adminProhibited or .portUnreachable, or restrict the rule to addresses of one family"
            )
            return false
        }
        return true
    }
}

extension Box {
    /// All packets of the protocols that boxes agree on; what a rule behind a `goto` still has to say for a TCP reset.
    fileprivate init(protocolsOf boxes: [Box]) {
        self.init()
        let first = boxes.first?.protocols
        if boxes.allSatisfy({ $0.protocols == first }) { protocols = first }
        families = boxes.reduce([]) { $0.union($1.families) }
    }
}
