internal import Diagnostics
internal import FirewallIR
internal import PacketModel

/// Writes rules into chains of our table.
struct NFTEmitter {
    let acceptMark: AcceptMark?
    private(set) var refusals: [Diagnostic] = []
    private var sets = NFTSets()
    private var chains: [NFTChain] = []
    private var current = 0
    /// Whether the end of the chain that rules are being added to leads out of the policy.
    private var endLeaves = true

    init(acceptMark: AcceptMark?) { self.acceptMark = acceptMark }

    func table(named name: String) -> NFTTable { NFTTable(name: name, sets: sets.all, chains: chains) }

    private mutating func refuse(_ rule: FirewallRule?, _ reason: String) {
        refusals.append(Diagnostic("not-in-nft", at: rule?.origin, "cannot be expressed in nft: \(reason)"))
    }

    /// Emits the chains of a scope, the entry chain as a base chain.
    mutating func emit(_ scope: Scope) {
        guard scope.hook == .containers else {
            refuse(nil, "only what Docker forwards can be compiled yet, not the hook '\(scope.hook.rawValue)'")
            return
        }
        let returning = scope.chainsThatReturn
        for chain in scope.chains {
            endLeaves = !returning.contains(chain.name)
            begin(
                chain.name,
                hook: chain.name == scope.entry ? NFTChain.Hook(hook: "forward", priority: -10, policy: "accept") : nil)
            for rule in chain.rules { emit(rule) }
        }
    }

    private mutating func begin(_ name: String, hook: NFTChain.Hook? = nil) {
        chains.append(NFTChain(name: name, hook: hook, rules: []))
        current = chains.count - 1
    }

    private mutating func append(_ statements: [NFTStatement], _ comment: String) {
        chains[current].rules.append(NFTRule(statements, comment: comment))
    }

    // MARK: - One rule

    private mutating func emit(_ rule: FirewallRule) {
        do {
            let comment = try Self.comment(of: rule)
            try checkMark(of: rule)
            let action = try action(of: rule)
            if action.isEmpty { return }
            for part in rule.familyParts {
                try emit(part, of: rule, action: action.map { $0.answering(part.family) }, comment: comment)
            }
        } catch {
            refuse(rule, error.reason)
        }
    }

    /// The boxes of one family, or of both where nothing tells them apart.
    private mutating func emit(
        _ part: FamilyPart, of rule: FirewallRule, action: [NFTStatement], comment: String
    ) throws(NFTRefusal) {
        var lines: [[NFTStatement]] = []
        for box in part.boxes { lines += try LowerBox.lower(box, family: part.family, sets: &sets) }
        let opaque = try Self.lower(rule.opaque)
        lines = lines.map { $0 + opaque }
        let isOnce = !rule.guards.isEmpty || (!rule.verdict.isFinal && part.boxes.count > 1)
        guard lines.count > 1 && isOnce else {
            for line in lines { append(line + action, comment) }
            return
        }
        // The guard is asked, and the effect happens, once for a packet, in whichever lines it is.
        let suffix = "\(rule.id)-\(part.family?.rawValue ?? "inet")"
        append([.jump("any-\(suffix)")], comment)
        let before = current
        begin("any-\(suffix)")
        for line in lines { append(line + [.goto("do-\(suffix)")], comment) }
        begin("do-\(suffix)")
        try appendAction(action, of: rule, suffix, comment)
        current = before
    }

    /// What is done in a chain of its own.
    ///
    /// Its end leads back behind the rule, which a chain that is gone to must not.
    private mutating func appendAction(
        _ action: [NFTStatement], of rule: FirewallRule, _ suffix: String, _ comment: String
    ) throws(NFTRefusal) {
        let last: NFTStatement?
        switch action.last {
        case .goto(let chain): last = .jump(chain)
        case .return: last = nil
        default:
            append(action, comment)
            return
        }
        guard endLeaves else {
            throw NFTRefusal(
                reason: "a rule of several parts that goes to another chain stands in a chain that is jumped to")
        }
        append(Array(action.prefix(rule.guards.count)) + [.goto("then-\(suffix)")], comment)
        begin("then-\(suffix)")
        let rest = Array(action.dropFirst(rule.guards.count).dropLast()) + (last.map { [$0] } ?? [])
        if !rest.isEmpty { append(rest, comment) }
        append([.accept], comment)
    }

    // MARK: - What a rule does

    private func action(of rule: FirewallRule) throws(NFTRefusal) -> [NFTStatement] {
        var statements: [NFTStatement] = []
        for guarding in rule.guards {
            switch guarding {
            case .limit(let limit): statements.append(try Self.lower(limit))
            case .quota(let bytes): statements.append(.quota(bytes: bytes))
            case .module(let name, _):
                throw NFTRefusal(reason: "the stateful match '\(name)' has no exact form")
            }
        }
        for effect in rule.effects {
            switch effect {
            case .log(let prefix, let level, let flags):
                guard flags.isEmpty else { throw NFTRefusal(reason: "flags of a log line are not supported yet") }
                try Self.check(prefix, called: "log prefix", limit: 127)
                guard !prefix.utf8.contains(UInt8(ascii: "$")) else {
                    throw NFTRefusal(
                        reason:
                            "the log prefix holds a '$', which begins the name of a variable in nft's own language: its listing would not load again"
                    )
                }
                statements.append(.log(prefix: prefix, level: level))
            case .setMark(let value, let mask): statements.append(.setMark(value: value, mask: mask))
            case .netlinkLog, .connectionMark, .module:
                throw NFTRefusal(reason: "'\(effect.text)' is not supported yet")
            case .count: statements.append(.counter)
            }
        }
        return statements + (try verdict(of: rule))
    }

    /// `nft_limit` holds the burst as nanoseconds in 64 bits.
    private static func lower(_ limit: Limit) throws(NFTRefusal) -> NFTStatement {
        let step = UInt64(limit.unit.seconds) * 1_000_000_000 / UInt64(limit.count)
        guard !step.multipliedReportingOverflow(by: UInt64(limit.burst)).overflow else {
            throw NFTRefusal(
                reason:
                    "a burst of \(limit.burst) at \(limit.count)/\(limit.unit.rawValue) is more than the kernel can hold: write a smaller .burst(…)"
            )
        }
        return .limit(count: limit.count, unit: limit.unit, burst: limit.burst)
    }

    private func verdict(of rule: FirewallRule) throws(NFTRefusal) -> [NFTStatement] {
        switch rule.verdict {
        case .next: return []
        case .leave: return [.accept]
        case .accept:
            guard let acceptMark else {
                throw NFTRefusal(
                    reason:
                        "'Accept' would not be final, since Docker's own chains at the hook still judge: configure a mark that Docker accepts (dockerd --bridge-accept-fwmark=VALUE/MASK, or '-I DOCKER-USER -m mark --mark VALUE/MASK -j ACCEPT' with older engines) and name it with --accept-mark VALUE/MASK, or use 'Allow'"
                )
            }
            return [.setMark(value: acceptMark.value, mask: acceptMark.mask), .accept]
        case .drop: return [.drop]
        case .reject(let kind): return [kind.statement]
        case .queue: throw NFTRefusal(reason: "queues are not supported yet")
        case .jump(let chain): return [.jump(chain)]
        case .goto(let chain): return [.goto(chain)]
        case .return: return [.return]
        }
    }

    private func checkMark(of rule: FirewallRule) throws(NFTRefusal) {
        guard let acceptMark else { return }
        let read = rule.condition.flatMap(\.mark).reduce(0) { $0 | $1.mask }
        let written = rule.effects.reduce(UInt32(0)) { mask, effect in
            if case .setMark(_, let bits) = effect { mask | bits } else { mask }
        }
        guard (read | written) & acceptMark.mask == 0 else {
            throw NFTRefusal(reason: "the rule uses bits of the mark that --accept-mark reserves for Docker")
        }
    }

    // MARK: - Texts

    private static func comment(of rule: FirewallRule) throws(NFTRefusal) -> String {
        let text = LowerToNFTables.commentPrefix + rule.id + (rule.comment.map { " " + $0 } ?? "")
        guard text.utf8.count <= 128 else {
            throw NFTRefusal(
                reason: "the comment has \(text.utf8.count) bytes with the rule's identifier, and nft takes 128 at most"
            )
        }
        try check(rule.comment ?? "", called: "comment", limit: 128)
        return text
    }

    private static func check(_ text: String, called name: String, limit: Int) throws(NFTRefusal) {
        guard text.utf8.count <= limit else {
            throw NFTRefusal(reason: "the \(name) has \(text.utf8.count) bytes, and nft takes \(limit) at most")
        }
        // Byte by byte: a quote with a combining mark behind it is one character, and still a quote to nft.
        guard !text.utf8.contains(UInt8(ascii: "\"")) else {
            throw NFTRefusal(
                reason: "the \(name) holds a double quote, which nft can load but not list so that it loads again")
        }
    }

    private static func lower(_ opaque: [OpaqueMatch]) throws(NFTRefusal) -> [NFTStatement] {
        var statements: [NFTStatement] = []
        for match in opaque {
            switch match {
            // In seconds, in JSON as in text: nft makes nanoseconds of them, and a date would be read in the local zone.
            case .before(let instant):
                // The kernel counts nanoseconds in 64 bits, and nft multiplies without a look at them.
                guard instant <= Int64(UInt64.max / 1_000_000_000) else {
                    throw NFTRefusal(reason: "'meta time' knows no date behind 2554-07-21T23:34:33Z")
                }
                statements.append(.match(.meta(.time), .less, .number(instant)))
            case .module(let name, _), .not(.module(let name, _)):
                throw NFTRefusal(reason: "the match '\(name)' has no exact form")
            case .not: throw NFTRefusal(reason: "this negation has no exact form")
            }
        }
        return statements
    }
}

/// The boxes of a rule for one family, or for both.
struct FamilyPart {
    var family: AddressFamily?
    var boxes: [Box]
}

extension FirewallRule {
    /// One part for both families where no box and no guard tells them apart; otherwise one for each.
    var familyParts: [FamilyPart] {
        if guards.isEmpty && condition.allSatisfy(\.isFamilyNeutral) {
            return condition.isEmpty ? [] : [FamilyPart(family: nil, boxes: condition)]
        }
        // Boxes that stand for both families keep to one rule, if nothing has to happen once.
        if guards.isEmpty && verdict.isFinal {
            return condition.flatMap { box in
                box.isFamilyNeutral ? [FamilyPart(family: nil, boxes: [box])] : Self.parts([box])
            }
        }
        return Self.parts(condition)
    }

    private static func parts(_ boxes: [Box]) -> [FamilyPart] {
        AddressFamily.allCases.compactMap { family in
            let own = boxes.compactMap { $0.restricted(to: family) }
            return own.isEmpty ? nil : FamilyPart(family: family, boxes: own)
        }
    }
}

extension Box {
    /// Whether the box stands for both families and says nothing that only one of them has.
    fileprivate var isFamilyNeutral: Bool {
        families == .both && source == nil && destination == nil && originalSource == nil && originalDestination == nil
            && icmp == nil && isLaterFragment == nil
    }
}

extension NFTStatement {
    /// The same answer by its name in a family: under one alone, nft lists the answer for both as its default there.
    fileprivate func answering(_ family: AddressFamily?) -> NFTStatement {
        guard let family, self == RejectKind.portUnreachable.statement else { return self }
        return .reject(type: family == .ip ? "icmp" : "icmpv6", code: "port-unreachable")
    }
}
