internal import FirewallIR
internal import PacketModel

/// Boxes of one shape and family as a look-up, or as one of several that hold together what they hold.
struct UnionPlan {
    /// How they are looked up.
    enum Way {
        /// A box whose fields are sets, with the sources of the one field that several rules made up.
        case product(Box, LowerBox.Task)
        /// The box that is common to all, and the values of several fields together.
        case concatenation(Box, ConcatenatedKeys)
    }

    /// A box of the rule, and the rule of the policy that it came from.
    struct Member {
        var box: Box
        var source: MergedSource
    }

    let way: Way
    /// The rule of the policy that all boxes came from; `nil` if there are several.
    let source: MergedSource?

    private init(_ way: Way, _ members: [Member]) {
        self.way = way
        source = members.allSatisfy { $0.source.id == members[0].source.id } ? members[0].source : nil
    }

    /// The cheapest of the ways.
    static func plans(_ members: [Member], keys: BoxFields, _ task: LowerBox.Task) -> [UnionPlan] {
        let varying = keys.members.filter { field in
            members.contains { !field.isSame($0.box, members[0].box) }
        }
        guard let first = varying.first else { return [products(members, over: [], task)] }
        if varying.count == 1 { return [products(members, over: first, task)] }
        let joined = varying.map { field in (field, groups(members, besides: field)) }
        guard let best = joined.min(by: { $0.1.count < $1.1.count }) else { return [] }
        let asked = varying.reduce(into: BoxFields()) { $0.formUnion($1) }
        let linear = productCost(best.1, over: best.0)
        if linear > NFTCost.hash, let concatenated = ConcatenatedKeys(members, asked, family: task.family),
            concatenated.cost < linear
        {
            return [UnionPlan(.concatenation(members[0].box.lifting(asked), concatenated), members)]
        }
        return best.1.map { products($0, over: best.0, task) }
    }

    /// Boxes that differ in one field alone, or in none, as one.
    private static func products(_ members: [Member], over field: BoxFields, _ task: LowerBox.Task) -> UnionPlan {
        var box = members[0].box
        var task = task
        task.sourced = field
        if !field.isDisjoint(with: .addresses) {
            let addresses = SourcedAddresses(
                parts: members.map { (set: field.addresses($0.box), sources: [$0.source.id]) })
            task.addresses = addresses
            field.set(addresses.union, in: &box)
        } else if !field.isDisjoint(with: .ports) {
            let ports = SourcedPorts(parts: members.map { (set: field.ports($0.box), sources: [$0.source.id]) })
            task.ports = ports
            field.set(ports.union, in: &box)
        }
        return UnionPlan(.product(box, task), members)
    }

    /// The boxes that differ in no other field.
    private static func groups(_ members: [Member], besides field: BoxFields) -> [[Member]] {
        var classes = BoxClasses()
        var groups: [[Member]] = []
        for member in members {
            let place = classes.number(of: member.box, besides: field)
            if place == groups.count { groups.append([]) }
            groups[place].append(member)
        }
        return groups
    }

    /// A line for each group: some matches, and a look-up where a field has several values.
    private static func productCost(_ groups: [[Member]], over field: BoxFields) -> Double {
        groups.reduce(0) { cost, group in
            cost + 4 * NFTCost.match + (group.count > 1 && !field.isDisjoint(with: .addresses) ? NFTCost.hash : 0)
        }
    }
}

extension BoxFields {
    /// Whether two boxes say the same of one key field.
    fileprivate func isSame(_ a: Box, _ b: Box) -> Bool {
        switch self {
        case .source: a.source == b.source
        case .destination: a.destination == b.destination
        case .originalSource: a.originalSource == b.originalSource
        case .originalDestination: a.originalDestination == b.originalDestination
        case .sourcePort: a.sourcePort == b.sourcePort
        case .destinationPort: a.destinationPort == b.destinationPort
        case .originalSourcePort: a.originalSourcePort == b.originalSourcePort
        case .originalDestinationPort: a.originalDestinationPort == b.originalDestinationPort
        default: true
        }
    }

    /// The addresses that a box allows in one field.
    func addresses(_ box: Box) -> IPAddressSet {
        switch self {
        case .source: box.source ?? .all
        case .destination: box.destination ?? .all
        case .originalSource: box.originalSource?.values ?? .all
        default: box.originalDestination?.values ?? .all
        }
    }

    /// The ports that a box allows in one field.
    func ports(_ box: Box) -> IntervalSet<UInt16> {
        switch self {
        case .sourcePort: box.sourcePort?.values ?? .all
        case .destinationPort: box.destinationPort?.values ?? .all
        case .originalSourcePort: box.originalSourcePort?.values ?? .all
        default: box.originalDestinationPort?.values ?? .all
        }
    }

    fileprivate func set(_ addresses: IPAddressSet, in box: inout Box) {
        switch self {
        case .source: box.source = addresses
        case .destination: box.destination = addresses
        case .originalSource: box.originalSource = Presence(addresses)
        default: box.originalDestination = Presence(addresses)
        }
    }

    fileprivate func set(_ ports: IntervalSet<UInt16>, in box: inout Box) {
        switch self {
        case .sourcePort: box.sourcePort = Presence(ports)
        case .destinationPort: box.destinationPort = Presence(ports)
        case .originalSourcePort: box.originalSourcePort = Presence(ports)
        default: box.originalDestinationPort = Presence(ports)
        }
    }
}
