package import FirewallIR
package import PacketModel

extension Workloads {
    /// What nobody has: rules that cross in three dimensions, each with a random verdict.
    ///
    /// 60 % name source, protocol and dialled port (some an interface or a direction, too), 15 % a source alone, 10 %
    /// protocol, port and interface for any source, 10 % destination and port, 5 % what was dialled. Networks nest in 400
    /// whose length is half of an address.
    package static func hostile(rules: Int, seed: UInt64 = 1, families: FamilySet = .ip) -> Ruleset {
        var generator = Hostile(random: SeededGenerator(seed: seed), families: families)
        let rules = (0..<rules).map { FirewallRule(number: $0, [generator.box()], generator.verdict()) }
        return Ruleset(name: "Hostile", families: families, rules: rules)
    }
}

private struct Hostile {
    var random: SeededGenerator
    let families: FamilySet
    private let roots: [AddressFamily: [IPAddress]]

    init(random: SeededGenerator, families: FamilySet) {
        var random = random
        var roots: [AddressFamily: [IPAddress]] = [:]
        for family in AddressFamily.allCases { roots[family] = (0..<400).map { _ in random.address(family) } }
        self.roots = roots
        self.random = random
        self.families = families
    }

    mutating func verdict() -> Verdict { random.oneIn(2) ? .leave : .drop }

    mutating func box() -> Box {
        let family = random.family(of: families)
        var box = Box()
        box.families = families
        switch random.number(0...99) {
        case 0..<60:
            box.source = network(family)
            transport(&box)
            if random.oneIn(4) { box.inInterface = interface() }
            if random.oneIn(4) { box.direction = Presence(random.pick([.original, .reply])) }
        case 60..<75: box.source = network(family)
        case 75..<85:
            transport(&box)
            box.inInterface = interface()
        case 85..<95:
            box.destination = network(family)
            box.protocols = IntervalSet(IPProtocol.tcp.rawValue)
            box.destinationPort = Presence(IntervalSet(port()))
        default: box.originalDestination = Presence(network(family))
        }
        return box
    }

    private mutating func transport(_ box: inout Box) {
        box.protocols = IntervalSet(random.oneIn(4) ? IPProtocol.udp.rawValue : IPProtocol.tcp.rawValue)
        box.originalDestinationPort = Presence(IntervalSet(port()))
    }

    private mutating func port() -> UInt16 { UInt16(random.number(1...1000)) }

    private mutating func interface() -> InterfaceSet {
        InterfaceSet([random.pick([.exact("eth0"), .exact("eth1"), .prefix("wg"), .prefix("br-")])])
    }

    /// A network in one of the roots: the root's own /16, or a longer one that begins as it does.
    private mutating func network(_ family: AddressFamily) -> IPAddressSet {
        let root = IPPrefix(holding: random.pick(roots[family] ?? []), length: family.addressBits / 2)
        let length = family.addressBits / 2 + random.number(0...4) * family.addressBits / 8
        return root.flatMap { random.network(length, in: $0) }.map { IPAddressSet([IPAddressRange($0)]) } ?? .none
    }
}
