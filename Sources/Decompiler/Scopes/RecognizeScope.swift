internal import Compiler
internal import FirewallIR
internal import PacketModel
internal import Seawall

/// Finds rules that are those of an `Inbound`, `Outbound` or `Between`: what a scope keeps from being judged, and rules
/// for the same interfaces behind it.
///
/// What is found is compiled, and used only if that gives the same rules.
struct RecognizeScope {
    let families: FamilySet
    /// The names of the chains of the block.
    let chains: [String]

    /// A scope, and how many rules it stands for.
    struct Found {
        var scope: ScopeNode
        /// The rules that the scope itself adds.
        var own: [FoldedRule]
        /// The rules in it, in their order.
        var rules: [FoldedRule]
    }

    /// The scope that begins with the first of some rules, if there is one.
    func find(in rules: ArraySlice<FoldedRule>) -> Found? {
        guard let first = rules.first, let base = base(of: first) else { return nil }
        var scope = ScopeNode(base, at: NodeLocation(first.rule.origin))
        var rest = rules.dropFirst()
        scope.related = treatment(&rest, relatedErrors(in: base))
        scope.invalid = treatment(&rest, [base.with { $0.state = .invalid }])
        scope.untracked = treatment(&rest, [base.with { $0.state = .untracked }])
        if scope.kind == .inbound { scope.direct = treatment(&rest, [base.direct]) }
        let children = rest.prefix { $0.rule.condition.allSatisfy { $0.isWithin(base) } && !$0.rule.condition.isEmpty }
        guard !children.isEmpty else { return nil }
        scope.children = children.map { .rule(child($0, base)) }
        let own = rules[..<children.startIndex]
        guard isSame(scope, rules[..<children.endIndex]) else {
            scope.children = children.map { .rule(lowLevel($0, base)) }
            guard isSame(scope, rules[..<children.endIndex]) else { return nil }
            return Found(scope: scope, own: Array(own), rules: Array(children))
        }
        return Found(scope: scope, own: Array(own), rules: Array(children))
    }

    // MARK: - What a scope adds

    /// The packets of a scope, if a rule lets its replies leave.
    private func base(of folded: FoldedRule) -> Box? {
        let rule = folded.rule
        guard rule.isPure, rule.verdict == .leave, rule.condition.count == 1 else { return nil }
        var base = rule.condition[0].withConsistentConntrack
        guard base.direction == Presence(.reply) else { return nil }
        base.direction = nil
        guard base.inInterface != nil || base.outInterface != nil else { return nil }
        let plain = Box().with {
            $0.families = families
            $0.inInterface = base.inInterface
            $0.outInterface = base.outInterface
            $0.source = base.inInterface == nil ? base.source : nil
        }
        return base == plain ? base : nil
    }

    private func relatedErrors(in base: Box) -> [Box] {
        [(FamilySet.ip, IPProtocol.icmp), (.ip6, .icmpv6)].filter { families.contains($0.0) }.map { family, proto in
            base.with {
                $0.families = family
                $0.protocols = IntervalSet(proto.rawValue)
                $0.state = .related
            }
        }.filter { !$0.isEmpty }
    }

    /// What becomes of packets before the rules of the scope; the rule that says it is taken off.
    private func treatment(_ rules: inout ArraySlice<FoldedRule>, _ packets: [Box]) -> ScopeNode.Treatment {
        guard let rule = rules.first?.rule, rule.isPure, rule.comment == nil else { return .judge }
        let own = rule.condition.map { BoxConditions.of($0, in: families) }
        guard own == packets.map({ BoxConditions.of($0, in: families) }) else { return .judge }
        switch rule.verdict {
        case .leave:
            rules.removeFirst()
            return .pass
        case .drop:
            rules.removeFirst()
            return .drop
        default: return .judge
        }
    }

    // MARK: - The rules in it

    private func child(_ folded: FoldedRule, _ base: Box) -> RuleNode {
        HighLevelRule.of(folded, folded.rule.condition.map { $0.without(base) }, in: families)
            ?? lowLevel(folded, base)
    }

    private func lowLevel(_ folded: FoldedRule, _ base: Box) -> RuleNode {
        var inner = folded
        inner.rule.condition = folded.rule.condition.map { $0.without(base) }
        return RuleNode(inner, in: families)
    }

    // MARK: - Whether it is the same

    private func isSame(_ scope: ScopeNode, _ rules: ArraySlice<FoldedRule>) -> Bool {
        let origin = scope.location
        let stubs = chains.map { PolicyNode.chain(ChainNode(at: origin, $0, children: [])) }
        let block = BlockNode(
            at: origin, .containers, families: families.names, policy: .allow, children: [.scope(scope)] + stubs)
        let document = PolicyDocument(policy: "Candidate", content: [.block(block)])
        guard let output = try? CompilePolicy.run(document), let made = output.ruleset.scopes.first?.chains.first else {
            return false
        }
        return made.rules.map { Meaning($0, in: families) }
            == rules.flatMap { $0.written.map { Meaning($0, in: families) } }
    }

    /// All that a rule says, in one form.
    private struct Meaning: Equatable {
        var matches: [MatchNode]
        var effects: [Effect]
        var verdict: Verdict

        init(_ rule: FirewallRule, in families: FamilySet) {
            matches = RuleConditions.of(rule, in: families)
            effects = rule.effects
            verdict = rule.verdict
        }
    }
}

extension ScopeNode {
    /// The scope of some packets, which judges them all.
    fileprivate init(_ base: Box, at location: NodeLocation) {
        let isBetween = base.inInterface?.isBridges == true && base.outInterface?.isBridges == true
        self.init(
            at: location, base.inInterface == nil ? .outbound : isBetween ? .between : .inbound,
            in: base.inInterface.map { InterfaceExpression($0) } ?? .any,
            out: base.outInterface.map { InterfaceExpression($0) } ?? .any,
            from: base.source.map { AddressExpression($0) } ?? .any, children: [])
    }
}

extension InterfaceSet {
    /// Whether all of them look like bridges of Docker's.
    fileprivate var isBridges: Bool {
        !isNegated && patterns.allSatisfy { $0.description.hasPrefix("br-") || $0.description.hasPrefix("docker") }
    }
}

extension FirewallRule {
    /// Whether nothing but fields of the packet is asked, and nothing is done.
    fileprivate var isPure: Bool { opaque.isEmpty && guards.isEmpty && stages.isEmpty && effects.isEmpty }
}

extension FoldedRule {
    /// The rules that the compiler makes of it: two if its log line has a rate of its own.
    fileprivate var written: [FirewallRule] {
        guard let logLimit else { return [rule] }
        var logging = rule
        logging.guards = [.limit(logLimit)]
        logging.verdict = .next
        var last = rule
        last.effects = []
        return [logging, last]
    }
}

extension Box {
    /// A changed copy.
    func with(_ change: (inout Box) -> Void) -> Box {
        var copy = self
        change(&copy)
        return copy
    }

    /// The packets that were routed straight to a container.
    fileprivate var direct: Box {
        with { $0.status = Presence([MaskedTest(mask: ConntrackStatus.dnat.rawValue, value: 0)]) }
    }

    /// Whether the box asks for the interfaces of a scope, and for nothing that the scope leaves out.
    fileprivate func isWithin(_ base: Box) -> Bool {
        guard inInterface == base.inInterface || base.inInterface == nil,
            outInterface == base.outInterface || base.outInterface == nil
        else { return false }
        guard let all = base.source else { return true }
        return source.map { $0.intersection(all) == $0 } ?? false
    }

    /// The box without what its scope says.
    fileprivate func without(_ base: Box) -> Box {
        with {
            if base.inInterface != nil { $0.inInterface = nil }
            if base.outInterface != nil { $0.outInterface = nil }
            if base.source == source { $0.source = nil }
        }
    }
}

extension FamilySet {
    /// The names of the families of a block; none for both.
    var names: [String] { self == .both ? [] : families.map(\.rawValue) }
}
