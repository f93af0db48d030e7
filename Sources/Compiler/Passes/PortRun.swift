internal import FirewallIR
internal import PacketModel

/// Rules that name one port in common, or are tied together by others that do.
struct PortGroup {
    /// Ascending.
    var ports: [DialledPort]
    /// The places of the rules, ascending.
    var rules: [Int]
}

/// Rules of a chain that can be moved to the place of the first of them, and those that they are moved past.
struct PortRun {
    /// The place of the first moved rule.
    var first: Int { moved.first ?? 0 }
    /// The place behind the last one.
    var end: Int { (moved.last ?? -1) + 1 }
    /// The places of the moved rules, ascending.
    private(set) var moved: [Int] = []
    /// The places of those between them that stay.
    private(set) var stayed: [Int] = []
    /// The moved rules by port, in the order of ports.
    private(set) var groups: [PortGroup] = []

    /// Up to so many different kinds of rules are passed by the rules of one run: each moved rule is compared with all.
    private static let mostPassed = 8

    /// The families of which the moved rules speak.
    func families(_ rules: [FirewallRule]) -> FamilySet {
        moved.reduce(FamilySet()) { $0.union(rules[$1].condition.reduce(FamilySet()) { $0.union($1.families) }) }
    }

    // MARK: - Finding runs

    /// The runs of a chain that are long enough and name more than one port, in order.
    static func runs(of rules: [FirewallRule], _ minimum: Int) -> [PortRun] {
        var found: [PortRun] = []
        var builder = Builder()
        for (index, rule) in rules.enumerated() {
            if let ports = rule.dialledPorts {
                if !builder.mayMove(rule) { builder.finish(minimum, &found) }
                builder.add(index, ports)
            } else if !rule.mayBePassed || !builder.pass(index, Set(rule.condition.map(PortFootprint.init)), mostPassed)
            {
                builder.finish(minimum, &found)
            }
        }
        builder.finish(minimum, &found)
        return found
    }

    /// A run that is being gathered.
    private struct Builder {
        private var moved: [Int] = []
        private var stayed: [Int] = []
        private var passed: Set<PortFootprint> = []
        private var ports = PortUnion()

        /// Whether a rule matches nothing that a rule does which it would be moved past.
        func mayMove(_ rule: FirewallRule) -> Bool {
            if passed.isEmpty { return true }
            return rule.condition.allSatisfy { box in
                let footprint = PortFootprint(box)
                return passed.allSatisfy { $0.isDisjoint(footprint) }
            }
        }

        mutating func add(_ index: Int, _ named: [DialledPort]) {
            moved.append(index)
            ports.add(index, named)
        }

        /// Takes note of a rule that stays; whether it can.
        mutating func pass(_ index: Int, _ footprints: Set<PortFootprint>, _ most: Int) -> Bool {
            if moved.isEmpty { return true }
            passed.formUnion(footprints)
            stayed.append(index)
            return passed.count <= most
        }

        mutating func finish(_ minimum: Int, _ found: inout [PortRun]) {
            if moved.count >= minimum, let last = moved.last {
                var run = PortRun()
                run.groups = ports.groups
                run.moved = moved
                run.stayed = stayed.filter { $0 < last }
                if run.groups.count > 1 { found.append(run) }
            }
            self = Builder()
        }
    }
}

/// Ports that rules tie together (union by the least rank of a disjoint-set forest).
private struct PortUnion {
    private var numbers: [DialledPort: Int] = [:]
    private var ports: [DialledPort] = []
    private var parents: [Int] = []
    private var rules: [(rule: Int, port: Int)] = []

    mutating func add(_ rule: Int, _ named: [DialledPort]) {
        guard let first = named.first else { return }
        let root = number(first)
        rules.append((rule, root))
        for port in named.dropFirst() { unite(root, number(port)) }
    }

    private mutating func number(_ port: DialledPort) -> Int {
        if let known = numbers[port] { return known }
        numbers[port] = ports.count
        ports.append(port)
        parents.append(parents.count)
        return ports.count - 1
    }

    private mutating func unite(_ a: Int, _ b: Int) {
        let one = root(a)
        let other = root(b)
        if one != other { parents[max(one, other)] = min(one, other) }
    }

    private mutating func root(_ number: Int) -> Int {
        var number = number
        while parents[number] != number {
            parents[number] = parents[parents[number]]
            number = parents[number]
        }
        return number
    }

    /// The ports and rules of each part, in the order of their least ports.
    var groups: [PortGroup] {
        var copy = self
        var byRoot: [Int: PortGroup] = [:]
        for number in ports.indices {
            byRoot[copy.root(number), default: PortGroup(ports: [], rules: [])].ports.append(ports[number])
        }
        for (rule, port) in rules { byRoot[copy.root(port)]?.rules.append(rule) }
        return byRoot.values.map { PortGroup(ports: $0.ports.sorted(), rules: $0.rules) }
            .sorted { ($0.ports[0], $0.rules[0]) < ($1.ports[0], $1.rules[0]) }
    }
}
