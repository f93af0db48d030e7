internal import FirewallIR
internal import PacketModel

/// What a box says about the fields by which rules for different services usually differ: a superset of its packets.
struct PortFootprint: Hashable {
    var families: FamilySet
    var protocols: IntervalSet<UInt8>?
    var ports: IntervalSet<UInt16>?
    var interface: InterfaceSet?
    var state: ConntrackStateSet
    var direction: ConntrackDirectionSet

    /// The footprint of a box.
    ///
    /// A packet without a conntrack entry has neither port nor direction; it is in no box that names a dialled port, and
    /// with those alone footprints are compared.
    init(_ box: Box) {
        families = box.families
        protocols = box.protocols
        ports = box.originalDestinationPort?.values
        interface = box.inInterface
        state = box.state ?? .all
        direction = box.direction?.values ?? .both
    }

    /// Whether no packet that dialled a port can be in both, as far as these fields tell.
    func isDisjoint(_ other: PortFootprint) -> Bool {
        if families.isDisjoint(with: other.families) || state.isDisjoint(with: other.state)
            || direction.isDisjoint(with: other.direction)
        {
            return true
        }
        if let protocols, let others = other.protocols, protocols.intersection(others).isEmpty { return true }
        if let ports, let others = other.ports, ports.intersection(others).isEmpty { return true }
        if let interface, let others = other.interface, interface.intersection(others)?.isEmpty == true { return true }
        return false
    }
}

/// A port of a protocol, as it was dialled.
struct DialledPort: Hashable, Comparable {
    var proto: UInt8
    var port: UInt16

    static func < (a: DialledPort, b: DialledPort) -> Bool { (a.proto, a.port) < (b.proto, b.port) }
}

extension FirewallRule {
    /// A rule that names more ports than these stays where it is: it would tie their chains together.
    private static var most: Int { 16 }

    /// The ports that the rule names; `nil` if it must not be moved.
    ///
    /// It is moved only if all its packets dialled one of a few ports of given protocols, if it asks nothing that keeps a
    /// state and does nothing but count, and if its verdict means the same in every chain.
    var dialledPorts: [DialledPort]? {
        guard !condition.isEmpty, isPlain, verdict.isFinal || verdict == .next else { return nil }
        var found: [DialledPort] = []
        for box in condition {
            guard let protocols = box.protocols?.members(atMost: 4), let asked = box.originalDestinationPort,
                !asked.allowsAbsent, let ports = asked.values.members(atMost: Self.most)
            else { return nil }
            for proto in protocols {
                for port in ports {
                    let one = DialledPort(proto: proto, port: port)
                    if !found.contains(one) { found.append(one) }
                }
            }
            if found.count > Self.most { return nil }
        }
        return found.count > 1 ? found.sorted() : found
    }

    /// Whether rules may be moved past this one that are disjoint from it.
    var mayBePassed: Bool { isPlain && (verdict.isFinal || verdict == .next) }

    /// Whether the rule keeps no state and does nothing but count.
    private var isPlain: Bool { guards.isEmpty && stages.isEmpty && effects.allSatisfy { $0 == .count } }
}

extension IntervalSet {
    /// The members, if there are no more than so many.
    fileprivate func members(atMost most: Int) -> [Value]? {
        var found: [Value] = []
        for interval in intervals {
            guard interval.upperBound - interval.lowerBound < Value(clamping: most) else { return nil }
            found += interval
            if found.count > most { return nil }
        }
        return found
    }
}
