internal import FirewallIR
internal import PacketModel

/// A rule of the IR in the terms of iptables: lines of matches, guards, targets; not yet in chains.
struct IPTablesRulePlan {
    /// Above so many lines two sets are not multiplied but put behind one another.
    static let largeProduct = 512

    let id: String
    let boxes: [IPTablesBox]
    /// What none of the boxes may be, where iptables cannot say so in the same rule.
    var exclusions: [IPTablesAlternative]
    let guards: [IPTablesMatch]
    let targets: [IPTablesTarget]
    /// Whether the verdict works only in a chain from which RETURN leads where it leads from the rule's own.
    let mustNotReturn: Bool
    /// Whether a packet may be in two lines.
    let mayOverlap: Bool
    /// Whether what is done changes what is asked: then it must not be asked again for a second target.
    private let changesItsMatch: Bool
    private let isFinal: Bool
    private let comment: IPTablesMatch
    private let opaque: [IPTablesMatch]

    /// The plan of a rule; `nil` if it says nothing about the family.
    init?(_ rule: FirewallRule, family: AddressFamily) throws(IPTablesRefusal) {
        let own = rule.condition.compactMap { $0.withConsistentConntrack.restricted(to: family) }
        guard !own.isEmpty else { return nil }
        var boxes: [IPTablesBox] = []
        for box in own { boxes.append(try LowerBox.lower(box, family: family)) }
        let exclusions = boxes[0].exclusions
        guard boxes.allSatisfy({ $0.exclusions == exclusions }) else {
            throw IPTablesRefusal(reason: "its parts exclude different interfaces or protocols; write a rule for each")
        }
        id = rule.id
        self.boxes = boxes
        self.exclusions = exclusions
        opaque = try Self.lower(rule.opaque)
        guards = try Self.lower(rule.guards)
        targets = try Self.targets(of: rule, family: family)
        comment = try Self.comment(of: rule)
        mayOverlap = boxes.contains(where: \.overlaps) || !own.arePlainlyDisjoint
        changesItsMatch =
            own.contains { !$0.mark.isEmpty } && rule.effects.contains { if case .setMark = $0 { true } else { false } }
        isFinal = rule.verdict.isFinal
        switch rule.verdict {
        case .leave, .goto, .return: mustNotReturn = true
        default: mustNotReturn = false
        }
        if case .jump = rule.verdict, !exclusions.isEmpty || !guards.isEmpty {
            throw IPTablesRefusal(reason: "a jump under a rate or an exception of several interfaces")
        }
        if targets.isEmpty { return nil }
    }

    private var lineCount: Int { boxes.reduce(0) { $0 + $1.lineCount } }

    /// Whether the lines of some box are too many to be written out.
    var isLarge: Bool {
        boxes.contains { $0.lineCount > Self.largeProduct && $0.dimensions.filter { $0.count > 1 }.count > 1 }
    }

    /// Whether each line can carry guards and targets itself: no guard is asked twice, and nothing is done twice.
    var isDirect: Bool {
        guard exclusions.isEmpty, !isLarge else { return false }
        if lineCount == 1 { return targets.count == 1 || guards.isEmpty && !changesItsMatch }
        return guards.isEmpty && targets.count == 1 && (isFinal || !mayOverlap)
    }

    /// A rule of iptables; every one carries our comment.
    func rule(_ line: IPTablesAlternative, guards: [IPTablesMatch], _ target: IPTablesTarget) -> IPTablesRule {
        IPTablesRule(line.line + opaque + guards + [comment], target: target)
    }

    /// A rule of iptables that leads from one step of the rule to the next, whatever the packet.
    func step(guards: [IPTablesMatch] = [], _ target: IPTablesTarget) -> IPTablesRule {
        // The kernel takes a TCP reset only in a rule that says `-p tcp` itself; no other packet comes here.
        let proto = target == .reject(with: Self.reset) ? [IPTablesMatch.proto(Negatable(ProtocolWord(.tcp)))] : []
        return IPTablesRule(proto + guards + [comment], target: target)
    }

    private static let reset = "tcp-reset"

    /// A rule of iptables that lets an exception go.
    func exception(_ line: IPTablesAlternative, _ target: IPTablesTarget) -> IPTablesRule {
        IPTablesRule(line.line + [comment], target: target)
    }

    private static func lower(_ opaque: [OpaqueMatch]) throws(IPTablesRefusal) -> [IPTablesMatch] {
        var matches: [IPTablesMatch] = []
        for match in opaque {
            switch match {
            case .before(let instant):
                // xt_time holds seconds in 32 bits, and iptables takes nothing behind 2038-01-19T03:14:07.
                guard instant - 1 <= Int64(Int32.max) else {
                    throw IPTablesRefusal(reason: "'-m time' knows no date behind 2038-01-19T03:14:07Z")
                }
                matches.append(.timeUntil(lastSecond: instant - 1))
            case .module(let name, _), .not(.module(let name, _)):
                throw IPTablesRefusal(reason: "the match '\(name)' is not supported yet")
            case .not: throw IPTablesRefusal(reason: "this negation has no form in iptables")
            }
        }
        return matches
    }

    private static func lower(_ guards: [Guard]) throws(IPTablesRefusal) -> [IPTablesMatch] {
        var matches: [IPTablesMatch] = []
        for guarding in guards {
            switch guarding {
            case .limit(let limit): matches.append(try lower(limit))
            case .quota(let bytes): matches.append(.quota(bytes: bytes))
            case .module(let name, _):
                throw IPTablesRefusal(reason: "the stateful match '\(name)' is not supported yet")
            }
        }
        return matches
    }

    /// `xt_limit` counts in steps of a ten-thousandth of a second, and holds a day's credit at most.
    private static func lower(_ limit: Limit) throws(IPTablesRefusal) -> IPTablesMatch {
        let rate = "\(limit.count)/\(limit.unit.rawValue)"
        guard limit.count <= 10_000 * limit.unit.seconds else {
            throw IPTablesRefusal(reason: "a rate of \(rate) is too fast for '-m limit': 10000 a second at most")
        }
        // The step between two packets is a whole number, so that 7000/second would let 10000 through.
        let steps = 10_000 * limit.unit.seconds
        let step = steps / limit.count
        guard (steps - step * limit.count) * 50 <= steps else {
            throw IPTablesRefusal(
                reason:
                    "a rate of \(rate) has no near form for '-m limit', which would let \(steps / step) through: write \(steps / step) or \(steps / (step + 1))"
            )
        }
        guard limit.burst <= 10_000, limit.burst * limit.unit.seconds <= 86_400 * limit.count else {
            throw IPTablesRefusal(
                reason:
                    "a burst of \(limit.burst) at \(rate) is too much for '-m limit', which holds a day's worth and 10000 at most: write a smaller .burst(…)"
            )
        }
        return .limit(count: limit.count, unit: limit.unit, burst: limit.burst)
    }

    private static func targets(of rule: FirewallRule, family: AddressFamily) throws(IPTablesRefusal)
        -> [IPTablesTarget]
    {
        var targets: [IPTablesTarget] = []
        for effect in rule.effects {
            switch effect {
            case .log(let prefix, let level, let flags):
                guard flags.isEmpty else { throw IPTablesRefusal(reason: "flags of LOG are not supported yet") }
                guard prefix.utf8.count <= 29 else {
                    throw IPTablesRefusal(
                        reason:
                            "the log prefix '\(prefix)' has \(prefix.utf8.count) bytes, and iptables takes 29 at most")
                }
                targets.append(.log(LogTarget(prefix: prefix, level: UInt8(level.number))))
            case .setMark(let value, let mask): targets.append(.setMark(value: value, mask: mask))
            case .netlinkLog, .connectionMark, .module:
                throw IPTablesRefusal(reason: "'\(effect.text)' is not supported yet")
            case .count: break
            }
        }
        switch rule.verdict {
        case .next: break
        case .leave, .return: targets.append(.return)
        case .accept: targets.append(.accept)
        case .drop: targets.append(.drop)
        case .reject(let kind): targets.append(.reject(with: try name(of: kind, family: family)))
        case .queue: throw IPTablesRefusal(reason: "queues are not supported yet")
        case .jump(let chain): targets.append(.jump(IPTablesNames.chainPrefix + chain))
        case .goto(let chain): targets.append(.goto(IPTablesNames.chainPrefix + chain))
        }
        return targets
    }

    private static func name(of kind: RejectKind, family: AddressFamily) throws(IPTablesRefusal) -> String {
        guard let name = kind.name(in: family) else {
            throw IPTablesRefusal(reason: "the answer '\(kind.rawValue)' does not exist in \(family.displayName)")
        }
        return name
    }

    private static func comment(of rule: FirewallRule) throws(IPTablesRefusal) -> IPTablesMatch {
        let text = IPTablesNames.commentPrefix + rule.id + (rule.comment.map { " " + $0 } ?? "")
        guard text.utf8.count <= 255 else {
            throw IPTablesRefusal(
                reason:
                    "the comment has \(text.utf8.count) bytes with the rule's identifier, and iptables takes 255 at most"
            )
        }
        return .comment(text)
    }
}

extension [Box] {
    /// Whether no packet is in two boxes, as far as protocols and families tell.
    fileprivate var arePlainlyDisjoint: Bool {
        indices.allSatisfy { i in
            self[(i + 1)...].allSatisfy { other in
                guard let a = self[i].protocols, let b = other.protocols else { return false }
                return a.intersection(b).isEmpty
            }
        }
    }
}
