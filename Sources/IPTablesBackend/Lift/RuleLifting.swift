internal import FirewallIR
internal import PacketModel

/// The matches of one rule, as far as they have been read.
struct RuleLifting {
    let family: AddressFamily
    /// The packets that all of the matches hold for, guards apart.
    private(set) var boxes: [Box]
    private(set) var opaque: [OpaqueMatch] = []
    private(set) var guards: [Guard] = []

    init(family: AddressFamily) {
        self.family = family
        var box = Box()
        box.families = FamilySet(family)
        boxes = [box]
    }

    /// Reads the next match.
    ///
    /// What stands behind a guard is asked after it, and only for packets that it lets on; the fields of the packet are
    /// asked before all modules, wherever they stand (`ipt_do_table`).
    mutating func add(_ match: IPTablesMatch) throws(LiftRefusal) {
        guard guards.isEmpty || match.isAskedFirst || match.isGuardOrComment else {
            throw LiftRefusal("'\(match.text)' stands behind a limit, which has counted the packet before")
        }
        switch match {
        case .source, .destination, .addressRange: try addAddress(match)
        case .inInterface(let test):
            try narrow { box throws(LiftRefusal) in try box.inInterface.narrow(to: test.interfaces) }
        case .outInterface(let test):
            try narrow { box throws(LiftRefusal) in try box.outInterface.narrow(to: test.interfaces) }
        case .proto, .fragment, .tcp, .ports, .multiport, .icmp: try addTransport(match)
        case .conntrack(let match): try multiply(match)
        case .mark(let test): try narrow { $0.mark.append(test) }
        case .packetType(let test):
            guard test.value.rawValue.nonzeroBitCount == 1 else {
                throw LiftRefusal("'-m pkttype' asks for one type")
            }
            let types = test.isNegated ? PacketTypeSet.all.subtracting(test.value) : test.value
            try narrow { $0.packetType.narrow(to: types) }
        case .addressType(let match):
            let tests = try match.tests(in: family)
            try narrow { $0.addressTypes += tests }
        case .limit(let count, let unit, let burst):
            guards.append(.limit(Limit(count: count, unit: unit, burst: burst)))
        case .quota(let bytes): guards.append(.quota(bytes: bytes))
        case .timeUntil(let lastSecond):
            guard lastSecond < .max else { throw LiftRefusal("the date has no second behind it") }
            opaque.append(.before(instant: lastSecond + 1))
        case .comment: break
        case .state, .sourceMAC, .connectionMark, .length, .hopLimit, .dscp, .module:
            throw LiftRefusal("'\(match.text)' is not known")
        }
    }

    /// Restricts every box.
    mutating func narrow(_ change: (inout Box) throws(LiftRefusal) -> Void) throws(LiftRefusal) {
        for index in boxes.indices { try change(&boxes[index]) }
    }

    /// Puts the parts that an instance of conntrack leaves of a box, any of which may hold the packet, into its place.
    private mutating func multiply(_ match: ConntrackMatch) throws(LiftRefusal) {
        var all: [Box] = []
        all.reserveCapacity(boxes.count)
        for box in boxes { all += try match.parts(of: box, family) }
        boxes = all
    }

    // MARK: - Addresses

    private mutating func addAddress(_ match: IPTablesMatch) throws(LiftRefusal) {
        switch match {
        case .source(let test): try narrowSource(try test.ranges)
        case .destination(let test): try narrowDestination(try test.ranges)
        case .addressRange(let source, let destination):
            if let source { try narrowSource(source) }
            if let destination { try narrowDestination(destination) }
        default: break
        }
    }

    private mutating func narrowSource(_ test: Negatable<IPAddressRange>) throws(LiftRefusal) {
        let set = try test.addresses(in: family)
        try narrow { $0.source.narrow(to: set) }
    }

    private mutating func narrowDestination(_ test: Negatable<IPAddressRange>) throws(LiftRefusal) {
        let set = try test.addresses(in: family)
        try narrow { $0.destination.narrow(to: set) }
    }
}

extension IPTablesMatch {
    /// Whether it is a field of the packet that iptables asks itself, before all modules.
    fileprivate var isAskedFirst: Bool {
        switch self {
        case .source, .destination, .inInterface, .outInterface, .proto, .fragment: true
        default: false
        }
    }

    fileprivate var isGuardOrComment: Bool {
        switch self {
        case .limit, .quota, .comment: true
        default: false
        }
    }
}

extension Negatable<InterfacePattern> {
    /// The interfaces that pass.
    fileprivate var interfaces: InterfaceSet { InterfaceSet([value], isNegated: isNegated) }
}

extension Negatable<IPMaskedAddress> {
    /// The network as a range.
    var ranges: Negatable<IPAddressRange> {
        get throws(LiftRefusal) {
            guard let prefix = value.prefix else { throw LiftRefusal("a mask with gaps is not known") }
            return map { _ in IPAddressRange(prefix) }
        }
    }
}

extension Negatable<IPAddressRange> {
    /// The addresses of a family that pass.
    func addresses(in family: AddressFamily) throws(LiftRefusal) -> IPAddressSet {
        switch (value, family) {
        case (.v4(let range), .ip): IPAddressSet(v4: map { _ in range }.numbers())
        case (.v6(let range), .ip6): IPAddressSet(v6: map { _ in range }.numbers())
        default: throw LiftRefusal("'\(value)' is no address of the family")
        }
    }
}

extension Negatable<PortRange> {
    /// The ports that pass; a range whose end lies before its beginning holds none.
    var ports: IntervalSet<UInt16> {
        let set = value.range.map { IntervalSet([$0]) } ?? .none
        return isNegated ? set.complement : set
    }
}

extension Negatable {
    /// The numbers that pass, where the value is a range of them.
    func numbers<Number>() -> IntervalSet<Number> where Value == ClosedRange<Number> {
        let set = IntervalSet([value])
        return isNegated ? set.complement : set
    }
}
