package import FirewallIR
package import PacketModel

extension Workloads {
    /// What users have: a blocklist, and for each published port those who may use it.
    ///
    /// A quarter are networks that are dropped; the rest are groups of 2 to 40 allowed sources, whose packets leave, and a
    /// drop behind them. Before these stand the two rules of every scope, for replies and for related ICMP errors. Rules
    /// for two families name sources of one family each, in turns that chance decides. A third of the groups are for one
    /// of the interfaces alone.
    ///
    /// - Parameters:
    ///   - rules: how many, without the two that stand before.
    ///   - seed: which of all such rule sets.
    ///   - families: what the rules speak of.
    ///   - interfaces: where the packets enter.
    ///   - sources: the network that holds all sources of IPv4.
    /// - Returns: the rule set.
    package static func policyShaped(
        rules: Int, seed: UInt64 = 1, families: FamilySet = .both,
        interfaces: [InterfacePattern] = [.exact("eth0"), .prefix("wg")], sources: IPPrefix? = nil
    ) -> Ruleset {
        var generator = PolicyShaped(
            random: SeededGenerator(seed: seed), families: families, interfaces: interfaces, sources: sources)
        return Ruleset(name: "PolicyShaped", families: families, rules: generator.rules(rules))
    }
}

private struct PolicyShaped {
    var random: SeededGenerator
    let families: FamilySet
    let interfaces: [InterfacePattern]
    let sources: IPPrefix?
    private var made: [FirewallRule] = []
    private var services = 0

    init(random: SeededGenerator, families: FamilySet, interfaces: [InterfacePattern], sources: IPPrefix?) {
        self.random = random
        self.families = families
        self.interfaces = interfaces
        self.sources = sources
    }

    mutating func rules(_ count: Int) -> [FirewallRule] {
        prelude()
        let head = made.count
        for _ in 0..<count / 4 { blocked() }
        while made.count < head + count { service(atMost: head + count - made.count) }
        return made
    }

    private mutating func add(_ boxes: [Box], _ verdict: Verdict) {
        made.append(FirewallRule(number: made.count, boxes, verdict))
    }

    private var scope: Box {
        Box().with {
            $0.families = families
            $0.inInterface = InterfaceSet(interfaces)
        }
    }

    private mutating func prelude() {
        add([scope.with { $0.direction = Presence(.reply) }], .leave)
        let errors = families.families.map { family in
            scope.with {
                $0.families = FamilySet(family)
                $0.protocols = IntervalSet(family == .ip ? IPProtocol.icmp.rawValue : IPProtocol.icmpv6.rawValue)
                $0.state = .related
            }
        }
        add(errors, .leave)
    }

    private mutating func blocked() {
        let family = random.family(of: families)
        let bits = family.addressBits
        let length = random.pick([bits / 2, bits * 3 / 4, bits * 3 / 4, bits * 3 / 4, bits])
        let source = network(family, length: length)
        add([scope.with { $0.source = source }], .drop)
    }

    private mutating func service(atMost most: Int) {
        services += 1
        var box = scope
        box.protocols = IntervalSet(random.oneIn(5) ? IPProtocol.udp.rawValue : IPProtocol.tcp.rawValue)
        box.originalDestinationPort = Presence(IntervalSet(UInt16(truncatingIfNeeded: services &* 40_503 | 1)))
        box.direction = Presence(.original)
        if random.oneIn(3) { box.inInterface = InterfaceSet([random.pick(interfaces)]) }
        for _ in 0..<min(random.number(2...40), most - 1) {
            let source = client()
            add([box.with { $0.source = source }], .leave)
        }
        add([box], .drop)
    }

    private mutating func client() -> IPAddressSet {
        let family = random.family(of: families)
        let bits = family.addressBits
        return network(family, length: random.oneIn(3) ? bits * 3 / 4 : bits)
    }

    private mutating func network(_ family: AddressFamily, length: Int) -> IPAddressSet {
        if family == .ip, let sources, let network = random.network(length, in: sources) {
            return IPAddressSet([IPAddressRange(network)])
        }
        return random.network(family, length: length)
    }
}
