internal import FirewallIR
internal import PacketModel
internal import Seawall

/// A rule of a scope in the words of the language: services, addresses, ports.
enum HighLevelRule {
    /// The rule, if its boxes ask for nothing else.
    ///
    /// - Parameters:
    ///   - folded: the rule.
    ///   - boxes: its boxes without what the scope says.
    ///   - families: the families of the block.
    /// - Returns: the rule; `nil` if it asks for something else.
    static func of(_ folded: FoldedRule, _ boxes: [Box], in families: FamilySet) -> RuleNode? {
        guard folded.rule.isSayable, let first = boxes.first else { return nil }
        var stripped = folded
        stripped.rule.condition = [Box().with { $0.families = families }]
        var node = RuleNode(stripped, in: families)
        guard node.effects.isEmpty, node.matches.isEmpty, node.verdict != .next else { return nil }
        node.isLowLevel = false
        let parts = boxes.map { Part($0.withConsistentConntrack) }
        guard parts.allSatisfy({ $0.rest == parts[0].rest && $0.isPlain(in: families) }) else { return nil }
        node.services = parts.compactMap { $0.service(in: families) }
        guard node.services.count == parts.count || parts.count == 1 && parts[0].asksForNoService else { return nil }
        node.from = first.source.map { AddressExpression($0) } ?? .any
        node.containerAddress = first.destination.map { AddressExpression($0) } ?? .any
        node.to = first.originalDestination.map { AddressExpression($0.values) } ?? .any
        node.containerPort = first.destinationPort.map { PortExpression(set: $0.values) } ?? .any
        let isAll = node.services.isEmpty && node.from.isAny && node.to.isAny && node.containerPort.isAny
        node.isDefault = isAll && node.containerAddress.isAny && node.verdict != .log
        return node
    }
}

/// What one box of a rule asks for: a service, and all else.
private struct Part {
    /// The protocol, and the ports or messages.
    var proto: IntervalSet<UInt8>?
    var ports: Presence<IntervalSet<UInt16>>?
    var icmp: Presence<IntervalSet<UInt16>>?
    var families: FamilySet
    /// The box without them, in both families.
    var rest: Box

    init(_ box: Box) {
        proto = box.protocols
        ports = box.originalDestinationPort
        icmp = box.icmp
        families = box.families
        rest = box.with {
            $0.protocols = nil
            $0.originalDestinationPort = nil
            $0.icmp = nil
            $0.families = .both
        }
    }

    var asksForNoService: Bool { proto == nil && ports == nil && icmp == nil }

    /// Whether the rest is what the parameters of a rule say.
    func isPlain(in block: FamilySet) -> Bool {
        let sayable = Box().with {
            $0.source = rest.source
            $0.destination = rest.destination
            $0.originalDestination = rest.originalDestination
            $0.destinationPort = rest.destinationPort
        }
        return rest == sayable && rest.originalDestination?.allowsAbsent != true
            && rest.destinationPort?.allowsAbsent != true && (families == block || service(in: block) != nil)
    }

    /// The service; `nil` if it is none that the language has.
    func service(in block: FamilySet) -> ServiceNode? {
        guard let number = proto?.single, ports?.allowsAbsent != true, icmp?.allowsAbsent != true else { return nil }
        let proto = IPProtocol(rawValue: number)
        if proto == .icmp || proto == .icmpv6 {
            let own: FamilySet = proto == .icmp ? .ip : .ip6
            guard ports == nil, families == own else { return nil }
            guard let icmp else { return ServiceNode(protocolName: proto.name) }
            return message(icmp.values).map { ServiceNode(protocolName: proto.name, icmp: $0) }
        }
        guard icmp == nil, families == block, ports == nil || proto.hasPorts else { return nil }
        return ServiceNode(protocolName: proto.name, ports: ports.map { PortExpression(set: $0.values) } ?? .any)
    }

    /// One message, or one type with all its codes.
    private func message(_ values: IntervalSet<UInt16>) -> ICMPNode? {
        guard values.intervals.count == 1 else { return nil }
        let interval = values.intervals[0]
        let type = Int(interval.lowerBound >> 8)
        if interval.count == 1 { return ICMPNode(type: type, code: Int(interval.lowerBound & 255)) }
        let isWhole = interval.lowerBound & 255 == 0 && interval.upperBound == interval.lowerBound | 255
        return isWhole ? ICMPNode(type: type, code: nil) : nil
    }
}

extension FirewallRule {
    /// Whether a rule of a scope has words for its verdict and for what it does.
    fileprivate var isSayable: Bool {
        switch verdict {
        case .leave, .accept, .drop, .reject: break
        case .next: guard effects.count == 1 else { return false }
        case .jump, .goto, .return, .queue: return false
        }
        return stages.isEmpty
            && effects.allSatisfy { if case .log(_, _, let flags) = $0 { flags.isEmpty } else { false } }
    }
}
