import Diagnostics
import FirewallIR
import PacketModel
import RulesetLab

/// Random rule sets of the IR, over all fields and parts that the backends know.
struct RandomRuleset {
    var random: SeededGenerator
    /// Whether conntrack fields may match packets without an entry; the compiler makes no such boxes, importers may.
    var allowsAbsence = false

    mutating func ruleset() -> Ruleset {
        let further = random.oneIn(3) ? ["b"] : []
        var chains: [Chain] = []
        for name in ["a"] + further {
            let targets = name == "a" ? further : []
            chains.append(
                Chain(name: name, rules: (0..<random.number(1...5)).map { rule("\(name)\($0)", targets: targets) }))
        }
        return Ruleset(name: "Random", scopes: [Scope(hook: .containers, families: .both, entry: "a", chains: chains)])
    }

    private mutating func rule(_ id: String, targets: [String]) -> FirewallRule {
        let base = box()
        var boxes = [base]
        // Parts of a rule differ in little, as those that the compiler makes.
        while boxes.count < 3 && random.oneIn(3) {
            var other = random.oneIn(2) ? base : box()
            transport(&other)
            if random.oneIn(2) {
                other.inInterface = base.inInterface
                other.outInterface = base.outInterface
            }
            boxes.append(other)
        }
        var rule = FirewallRule(
            id: "rule\(id)", origin: SourceLocation(file: "Policy.swift", line: 1), condition: boxes, verdict: .drop,
            comment: random.oneIn(3) ? "a comment" : nil)
        if random.oneIn(5) { rule.opaque = [.before(instant: 1_800_000_000)] }
        if random.oneIn(4) {
            rule.guards.append(.limit(Limit(count: random.number(1...9), unit: .minute, burst: random.number(1...9))))
        }
        if random.oneIn(9) { rule.guards.append(.quota(bytes: UInt64(random.number(1...999)))) }
        if random.oneIn(4) { rule.effects.append(.log(prefix: "log \(id) ", level: random.pick(LogLevel.allCases))) }
        if random.oneIn(9) { rule.effects.append(.setMark(value: 2, mask: random.pick([3, 0xff]))) }
        rule.verdict = verdict(of: boxes, targets)
        // What does nothing is left out by both backends, with its guards.
        if rule.verdict == .next && rule.effects.isEmpty { rule.effects = [.log(prefix: "", level: .debug)] }
        return rule
    }

    private mutating func verdict(of boxes: [Box], _ targets: [String]) -> Verdict {
        if let target = targets.first, random.oneIn(4) { return random.oneIn(2) ? .goto(target) : .jump(target) }
        if random.oneIn(4) {
            let families = boxes.reduce(FamilySet()) { $0.union($1.families) }
            let isTCP = boxes.allSatisfy { $0.protocols?.single == 6 }
            let kinds = RejectKind.allCases.filter {
                $0.families.isSuperset(of: families) && ($0 != .tcpReset || isTCP)
            }
            if isTCP && random.oneIn(2) { return .reject(.tcpReset) }
            return .reject(random.pick(kinds))
        }
        return random.pick([
            .drop, .leave, .leave, .next, .drop, random.oneIn(4) ? .accept : .leave, random.oneIn(4) ? .return : .drop,
        ])
    }

    // MARK: - Boxes

    mutating func box() -> Box {
        var box = Box()
        if random.oneIn(4) { box.families = random.pick([.ip, .ip6]) }
        if random.oneIn(3) { box.inInterface = interfaces() }
        if random.oneIn(4) { box.outInterface = interfaces() }
        if random.oneIn(3) { box.source = random.addressSet() }
        if random.oneIn(5) { box.destination = random.addressSet() }
        if random.oneIn(2) { transport(&box) }
        if random.oneIn(2) { conntrack(&box) }
        if random.oneIn(6) {
            box.mark = [
                MaskedTest(mask: random.pick([0xff, 1, .max]), value: random.pick([0, 1]), isNegated: random.oneIn(2))
            ]
        }
        if random.oneIn(8) {
            box.packetType = random.some([PacketTypeSet.host, .broadcast, .multicast, .other]).reduce([]) {
                $0.union($1)
            }
        }
        if random.oneIn(8) { box.addressTypes = [addressType()] }
        return box
    }

    private mutating func interfaces() -> InterfaceSet {
        InterfaceSet(random.some(Vocabulary.patterns, atMost: 3), isNegated: random.oneIn(3))
    }

    private mutating func transport(_ box: inout Box) {
        box.sourcePort = nil
        box.destinationPort = nil
        box.icmp = nil
        box.tcpFlags = nil
        box.isLaterFragment = nil
        switch random.number(0...6) {
        case 0: box.protocols = random.protocolSet()
        case 1, 2:
            let names =
                random.oneIn(3) ? random.some(IPProtocol.withPorts, atMost: 3) : [random.pick([.tcp, .udp, .tcp])]
            box.protocols = IntervalSet(names.map { $0.rawValue...$0.rawValue })
            if random.oneIn(2) { box.sourcePort = Presence(random.portSet()) }
            box.destinationPort = Presence(random.portSet())
        case 3:
            let family: FamilySet = random.pick([.ip, .ip6])
            guard box.families.contains(family) else { return }
            box.families = family
            box.protocols = IntervalSet(family == .ip ? 1 : 58)
            box.icmp = Presence(random.icmpSet())
        case 4:
            box.protocols = IntervalSet(6)
            let mask: UInt8 = random.pick([0x3f, 0x12, 0x02, random.oneIn(6) ? 0xff : 0x17])
            box.tcpFlags = Presence([
                MaskedTest(mask: mask, value: random.pick([2, 0, 0x12]) & mask, isNegated: random.oneIn(3))
            ])
        case 5:
            guard box.families.contains(.ip) else { return }
            box.families = .ip
            box.isLaterFragment = random.oneIn(2)
        default: box.protocols = IntervalSet(random.pick([6, 17]))
        }
    }

    private mutating func presence<Values>(_ values: Values) -> Presence<Values> {
        Presence(values, allowsAbsent: allowsAbsence && random.oneIn(2))
    }

    private mutating func conntrack(_ box: inout Box) {
        if random.oneIn(3) { box.state = random.states() }
        if random.oneIn(3) { box.direction = presence(random.pick([.original, .reply, .both])) }
        if random.oneIn(5) {
            let bits: UInt32 = random.pick([32, 16, 48, 2, 4, 36, 1, 8])
            let isAny = random.oneIn(2)
            box.status = presence([MaskedTest(mask: bits, value: 0, isNegated: isAny)])
            if random.oneIn(4) { box.status?.values.append(MaskedTest(mask: 4, value: 4, isNegated: random.oneIn(2))) }
        }
        if random.oneIn(5) { box.originalSource = presence(random.addressSet()) }
        if random.oneIn(4) { box.originalDestination = presence(random.addressSet()) }
        if random.oneIn(8) { box.originalProtocol = presence(random.protocolSet()) }
        if random.oneIn(6) { box.originalSourcePort = presence(random.portSet()) }
        if random.oneIn(2) { box.originalDestinationPort = presence(random.portSet()) }
    }

    private mutating func addressType() -> AddressTypeTest {
        let types = [AddressTypeSet.local, .unicast, .broadcast, .multicast, .anycast, .unreachable]
        let side: AddressTypeTest.Side = random.pick([.source, .destination])
        return AddressTypeTest(
            side, random.some(types, atMost: 2).reduce([]) { $0.union($1) }, isNegated: random.oneIn(3),
            interface: random.oneIn(4) ? (side == .source ? .in : .in) : nil)
    }
}
