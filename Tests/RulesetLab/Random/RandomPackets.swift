package import FirewallIR
internal import PacketModel
package import Semantics

/// Random packets near the boxes of rule sets: all of them valid, most of them just inside a box or just outside.
package struct RandomPackets: Sendable {
    private let boxes: [Box]
    private let interfaces: [String]
    private let addresses4: [UInt32]
    private let addresses6: [UInt128]
    private let ports: [UInt16]
    private let icmp: [UInt16]
    private let protocols: [UInt8]
    private let marks: [UInt32]
    private let times: [Int64]
    private let opaque: [OpaqueMatch]
    private let guards: [Guard]
    private let numbers: [NumericField: [UInt64]]
    private let families: FamilySet

    /// Packets near the rules of rule sets.
    package init(near rulesets: [Ruleset]) {
        let values = PacketValues(rulesets)
        boxes = values.boxes
        interfaces = values.interfaces.filter { !$0.isEmpty }.sorted()
        addresses4 = values.addresses4.sorted()
        addresses6 = values.addresses6.sorted()
        ports = values.ports.sorted()
        icmp = values.icmp.sorted()
        protocols = values.protocols.sorted()
        marks = values.marks.sorted()
        times = values.times.sorted()
        opaque = values.opaque.sorted { "\($0)" < "\($1)" }
        guards = values.guards.sorted { "\($0)" < "\($1)" }
        numbers = values.numbers.mapValues { $0.sorted() }
        families = rulesets.flatMap(\.scopes).reduce([]) { $0.union($1.families) }
    }

    /// A packet: near one box, with a few fields that are near none.
    package func packet(_ random: inout SeededGenerator) -> PacketState {
        var box = boxes.isEmpty ? Box() : random.pick(boxes)
        // Rules are reached through others, or stand behind them: what one leaves open, another may ask.
        if !boxes.isEmpty && random.oneIn(2) { box.fillGaps(from: random.pick(boxes)) }
        var draw = Draw(values: self, box: box, strays: random.oneIn(2), random: random)
        defer { random = draw.random }
        return draw.packet()
    }

    /// The answers of opaque matches and guards, each with its like: as a guard is answered here, so it is in all rules.
    package func answers(_ random: inout SeededGenerator) -> GuardAnswers {
        GuardAnswers(
            opaque: Dictionary(uniqueKeysWithValues: opaque.map { ($0, random.oneIn(2)) }),
            guards: Dictionary(uniqueKeysWithValues: guards.map { ($0, !random.oneIn(3)) }))
    }

    fileprivate struct Draw {
        let values: RandomPackets
        let box: Box
        let strays: Bool
        var random: SeededGenerator
        private var family: AddressFamily = .ip

        init(values: RandomPackets, box: Box, strays: Bool, random: SeededGenerator) {
            self.values = values
            self.box = box
            self.strays = strays
            self.random = random
        }
    }
}

extension RandomPackets.Draw {
    /// Whether a field is to be one that the box asks for.
    private mutating func isNear() -> Bool { !strays || !random.oneIn(6) }

    mutating func packet() -> PacketState {
        let near = box.families.intersection(values.families)
        family = random.family(of: isNear() && !near.isEmpty ? near : .both)
        let isLater = family == .ip && (isNear() ? box.isLaterFragment ?? random.oneIn(20) : random.oneIn(2))
        let proto = transportProtocol()
        let state = connectionState()
        var packet = PacketState(
            family: family, inInterface: interface(box.inInterface), outInterface: interface(box.outInterface),
            source: address(box.source), destination: address(box.destination), proto: proto, isLaterFragment: isLater,
            state: state, mark: mark(),
            packetType: one(of: box.packetType, among: [.host, .broadcast, .multicast, .other]),
            addressTypes: addressTypes(), time: random.pick(values.times))
        if !isLater {
            if proto.hasPorts {
                packet.sourcePort = port(box.sourcePort?.values)
                packet.destinationPort = port(box.destinationPort?.values)
            }
            if proto == family.icmp { packet.icmp = number(box.icmp?.values, values.icmp) }
            if proto == .tcp { packet.tcpFlags = TCPFlags(rawValue: masked(box.tcpFlags?.values ?? [], flags)) }
        }
        if ConntrackStateSet.tracked.contains(state) { packet.entry = entry(of: packet) }
        addNumbers(to: &packet)
        return packet
    }

    /// Fields that are numbers: most packets have what packets usually have.
    private mutating func addNumbers(to packet: inout PacketState) {
        for field in NumericField.allCases {
            guard let all = values.numbers[field], !all.isEmpty, !random.oneIn(4) else { continue }
            let value = min(number(box.numbers[field]?.values, all), field.all.intervals[0].upperBound)
            switch field {
            case .length: packet.length = UInt32(value)
            case .hopLimit: packet.hopLimit = UInt8(value)
            case .dscp: packet.dscp = UInt8(value)
            case .sourceMAC: packet.sourceMAC = value
            }
        }
    }

    private var flags: [UInt8] { [0x02, 0x12, 0x10, 0x11, 0x04, 0xc2, 0, 0xff] }
    private var statuses: [UInt32] { Vocabulary.status }

    private mutating func entry(of packet: PacketState) -> ConntrackEntry {
        // What is true of most packets, so that assumptions hold for some.
        let isUsual = random.oneIn(3)
        let direction: ConntrackDirectionSet =
            isUsual && packet.state == .new
            ? .original : one(of: box.direction?.values, among: [.original, .reply])
        let proto = isUsual ? packet.proto.rawValue : number(box.originalProtocol?.values, values.protocols)
        var entry = ConntrackEntry(
            direction: direction, status: ConntrackStatus(rawValue: masked(box.status?.values ?? [], statuses)),
            source: address(box.originalSource?.values), destination: address(box.originalDestination?.values),
            proto: IPProtocol(rawValue: proto), sourcePort: port(box.originalSourcePort?.values),
            destinationPort: port(box.originalDestinationPort?.values),
            mark: masked(box.connectionMark?.values ?? [], values.marks))
        if isUsual && direction == .original && random.oneIn(2) {
            entry.source = packet.source
            entry.sourcePort = packet.sourcePort ?? entry.sourcePort
        }
        if isUsual && direction == .original && random.oneIn(2) {
            entry.destination = packet.destination
            entry.destinationPort = packet.destinationPort ?? entry.destinationPort
        }
        return entry
    }

    private mutating func transportProtocol() -> IPProtocol {
        var wanted = box.protocols
        if wanted == nil {
            if box.icmp != nil { wanted = IntervalSet(family.icmp.rawValue) }
            if box.tcpFlags != nil { wanted = IntervalSet(IPProtocol.tcp.rawValue) }
            if box.sourcePort != nil || box.destinationPort != nil {
                wanted = IntervalSet(random.pick(IPProtocol.withPorts).rawValue)
            }
        }
        return IPProtocol(rawValue: number(wanted, values.protocols))
    }

    private mutating func connectionState() -> ConntrackStateSet {
        let states: ConntrackStateSet = isNear() && box.demandsConntrackEntry ? .tracked : .all
        let near = states.intersection(box.state ?? .all)
        return one(of: near, among: [.new, .established, .related, .invalid, .untracked])
    }

    private mutating func addressTypes() -> [AddressTypeQuestion: AddressTypeSet] {
        // IPv6 has neither broadcasts nor a name for routes that refuse (`nft_fib_ipv6.c`).
        let both: [AddressTypeSet] = [.local, .unicast, .multicast, .anycast, .unreachable, .unspecified]
        let known = family == .ip ? both + [.broadcast, .blackhole, .prohibit] : both
        var answers: [AddressTypeQuestion: AddressTypeSet] = [:]
        for side in [AddressTypeTest.Side.source, .destination] {
            for interface in [AddressTypeTest.Interface?.none, .in, .out] where random.oneIn(4) {
                answers[AddressTypeQuestion(side, interface: interface)] = random.pick(known)
            }
        }
        for test in box.addressTypes where isNear() {
            let met = known.filter { test.types.contains($0) != test.isNegated }
            if !met.isEmpty { answers[test.question] = random.pick(met) }
        }
        return answers
    }

    private mutating func interface(_ set: InterfaceSet?) -> String {
        let met = isNear() ? values.interfaces.filter { set?.contains($0) ?? true } : []
        return random.pick(met.isEmpty ? values.interfaces : met)
    }

    private mutating func address(_ set: IPAddressSet?) -> IPAddress {
        switch family {
        case .ip: .v4(number(set?.v4, values.addresses4))
        case .ip6: .v6(number(set?.v6, values.addresses6))
        }
    }

    private mutating func port(_ set: IntervalSet<UInt16>?) -> UInt16 { number(set, values.ports) }

    /// An end of an interval of the set, or any value.
    private mutating func number<Value>(_ set: IntervalSet<Value>?, _ all: [Value]) -> Value {
        guard let set, !set.isEmpty, isNear() else { return random.pick(all) }
        let interval = random.pick(set.intervals)
        if strays && random.oneIn(6) { return random.oneIn(2) ? interval.lowerBound &- 1 : interval.upperBound &+ 1 }
        return random.pick([interval.lowerBound, interval.upperBound])
    }

    private mutating func mark() -> UInt32 { masked(box.mark, values.marks) }

    /// A number that passes tests by mask, most of the time.
    private mutating func masked<Value>(_ tests: [MaskedTest<Value>], _ all: [Value]) -> Value {
        var value = random.pick(all)
        for test in tests where isNear() && !test.matches(value) {
            value = value & ~test.mask | (test.isNegated ? ~test.value & test.mask : test.value)
        }
        return value
    }

    /// One member of a set.
    private mutating func one<Bits: OptionSet>(of set: Bits?, among all: [Bits]) -> Bits where Bits.Element == Bits {
        let met = isNear() ? all.filter { set?.contains($0) ?? true } : []
        return random.pick(met.isEmpty ? all : met)
    }
}
