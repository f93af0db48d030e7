internal import Diagnostics
internal import FirewallIR
internal import PacketModel
internal import Seawall

extension PolicyResolver {
    /// The boxes of a rule: the scope's box, narrowed by all that the rule says, once for each protocol that it names.
    ///
    /// - Parameters:
    ///   - node: the rule.
    ///   - matches: which of its low-level conditions; all unless they are given.
    ///   - scope: the scope's box.
    ///   - name: what messages call the rule.
    ///   - asksForProtocol: whether ports of the packet need a protocol; behind a guard it may stand before it.
    /// - Returns: the boxes; none if something is wrong, or if a file that may be empty is.
    mutating func condition(
        of node: RuleNode, _ matches: [MatchNode]? = nil, in scope: Box, called name: String = "the rule",
        asksForProtocol: Bool = true
    ) -> [Box] {
        let errors = diagnostics.count
        mayMatchNothing = scope.isEmpty
        var box = scope
        let from = addresses(node.from, at: node.location)
        let to = addresses(node.to, at: node.location)
        let containerAddress = addresses(node.containerAddress, at: node.location)
        let containerPort = ports(node.containerPort, at: node.location)
        box.source = meet(box.source, from)
        box.destination = meet(box.destination, containerAddress)
        if let to { box.originalDestination = Presence(to) }
        let narrowed = boxes(matches ?? node.matches, in: box, at: node.location)
        var boxes = services(node.services, at: node.location).flatMap { service in narrowed.map(service.narrowing) }
        if node.services.isEmpty { boxes = narrowed }
        if let containerPort {
            boxes = boxes.map { $0.with { $0.destinationPort = meet($0.destinationPort, Presence(containerPort)) } }
        }
        guard diagnostics.count == errors else { return [] }
        for box in boxes where asksForProtocol && box.lacksPorts {
            report(
                "port-without-protocol", at: node.location,
                "a port of the packet is asked for, but not every protocol of \(name) has ports: name .tcp, .udp or .sctp"
            )
            return []
        }
        let possible = boxes.map(\.withConsistentConntrack).filter { !$0.isEmpty }
        if possible.isEmpty && !mayMatchNothing { reportImpossible(node, from: from, to: to, boxes: boxes, name) }
        return possible
    }

    private mutating func reportImpossible(
        _ node: RuleNode, from: IPAddressSet?, to: IPAddressSet?, boxes: [Box], _ rule: String
    ) {
        let families = boxes.reduce(FamilySet()) { $0.union($1.families) }
        for (name, expression, set) in [("from:", node.from, from), ("to:", node.to, to)] {
            guard let set, families != .both, set.families.isDisjoint(with: families) else { continue }
            let text = expression.firstText ?? "the set"
            report(
                "family-mismatch", at: node.location,
                "\(rule) can never match: \(name) '\(text)' is \(set.families.displayName), and the rest of \(rule) is \(families.displayName) only",
                literal: expression.firstText)
            return
        }
        if let from, let to, from.families.isDisjoint(with: to.families) {
            report(
                "family-mismatch", at: node.location,
                "\(rule) can never match: from: is \(from.families.displayName), and to: is \(to.families.displayName)",
                literal: node.from.firstText)
            return
        }
        report("never-matches", at: node.location, "\(rule) can never match: its conditions exclude each other")
    }
}

extension FamilySet {
    var displayName: String { families.map(\.displayName).joined(separator: " and ") }
}

extension AddressExpression {
    /// The first address as written.
    fileprivate var firstText: String? {
        leaves.lazy.compactMap { if case .text(let text) = $0 { text } else { nil } }.first
    }
}

extension Box {
    /// Whether a port is asked for that some protocol of the box has not.
    fileprivate var lacksPorts: Bool {
        guard sourcePort?.allowsAbsent == false || destinationPort?.allowsAbsent == false else { return false }
        guard let protocols else { return true }
        return protocols.intervals.contains { $0.contains { !IPProtocol(rawValue: $0).hasPorts } }
    }
}

/// What two restrictions of one field leave.
func meet(_ a: IPAddressSet?, _ b: IPAddressSet?) -> IPAddressSet? {
    guard let a, let b else { return a ?? b }
    return a.intersection(b)
}

/// What two restrictions of one field leave.
func meet<Value>(_ a: IntervalSet<Value>?, _ b: IntervalSet<Value>?) -> IntervalSet<Value>? {
    guard let a, let b else { return a ?? b }
    return a.intersection(b)
}

/// What two restrictions of one field leave.
func meet<Value>(_ a: Presence<IntervalSet<Value>>?, _ b: Presence<IntervalSet<Value>>) -> Presence<IntervalSet<Value>>
{
    guard let a else { return b }
    return Presence(a.values.intersection(b.values), allowsAbsent: a.allowsAbsent && b.allowsAbsent)
}

/// What two restrictions of one field leave.
func meet(_ a: Presence<IPAddressSet>?, _ b: Presence<IPAddressSet>) -> Presence<IPAddressSet> {
    guard let a else { return b }
    return Presence(a.values.intersection(b.values), allowsAbsent: a.allowsAbsent && b.allowsAbsent)
}
