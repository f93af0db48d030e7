internal import Diagnostics
internal import FirewallIR
internal import PacketModel
internal import Seawall

extension RuleNode {
    /// A rule as a low-level one of the language.
    init(_ folded: FoldedRule, in families: FamilySet) {
        let rule = folded.rule
        self.init(at: NodeLocation(rule.origin), VerdictNode(rule.verdict), isLowLevel: true)
        var rest = rule
        take(instantOf: &rest)
        take(limitOf: &rest)
        matches = RuleConditions.of(rest, in: families)
        take(effects: rule.effects)
        log?.limit = folded.logLimit.map { RateNode($0) }
        comment = rule.comment.map(\.withoutControlCharacters)
    }

    /// The end of the rule, if it has one before anything is counted.
    private mutating func take(instantOf rule: inout FirewallRule) {
        guard case .before(let instant)? = rule.opaque.first, instant > 0 else { return }
        let isDay = instant % 86400 == 0 && instant >= 86400
        until = isDay ? String(UTCDate.text(instant - 86400).prefix(10)) : UTCDate.text(instant) + "Z"
        rule.opaque.removeFirst()
    }

    /// The rate of a rule that has no other guard.
    private mutating func take(limitOf rule: inout FirewallRule) {
        guard rule.allGuards.count == 1, case .limit(let only)? = rule.guards.first, !only.isOver, rule.stages.isEmpty
        else { return }
        limit = RateNode(only)
        rule.guards = []
    }

    private mutating func take(effects all: [Effect]) {
        effects = all.map { EffectNode($0) }
        guard case .log(let line)? = effects.first else { return }
        log = line
        effects.removeFirst()
        if verdict == .next { verdict = .log }
    }
}

extension NodeLocation {
    /// The place from which a rule was read.
    init(_ origin: SourceLocation) { self.init(file: origin.file, line: origin.line ?? 1) }
}

extension VerdictNode {
    fileprivate init(_ verdict: Verdict) {
        switch verdict {
        case .next: self = .next
        case .leave: self = .allow
        case .accept: self = .accept
        case .drop: self = .drop
        case .reject(let kind): self = .reject(kind.rawValue)
        case .jump(let name): self = .jump(name)
        case .goto(let name): self = .goto(name)
        case .return: self = .return
        case .queue(let target):
            self = .queue(
                QueueNode(
                    Int(target.numbers.lowerBound), Int(target.numbers.upperBound), isBypassed: target.isBypassed,
                    isByProcessor: target.isByProcessor))
        }
    }
}

extension EffectNode {
    fileprivate init(_ effect: Effect) {
        switch effect {
        case .log(let prefix, let level, let flags):
            self = .log(LogNode(prefix: prefix, level: level.rawValue, flags: flags.names, limit: nil))
        case .netlinkLog(let log):
            self = .netlinkLog(
                NetlinkLogNode(
                    group: Int(log.group), prefix: log.prefix, size: log.size.map { Int($0) },
                    threshold: Int(log.threshold)))
        case .setMark(let value, let mask): self = .setMark(value: value, mask: mask)
        case .connectionMark(.set(let value, let mask)): self = .setConnectionMark(value: value, mask: mask)
        case .connectionMark(.save(let connection, let packet)):
            self = .saveMark(connectionMask: connection, packetMask: packet)
        case .connectionMark(.restore(let connection, let packet)):
            self = .restoreMark(connectionMask: connection, packetMask: packet)
        case .module(let name, let words): self = .module(ModuleNode(name, words))
        case .count: self = .count
        }
    }
}

extension String {
    /// The text with a blank in place of what no line of text can hold.
    var withoutControlCharacters: String {
        let isBad = { (scalar: Unicode.Scalar) in scalar.value < 32 || (127...159).contains(scalar.value) }
        guard unicodeScalars.contains(where: isBad) else { return self }
        var text = ""
        for scalar in unicodeScalars { text.unicodeScalars.append(isBad(scalar) ? " " : scalar) }
        return text
    }
}
