internal import Diagnostics
internal import FirewallIR
internal import PacketModel

/// Writes rules into chains of our table.
struct NFTEmitter {
    let acceptMark: AcceptMark?
    private(set) var refusals: [Diagnostic] = []
    var notes: [Diagnostic] = []
    private var names: NFTChainNames
    /// The places of the rules of the policy.
    private var places: [String: SourceLocation] = [:]
    var sets: NFTSets
    private var chains: [NFTChain] = []
    private var current = 0
    private var scope = ScopeState()

    /// What rules have to know of their scope.
    private struct ScopeState {
        var index = 0
        var hook = Scope.Hook.containers
    }

    init(acceptMark: AcceptMark?, names: NFTChainNames, isOptimized: Bool) {
        self.acceptMark = acceptMark
        self.names = names
        sets = NFTSets(isOptimized: isOptimized)
    }

    func document(_ name: String) -> NFTDocument {
        NFTDocument(
            table: NFTTable(name: name, sets: sets.all, maps: sets.maps, chains: chains), renamedChains: names.renamed,
            notes: notes,
            sources: NFTSources(elements: sets.sources, places: sets.sources.isEmpty ? [:] : places), plans: sets.plans)
    }

    mutating func refuse(_ rule: FirewallRule?, _ reason: String) {
        refusals.append(Diagnostic("not-in-nft", at: rule?.origin, "cannot be expressed in nft: \(reason)"))
    }

    /// Refuses chains that lie deeper than the kernel follows jumps.
    mutating func checkDepth() {
        guard let chain = NFTChainDepth.tooDeep(chains, sets.maps) else { return }
        refuse(
            nil,
            "\(NFTChainDepth.most) chains or more lead to the chain '\(chain.name)', one after the other, and the kernel follows \(NFTChainDepth.most - 1) jumps: write the rules of some of them where they are jumped to"
        )
    }

    private mutating func begin(_ name: String, hook: NFTChain.Hook? = nil) {
        chains.append(NFTChain(name: name, hook: hook, rules: []))
        current = chains.count - 1
    }

    mutating func append(_ statements: [NFTStatement], _ comment: String) {
        chains[current].rules.append(NFTRule(statements.withListedFamily, comment: comment))
    }

    // MARK: - Scopes

    /// Emits the chains of a scope.
    mutating func emit(_ scope: Scope, _ index: Int, before others: ArraySlice<Scope>) {
        self.scope = ScopeState(index: index, hook: scope.hook)
        if others.contains(where: { $0.hook == scope.hook && !$0.families.isDisjoint(with: scope.families) }) {
            refuse(nil, "two lists of rules for the hook '\(scope.hook.rawValue)' speak of the same packets")
            return
        }
        let base = base(of: scope)
        if sets.isOptimized {
            let count = scope.chains.reduce(0) { $1.rules.reduce($0) { $0 + max(1, $1.merged.count) } }
            places.reserveCapacity(places.count + count)
        }
        for chain in scope.chains {
            let isBase = base != nil && chain.name == scope.entry
            begin(names.name(chain.name, scope: index), hook: isBase ? base : nil)
            for source in chain.rules.lazy.flatMap(\.sources) where sets.isOptimized {
                places[source.id] = source.origin
            }
            if scope.hook == .proxied && chain.name == scope.entry {
                emit(socketsOf: scope, chain.rules)
            } else {
                emit(chain.rules)
            }
        }
    }

    /// Where the entry chain stands; `nil` if it is jumped to from a base chain, which is made here.
    private mutating func base(of scope: Scope) -> NFTChain.Hook? {
        if scope.hook == .proxied { return NFTChain.Hook(hook: "input", priority: -10, policy: "accept") }
        guard scope.hook != .containers else {
            if scope.policy == .accept {
                refuse(
                    nil, "'accept' as a policy would not be final, since Docker's own chains at the hook still judge")
            }
            if scope.policy == .drop && scope.families != .both {
                refuse(nil, "'drop' as a policy for one family would drop the packets of the other as well")
            }
            return NFTChain.Hook(hook: "forward", priority: -10, policy: scope.policy == .drop ? "drop" : "accept")
        }
        let hook = NFTChain.Hook(
            hook: scope.hook.rawValue, priority: 0, policy: scope.policy == .drop ? "drop" : "accept")
        if scope.hasOwnBase { return hook }
        dispatch(scope)
        return nil
    }

    /// Sends the packets of the scope's family to its entry chain; what comes back falls to its policy, and packets of the
    /// other family are left alone.
    private mutating func dispatch(_ scope: Scope) {
        let base = NFTChainNames.base(scope.hook)
        if let place = chains.firstIndex(where: { $0.name == base }) {
            current = place
        } else {
            begin(base, hook: NFTChain.Hook(hook: scope.hook.rawValue, priority: 0, policy: "accept"))
        }
        for family in scope.families.families {
            let match = NFTStatement.match(
                .meta(.nfproto), .equal, .keyword(family == .ip ? "ipv4" : "ipv6"))
            let name = "\(LowerToNFTables.commentPrefix)\(scope.hook.rawValue)-\(family.rawValue)"
            append([match, .jump(names.name(scope.entry, scope: self.scope.index))], name)
            if scope.policy == .drop { append([match, .drop], name + "-policy") }
        }
    }

    // MARK: - One rule

    private mutating func emit(_ rules: [FirewallRule]) {
        var next = 0
        while next < rules.count {
            let run = sets.isOptimized ? VerdictMapRun(rules, from: next) : nil
            if let run, emit(run) {
                next += run.rules.count
            } else {
                emit(rules[next])
                next += 1
            }
        }
    }

    mutating func emit(_ rule: FirewallRule) {
        if sets.isOptimized && rule.isUnion { return emitUnion(rule) }
        let comment = NFTComment(rule)
        notes += comment.notes
        do {
            try checkMark(of: rule)
            let action = try LowerEffects.effects(of: rule) + verdict(of: rule)
            if action.isEmpty && rule.allGuards.isEmpty { return }
            for part in rule.familyParts {
                let stages = try lower(part, purpose: rule.verdict.purpose)
                emit(
                    stages, Action(action.map { $0.answering(part.family) }, of: rule),
                    "\(rule.id)-\(part.family?.rawValue ?? "inet")", comment.text)
            }
        } catch {
            refuse(rule, error.reason)
        }
    }

    /// A stage in nft's own words: lines, any of which has to be met, and the guards behind them.
    private struct Stage {
        var lines: [[NFTStatement]]
        var guards: [NFTStatement]
        /// Whether a packet meets one line at most: they are made of one box.
        var isDisjoint: Bool
    }

    /// What is done behind all stages.
    private struct Action {
        var statements: [NFTStatement]
        /// Whether it must not be done twice for one packet: the rules behind it are asked as well.
        var isOnce: Bool
        /// Whether it leaves the chain for another or for the one that it came from.
        var leavesChain: Bool

        init(_ statements: [NFTStatement], of rule: FirewallRule) {
            self.statements = statements
            switch rule.verdict {
            case .goto, .return: (isOnce, leavesChain) = (false, true)
            default: (isOnce, leavesChain) = (!rule.verdict.isFinal, false)
            }
        }
    }

    private mutating func lower(_ part: FamilyPart, purpose: String) throws(NFTRefusal) -> [Stage] {
        var stages: [Stage] = []
        let task = LowerBox.Task(part.family, purpose: purpose)
        for stage in part.stages {
            for test in stage.condition.flatMap(\.addressTypes) { try check(test) }
            var lines: [[NFTStatement]] = []
            for box in stage.condition { lines += try LowerBox.lower(box, task, sets: &sets) }
            let opaque = try LowerEffects.lower(stage.opaque)
            stages.append(
                Stage(
                    lines: lines.map { $0 + opaque }, guards: try LowerEffects.lower(stage.guards),
                    isDisjoint: stage.condition.count <= 1))
        }
        return stages
    }

    /// Neither engine has an interface where packets have none (`nft_fib_validate`).
    func check(_ test: AddressTypeTest) throws(NFTRefusal) {
        guard scope.hook == .input && test.interface == .out || scope.hook == .output && test.interface == .in else {
            return
        }
        throw NFTRefusal(
            reason:
                "an address type cannot be limited to the \(test.interface == .in ? "incoming" : "outgoing") interface at the hook '\(scope.hook.rawValue)'"
        )
    }

    /// Writes a rule: on lines of its own where each can do all that is to be done, otherwise in chains.
    private mutating func emit(_ stages: [Stage], _ action: Action, _ suffix: String, _ comment: String) {
        let first = Run(stages[...])
        guard let stage = stages.first else { return }
        let mayRepeat = first.guards.isEmpty && (stage.isDisjoint || !action.isOnce)
        if first.rest.isEmpty && (stage.lines.count <= 1 || mayRepeat) {
            for line in stage.lines { append(line + first.guards + action.statements, comment) }
        } else if action.leavesChain {
            emitBeforeRest(stages, action, suffix, comment)
        } else {
            // Guards are asked, and effects happen, once for a packet, in whichever lines it is.
            let any = names.fresh("any-\(suffix)")
            append([.jump(any)], comment)
            let before = current
            begin(any)
            emitChains(stages[...], action, suffix, comment, behind: nil)
            current = before
        }
    }

    /// Writes a rule that leaves the chain.
    ///
    /// The rules behind it move to a chain of their own, to which all of it goes that does not leave. Nothing is jumped to, so
    /// that leaving is leaving the chain.
    private mutating func emitBeforeRest(
        _ stages: [Stage], _ action: Action, _ suffix: String, _ comment: String
    ) {
        let rest = names.fresh("rest-\(suffix)")
        emitChains(stages[...], action, suffix, comment, behind: .goto(rest))
        begin(rest)
    }

    /// Writes the lines of a stage into the current chain, and what follows them into further ones.
    ///
    /// `behind` says how packets come behind the rule; `nil` if the end of the chains does it.
    private mutating func emitChains(
        _ stages: ArraySlice<Stage>, _ action: Action, _ suffix: String, _ comment: String, behind: NFTStatement?
    ) {
        guard let stage = stages.first else { return }
        let run = Run(stages)
        let isInline = stage.lines.count <= 1 && run.rest.isEmpty
        let next = isInline ? "" : names.fresh("do-\(suffix)")
        for line in stage.lines {
            append(isInline ? line + run.guards + action.statements : line + [.goto(next)], comment)
        }
        if let behind { append([behind], comment) }
        if isInline { return }
        begin(next)
        if run.rest.isEmpty {
            append(run.guards + action.statements, comment)
            if let behind { append([behind], comment) }
            return
        }
        let any = names.fresh("any-\(suffix)")
        append(run.guards + [.goto(any)], comment)
        if let behind { append([behind], comment) }
        begin(any)
        emitChains(run.rest, action, suffix, comment, behind: behind)
    }

    /// The guards of a stage, with all stages behind it that are one line each, and the stages behind these.
    private struct Run {
        var guards: [NFTStatement] = []
        var rest: ArraySlice<Stage>

        init(_ stages: ArraySlice<Stage>) {
            guards = stages.first?.guards ?? []
            rest = stages.dropFirst()
            while let next = rest.first, next.lines.count == 1 {
                guards += next.lines[0] + next.guards
                rest = rest.dropFirst()
            }
        }
    }

    // MARK: - Verdicts and marks

    func verdict(of rule: FirewallRule) throws(NFTRefusal) -> [NFTStatement] {
        switch rule.verdict {
        case .next: return []
        case .leave: return [.accept]
        case .accept: return try accept()
        case .drop: return [.drop]
        case .reject(let kind): return [kind.statement]
        case .queue:
            throw NFTRefusal(
                reason:
                    "packets that a program lets through go on at other places than with iptables' NFQUEUE: leave the rule to iptables"
            )
        case .jump(let chain): return [.jump(names.name(chain, scope: scope.index))]
        case .goto(let chain): return [.goto(names.name(chain, scope: scope.index))]
        case .return: return [.return]
        }
    }

    private func accept() throws(NFTRefusal) -> [NFTStatement] {
        guard scope.hook == .containers else { return [.accept] }
        guard let acceptMark else {
            throw NFTRefusal(
                reason:
                    "'Accept' would not be final, since Docker's own chains at the hook still judge: configure a mark that Docker accepts (dockerd --bridge-accept-fwmark=VALUE/MASK, or '-I DOCKER-USER -m mark --mark VALUE/MASK -j ACCEPT' with older engines) and name it with --accept-mark VALUE/MASK, or use 'Allow'"
            )
        }
        return [.setMark(value: acceptMark.value, mask: acceptMark.mask), .accept]
    }

    /// No rule may set the mark that Docker accepts.
    ///
    /// What it lets through would be accepted, whatever its verdict. To ask for
    /// bits of it is exact, as it is set last; but whoever keeps marks of connections brings it back (docs/decisions/0015).
    mutating func checkMark(of rule: FirewallRule) throws(NFTRefusal) {
        guard let acceptMark, scope.hook == .containers else { return }
        guard rule.effects.allSatisfy({ $0.keeps(acceptMark) }) else {
            throw NFTRefusal(reason: "the rule changes bits of the mark that --accept-mark reserves for Docker")
        }
        let read = rule.allStages.flatMap(\.condition).flatMap(\.mark).reduce(0) { $0 | $1.mask }
        guard read & acceptMark.mask != 0 else { return }
        notes.append(
            Diagnostic(
                "accept-mark-read", .warning, at: rule.origin,
                "the rule asks for bits of the mark that --accept-mark sets on packets that Docker is to accept: the same, unless something keeps marks of connections and restores them (CONNMARK)"
            ))
    }
}

extension Effect {
    /// Whether a packet does not bear the mark that Docker accepts behind it, unless it bore it before.
    fileprivate func keeps(_ accepted: AcceptMark) -> Bool {
        switch self {
        case .setMark(let value, let mask):
            value & accepted.mask == 0 && [0, accepted.mask].contains(mask & accepted.mask)
        case .connectionMark(.restore(let connectionMask, let packetMask)):
            (connectionMask | packetMask) & accepted.mask == 0
        default: true
        }
    }
}

extension [NFTStatement] {
    /// The same with the family as what it is not, in front of a TCP reset: nft 1.0.6 leaves out of its listings what it is.
    fileprivate var withListedFamily: [NFTStatement] {
        guard last == RejectKind.tcpReset.statement else { return self }
        return map { statement in
            switch statement {
            case .match(.meta(.nfproto), .equal, .keyword("ipv4")):
                .match(.meta(.nfproto), .notEqual, .keyword("ipv6"))
            case .match(.meta(.nfproto), .equal, .keyword("ipv6")):
                .match(.meta(.nfproto), .notEqual, .keyword("ipv4"))
            default: statement
            }
        }
    }
}

extension NFTStatement {
    /// The same answer by its name in a family: under one alone, nft lists the answer for both as its default there.
    func answering(_ family: AddressFamily?) -> NFTStatement {
        guard let family, self == RejectKind.portUnreachable.statement else { return self }
        return .reject(type: family == .ip ? "icmp" : "icmpv6", code: "port-unreachable")
    }
}
