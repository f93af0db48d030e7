internal import Diagnostics
internal import FirewallIR
internal import PacketModel

/// Makes the twin of one scope.
struct TwinScope {
    private(set) var refusals: [Diagnostic] = []
    private let scope: Scope
    private let sockets: ProxySockets
    private let boxes: ProxiedBoxes
    /// The name of the first chain, of the one with the policy, and what those of the scope are called in the twin.
    private let entry: String
    private let policyName: String
    private let names: [String: String]
    private var identifiers: StableNames

    /// The twin of a scope, whose chains bear names besides those that are taken.
    init(_ scope: Scope, _ sockets: ProxySockets, _ taken: inout Set<String>) {
        self.scope = ResolveReturns.run(scope)
        self.sockets = sockets
        boxes = ProxiedBoxes(sockets: sockets)
        entry = Self.unused("proxied", &taken)
        policyName = Self.unused("proxied-policy", &taken)
        var names: [String: String] = [:]
        for chain in scope.chains { names[chain.name] = Self.unused("proxied-\(chain.name)", &taken) }
        self.names = names
        identifiers = StableNames(taken: Set(scope.chains.flatMap(\.rules).map(\.id)))
    }

    private static func unused(_ wanted: String, _ taken: inout Set<String>) -> String {
        var name = wanted
        var count = 1
        while !taken.insert(name).inserted {
            count += 1
            name = "\(wanted)-\(count)"
        }
        return name
    }

    /// The twin; `nil` if no packet to a socket could be treated by it.
    mutating func run() -> Scope? {
        let judging = names[scope.entry] ?? scope.entry
        var chains: [Chain] = []
        for chain in reached(from: scope.entry, in: scope.chains) {
            var rules: [FirewallRule] = []
            for rule in chain.rules { rules += atInput(rule) }
            chains.append(Chain(name: names[chain.name] ?? chain.name, rules: rules))
        }
        chains = reached(from: judging, in: chains)
        let gate = sockets.boxes(scope.families)
        let isDropping = scope.policy == .drop
        guard !gate.isEmpty, isDropping || chains.contains(where: { !$0.rules.isEmpty }) else { return nil }
        if isDropping { chains.insert(policyChain(judging), at: 0) }
        let loopback = everything.with { $0.inInterface = InterfaceSet([.exact("lo")]) }
        let rules = [
            FirewallRule(id: identifiers.unused("proxied lo"), origin: origin, condition: [loopback], verdict: .leave),
            FirewallRule(
                id: identifiers.unused("proxied sockets"), origin: origin, condition: gate,
                verdict: .goto(chains[0].name)),
        ]
        return Scope(
            hook: .proxied, families: scope.families, entry: entry,
            chains: [Chain(name: entry, rules: rules)] + chains)
    }

    private var everything: Box { Box().with { $0.families = scope.families } }

    /// What becomes of packets that no rule decides, wherever they return from.
    private mutating func policyChain(_ judging: String) -> Chain {
        let rules: [FirewallRule] = [("proxied rules", .jump(judging)), ("proxied policy", .drop)].map {
            name, verdict in
            FirewallRule(id: identifiers.unused(name), origin: origin, condition: [everything], verdict: verdict)
        }
        return Chain(name: policyName, rules: rules)
    }

    private var origin: SourceLocation {
        scope.chains.lazy.flatMap(\.rules).first?.origin ?? SourceLocation(file: scope.entry)
    }

    /// The chains to which packets come, in their order.
    private func reached(from first: String, in chains: [Chain]) -> [Chain] {
        let rules = Dictionary(chains.map { ($0.name, $0.rules) }) { first, _ in first }
        var found: Set<String> = [first]
        var open = [first]
        while let name = open.popLast() {
            open += (rules[name] ?? []).compactMap(\.verdict.target).filter { found.insert($0).inserted }
        }
        return chains.filter { $0.name == first } + chains.filter { $0.name != first && found.contains($0.name) }
    }

    // MARK: - One rule

    /// What a rule is at input: nothing, itself, or itself and what answers clients of the other family.
    private mutating func atInput(_ rule: FirewallRule) -> [FirewallRule] {
        do {
            guard var twin = try mapped(rule) else { return [] }
            try check(rule.allStages.flatMap(\.opaque))
            twin.stages = try rule.stages.map { stage throws(TwinRefusal) in
                var stage = stage
                stage.condition = try mapped(stage.condition)
                return stage
            }
            twin.effects.removeAll { if case .module("TCPMSS", _) = $0 { true } else { false } }
            switch rule.verdict {
            case .accept: twin.verdict = .leave
            case .jump(let chain): twin.verdict = .jump(names[chain] ?? chain)
            case .goto(let chain): twin.verdict = .goto(names[chain] ?? chain)
            case .reject(let kind): return answers(twin, kind)
            default: break
            }
            return [twin]
        } catch {
            refusals.append(
                Diagnostic(
                    "not-at-input", at: rule.origin,
                    "the rule cannot hold for connections that docker-proxy accepts: \(error.reason)"))
            return []
        }
    }

    /// The rule for packets to sockets; `nil` if it matches none.
    private func mapped(_ rule: FirewallRule) throws(TwinRefusal) -> FirewallRule? {
        var twin = rule
        twin.condition = []
        twin.merged = []
        var next = 0
        for source in rule.sources {
            var own = try mapped(Array(rule.condition[next..<(next + source.boxes)]))
            if case .reject(let kind) = rule.verdict { own = own.flatMap { $0.divided(at: kind.families) } }
            next += source.boxes
            twin.condition += own
            guard !rule.merged.isEmpty, !own.isEmpty else { continue }
            var source = source
            source.boxes = own.count
            twin.merged.append(source)
        }
        return twin.condition.isEmpty ? nil : twin
    }

    private func mapped(_ condition: [Box]) throws(TwinRefusal) -> [Box] {
        var found: [Box] = []
        for box in condition { found += try boxes.boxes(box) }
        return found
    }

    /// A rule whose answer may not exist in the family of a client that dialled a container of the other family.
    ///
    /// Such a client is told that it is not allowed, in its own family's words.
    private mutating func answers(_ rule: FirewallRule, _ kind: RejectKind) -> [FirewallRule] {
        func part(_ isOwn: Bool) -> FirewallRule {
            let lives = rule.condition.map { kind.families.isSuperset(of: $0.possibleFamilies) == isOwn }
            return rule.keeping(lives)
        }
        var other = part(false)
        guard !other.condition.isEmpty else { return [rule] }
        other.verdict = .reject(.adminProhibited)
        let own = part(true)
        guard !own.condition.isEmpty else { return [other] }
        other.id = identifiers.unused("proxied answer \(rule.id)")
        return [own, other]
    }

    /// Refuses matches of iptables that ask where a packet goes, in words that nothing here reads.
    private func check(_ matches: [OpaqueMatch]) throws(TwinRefusal) {
        for match in matches {
            guard case .module(let name, let options) = match.positive, asksForDestination(name, options) else {
                continue
            }
            throw TwinRefusal(
                reason:
                    "the match '\(name)' asks where a packet goes, or for bytes of its header, and these are others before a translation"
            )
        }
    }

    private func asksForDestination(_ name: String, _ options: [String]) -> Bool {
        switch name {
        case "u32", "bpf": true
        case "set": options.contains { $0.split(separator: ",").contains("dst") }
        case "physdev":
            options.contains { $0 == "--physdev-out" || $0 == "--physdev-is-out" || $0 == "--physdev-is-bridged" }
        case "policy": options.contains("out")
        default: false
        }
    }
}

extension Box {
    /// The box, or what it is in some families and in the others where packets of both may be in it.
    fileprivate func divided(at families: FamilySet) -> [Box] {
        guard !families.isSuperset(of: possibleFamilies), !families.isDisjoint(with: possibleFamilies) else {
            return [self]
        }
        return possibleFamilies.families.compactMap { restricted(to: $0) }
    }
}

extension OpaqueMatch {
    /// The match without its sign.
    fileprivate var positive: OpaqueMatch { if case .not(let inner) = self { inner } else { self } }
}
