internal import Diagnostics
internal import FirewallIR
internal import PacketModel
internal import Seawall

/// What the rules in a scope have in common.
struct ScopeContext {
    /// The packets of the scope.
    var box: Box
    /// The rules before those of the scope: what is not judged, and what is treated by name.
    var prelude: [FirewallRule]
    /// The rules of the prelude that were asked for by name.
    var special: [FirewallRule]
}

extension PolicyResolver {
    /// A scope as the box of its packets and the rules that keep some of them from being judged.
    ///
    /// Replies and related ICMP errors *leave*: they are handed on at once, so that no rule behind has to exclude them.
    mutating func resolve(_ scope: ScopeNode) -> ScopeContext? {
        let errors = diagnostics.count
        mayMatchNothing = false
        var box = blockBox
        box.inInterface = interfaces(scope.inInterface, at: scope.location)
        box.outInterface = interfaces(scope.outInterface, at: scope.location)
        box.source = addresses(scope.from, at: scope.location)
        guard diagnostics.count == errors else { return nil }
        guard !box.isEmpty || mayMatchNothing else {
            report("never-matches", at: scope.location, "the scope holds no packet: its conditions exclude each other")
            return nil
        }

        var reply = box
        reply.direction = Presence(.reply)
        var special: [FirewallRule] = []
        var prelude = [rule(scope, "r", [reply], .leave)]
        func treat(_ treatment: ScopeNode.Treatment, _ suffix: String, _ boxes: [Box], isUsual: ScopeNode.Treatment) {
            guard treatment != .judge else { return }
            let treated = rule(scope, suffix, boxes, treatment == .pass ? .leave : .drop)
            prelude.append(treated)
            if treatment != isUsual { special.append(treated) }
        }
        treat(scope.related, "e", relatedErrors(in: box), isUsual: .pass)
        treat(scope.invalid, "i", [box.with { $0.state = .invalid }], isUsual: .judge)
        treat(scope.untracked, "u", [box.with { $0.state = .untracked }], isUsual: .judge)
        let dnat = ConntrackStatus.dnat.rawValue
        treat(
            scope.direct, "d", [box.with { $0.status = Presence([MaskedTest(mask: dnat, value: 0)]) }], isUsual: .judge)
        return ScopeContext(box: box, prelude: prelude, special: special)
    }

    private func rule(_ scope: ScopeNode, _ suffix: String, _ boxes: [Box], _ verdict: Verdict) -> FirewallRule {
        FirewallRule(
            id: scope.id + suffix, origin: SourceLocation(scope.location), condition: boxes.filter { !$0.isEmpty },
            verdict: verdict)
    }

    private func relatedErrors(in box: Box) -> [Box] {
        [(FamilySet.ip, IPProtocol.icmp), (.ip6, .icmpv6)].map { family, proto in
            box.with {
                $0.families.formIntersection(family)
                $0.protocols = IntervalSet(proto.rawValue)
                $0.state = .related
            }
        }.filter { !$0.isEmpty }
    }
}

extension Box {
    /// A changed copy.
    func with(_ change: (inout Box) -> Void) -> Box {
        var copy = self
        change(&copy)
        return copy
    }
}
