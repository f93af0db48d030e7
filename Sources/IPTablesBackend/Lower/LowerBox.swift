internal import FirewallIR
internal import PacketModel

/// Turns a box of one family into dimensions of alternatives that iptables can express exactly.
struct LowerBox {
    let family: AddressFamily
    let box: Box
    private var result = IPTablesBox()

    private init(family: AddressFamily, box: Box) {
        self.family = family
        self.box = box
    }

    /// The dimensions of a box that is restricted to a family.
    static func lower(_ box: Box, family: AddressFamily) throws(IPTablesRefusal) -> IPTablesBox {
        var lowering = LowerBox(family: family, box: box.withConsistentConntrack)
        try lowering.lowerAll()
        return lowering.result
    }

    private mutating func lowerAll() throws(IPTablesRefusal) {
        add(
            addresses(box.source, .source, prefix: IPTablesMatch.source) {
                .addressRange(source: $0, destination: nil)
            })
        add(
            addresses(
                box.destination, .destination, prefix: IPTablesMatch.destination
            ) {
                .addressRange(source: nil, destination: $0)
            })
        interfaces(box.inInterface, .inInterface, IPTablesMatch.inInterface)
        interfaces(box.outInterface, .outInterface, IPTablesMatch.outInterface)
        try transport()
        try fragment()
        try conntrack()
        for test in box.mark { add([IPTablesAlternative(.mark, .mark(test))]) }
        try packetType()
        for test in box.addressTypes { try addressType(test) }
    }

    private mutating func addressType(_ test: AddressTypeTest) throws(IPTablesRefusal) {
        if family == .ip {
            add([IPTablesAlternative(.kind, .addressType(AddressTypeMatch(test)))])
        } else {
            let form = try IPv6AddressTypes.lower(test)
            result.dimensions += form.dimensions
            if form.overlaps { result.overlaps = true }
        }
    }

    private mutating func add(_ alternatives: [IPTablesAlternative]?) {
        if let alternatives { result.dimensions.append(alternatives) }
    }

    // MARK: - Addresses and interfaces

    private func addresses(
        _ set: IPAddressSet?, _ place: IPTablesAlternative.Place, prefix: (Negatable<IPMaskedAddress>) -> IPTablesMatch,
        range: (Negatable<IPAddressRange>) -> IPTablesMatch
    ) -> [IPTablesAlternative]? {
        set.map { set in
            set.shortest(in: family).map { part in
                if let network = part.value.prefix {
                    return IPTablesAlternative(place, prefix(part.map { _ in IPMaskedAddress(network) }))
                }
                return IPTablesAlternative(.addressRange, range(part))
            }
        }
    }

    private mutating func interfaces(
        _ set: InterfaceSet?, _ place: IPTablesAlternative.Place,
        _ match: (Negatable<InterfacePattern>) -> IPTablesMatch
    ) {
        guard let set, !set.patterns.isEmpty || !set.isNegated else { return }
        let positive = set.patterns.map { IPTablesAlternative(place, match(Negatable($0))) }
        if !set.isNegated {
            add(positive)
        } else if let only = set.patterns.first, set.patterns.count == 1 {
            add([IPTablesAlternative(place, match(Negatable(only, isNegated: true)))])
        } else {
            result.exclusions += positive
        }
    }

    // MARK: - Transport

    private mutating func transport() throws(IPTablesRefusal) {
        let asksHeader = box.sourcePort != nil || box.destinationPort != nil || box.icmp != nil || box.tcpFlags != nil
        guard asksHeader else {
            try protocols()
            return
        }
        guard let protocols = box.protocols else {
            throw IPTablesRefusal(reason: "a port is asked for without a protocol")
        }
        var alternatives: [IPTablesAlternative] = []
        for number in protocols.intervals.flatMap({ Array($0) }) {
            alternatives += try header(IPProtocol(rawValue: number))
        }
        add(alternatives)
    }

    private mutating func protocols() throws(IPTablesRefusal) {
        guard let set = box.protocols, !set.isAll else { return }
        let numbers = set.intervals.reduce(0) { $0 + $1.count }
        if numbers <= 128 {
            if set.contains(0) {
                throw IPTablesRefusal(reason: "iptables cannot ask for protocol 0: '-p 0' means any protocol")
            }
            add(set.intervals.flatMap { Array($0) }.map { proto(IPProtocol(rawValue: $0)) })
            return
        }
        let excluded = set.complement.intervals.flatMap { Array($0) }
        if excluded.contains(0) {
            throw IPTablesRefusal(reason: "iptables cannot exclude protocol 0: '-p 0' means any protocol")
        }
        if excluded.count == 1 {
            add([
                IPTablesAlternative(
                    .proto, .proto(Negatable(ProtocolWord(IPProtocol(rawValue: excluded[0])), isNegated: true)))
            ])
        } else {
            result.exclusions += excluded.map { proto(IPProtocol(rawValue: $0)) }
        }
    }

    private func proto(_ proto: IPProtocol) -> IPTablesAlternative {
        IPTablesAlternative(.proto, .proto(Negatable(ProtocolWord(proto))))
    }

    private func header(_ protocolNumber: IPProtocol) throws(IPTablesRefusal) -> [IPTablesAlternative] {
        var dimensions = [[proto(protocolNumber)]]
        if box.sourcePort != nil || box.destinationPort != nil {
            guard protocolNumber.hasPorts else {
                throw IPTablesRefusal(reason: "protocol \(protocolNumber.name) has no ports")
            }
            dimensions += try ports(protocolNumber)
        }
        if let icmp = box.icmp {
            guard !icmp.allowsAbsent else {
                throw IPTablesRefusal(reason: "the absence of an ICMP type cannot be asked for")
            }
            dimensions += try icmp.values.icmpMessages(family).map {
                $0.map { IPTablesAlternative(.transport, .icmp($0)) }
            }
        }
        if let flags = box.tcpFlags {
            guard !flags.allowsAbsent, protocolNumber == .tcp else {
                throw IPTablesRefusal(reason: "TCP flags of another protocol cannot be asked for")
            }
            for test in flags.values { dimensions.append([try tcpFlags(test)]) }
        }
        return IPTablesBox.product(dimensions)
    }

    private func tcpFlags(_ test: MaskedTest<UInt8>) throws(IPTablesRefusal) -> IPTablesAlternative {
        guard test.mask & 0xc0 == 0 else {
            throw IPTablesRefusal(reason: "iptables cannot test the TCP flags ECE and CWR; nft can")
        }
        let flags = TCPMatch.Flags(mask: TCPFlags(rawValue: test.mask), set: TCPFlags(rawValue: test.value))
        return IPTablesAlternative(
            .transport, .tcp(TCPMatch(flags: Negatable(flags, isNegated: test.isNegated))))
    }

    private func ports(_ proto: IPProtocol) throws(IPTablesRefusal) -> [[IPTablesAlternative]] {
        guard box.sourcePort?.allowsAbsent != true, box.destinationPort?.allowsAbsent != true else {
            throw IPTablesRefusal(reason: "the absence of a port cannot be asked for")
        }
        let source = box.sourcePort?.values
        let destination = box.destinationPort?.values
        if let one = source?.oneRange, let other = destination?.oneRange, proto.hasPortModule {
            return [[IPTablesAlternative(.transport, proto.match(source: one, destination: other))]]
        }
        var dimensions: [[IPTablesAlternative]] = []
        if let source { dimensions.append(portAlternatives(source, .source, proto)) }
        if let destination { dimensions.append(portAlternatives(destination, .destination, proto)) }
        return dimensions
    }

    private func portAlternatives(
        _ set: IntervalSet<UInt16>, _ side: IPTablesMatch.MultiportSide, _ proto: IPProtocol
    ) -> [IPTablesAlternative] {
        if let one = set.oneRange, proto.hasPortModule {
            let match = proto.match(
                source: side == .source ? one : nil, destination: side == .destination ? one : nil)
            return [IPTablesAlternative(.transport, match)]
        }
        return set.multiportLists.map { IPTablesAlternative(.transport, .multiport(side, $0)) }
    }

    private mutating func fragment() throws(IPTablesRefusal) {
        guard let isLater = box.isLaterFragment else { return }
        guard family == .ip else { throw IPTablesRefusal(reason: "ip6tables has no match for later fragments") }
        add([IPTablesAlternative(.fragment, .fragment(isNegated: !isLater))])
    }

    private mutating func packetType() throws(IPTablesRefusal) {
        guard let types = box.packetType, types != .all else { return }
        let known: [PacketTypeSet] = [.host, .broadcast, .multicast]
        if let missing = known.first(where: { PacketTypeSet.all.subtracting($0) == types }) {
            add([IPTablesAlternative(.kind, .packetType(Negatable(missing, isNegated: true)))])
            return
        }
        guard !types.contains(.other) else {
            throw IPTablesRefusal(
                reason:
                    "iptables cannot ask for packets to other hosts ('-m pkttype' knows unicast, broadcast and multicast)"
            )
        }
        add(known.filter { types.contains($0) }.map { IPTablesAlternative(.kind, .packetType(Negatable($0))) })
    }

    // MARK: - Conntrack

    /// Conntrack fields.
    ///
    /// Where an entry is asked for, the state has an instance of its own, so that the other options are not skipped
    /// for packets without an entry; where none is, they share one, and are skipped on purpose.
    private mutating func conntrack() throws(IPTablesRefusal) {
        if box.demandsConntrackEntry {
            var hasOption = false
            hasOption = tuple() || hasOption
            if let direction = box.direction, direction.values != .both {
                add([IPTablesAlternative { $0.direction = direction.values }])
                hasOption = true
            }
            let asksStatus = try status()
            if let state = box.state {
                add([state.alternative])
            } else if !hasOption || asksStatus {
                add([ConntrackStateSet.tracked.alternative])
            }
            return
        }
        let direction = box.direction.flatMap { $0.values == .both ? nil : $0.values }
        let hasTuple =
            box.originalSource != nil || box.originalDestination != nil || box.originalProtocol != nil
            || box.originalSourcePort != nil || box.originalDestinationPort != nil
        guard box.status == nil else {
            throw IPTablesRefusal(reason: "the absence of a connection's status cannot be asked for")
        }
        guard direction != nil || hasTuple else {
            if let state = box.state, state != .all { add([state.alternative]) }
            return
        }
        let states = ConntrackMatch.States(box.state ?? .all)
        // The state stands beside each option, wherever that is put; a packet without an entry passes each alternative.
        let beside = IPTablesAlternative { $0.state = Negatable(states) }
        let before = result.dimensions.count
        if tuple() { result.overlaps = true }
        for index in before..<result.dimensions.count {
            result.dimensions[index] = result.dimensions[index].map { $0.joined(beside) }
        }
        add([direction.map { direction in beside.joined(IPTablesAlternative { $0.direction = direction }) } ?? beside])
    }

    /// The fields of the original tuple; whether there was any.
    private mutating func tuple() -> Bool {
        let before = result.dimensions.count
        if let set = box.originalSource?.values, !set.isAll(in: family) {
            add(set.shortestPrefixes(in: family).map { part in IPTablesAlternative { $0.originalSource = part } })
        }
        if let set = box.originalDestination?.values, !set.isAll(in: family) {
            add(set.shortestPrefixes(in: family).map { part in IPTablesAlternative { $0.originalDestination = part } })
        }
        if let set = box.originalProtocol?.values, !set.isAll {
            if let missing = set.complement.single, missing != 0 {
                add([
                    IPTablesAlternative {
                        $0.originalProtocol = Negatable(IPProtocol(rawValue: missing), isNegated: true)
                    }
                ])
            } else {
                add(
                    set.intervals.flatMap { Array($0) }.map { number in
                        IPTablesAlternative { $0.originalProtocol = Negatable(IPProtocol(rawValue: number)) }
                    })
            }
        }
        if let set = box.originalSourcePort?.values, !set.isAll {
            add(set.shortest.map { part in IPTablesAlternative { $0.originalSourcePort = part } })
        }
        if let set = box.originalDestinationPort?.values, !set.isAll {
            add(set.shortest.map { part in IPTablesAlternative { $0.originalDestinationPort = part } })
        }
        return result.dimensions.count > before
    }

    /// Tests of the status bits; whether there was any that does not ask for an entry by itself.
    private mutating func status() throws(IPTablesRefusal) -> Bool {
        var needsEntry = false
        for test in box.status?.values ?? [] {
            guard let form = StatusTest(test) else {
                throw IPTablesRefusal(reason: "this test of the connection's status has no form in iptables")
            }
            switch form {
            case .anyOf(let bits): add(anyOf(bits))
            case .noneOf(let bits):
                for alternative in noneOf(bits) { add([alternative]) }
                needsEntry = true
            }
        }
        return needsEntry
    }

    private mutating func anyOf(_ bits: ConntrackStatus) -> [IPTablesAlternative] {
        let plain = bits.subtracting(.translated)
        let translated = bits.intersection(.translated)
        var alternatives: [IPTablesAlternative] = []
        if !plain.isEmpty { alternatives.append(.own { $0.status = Negatable(plain) }) }
        if !translated.isEmpty {
            alternatives.append(.own { $0.state = Negatable(ConntrackMatch.States([], translated: translated)) })
        }
        if alternatives.count > 1 { result.overlaps = true }
        return alternatives
    }

    private func noneOf(_ bits: ConntrackStatus) -> [IPTablesAlternative] {
        let plain = bits.subtracting(.translated)
        let translated = bits.intersection(.translated)
        var all: [IPTablesAlternative] = []
        if !plain.isEmpty { all.append(.own { $0.status = Negatable(plain, isNegated: true) }) }
        if !translated.isEmpty {
            all.append(
                .own { $0.state = Negatable(ConntrackMatch.States([], translated: translated), isNegated: true) })
        }
        return all
    }
}

extension ConntrackStatus {
    fileprivate static let translated: ConntrackStatus = [.snat, .dnat]
}

extension ConntrackStateSet {
    /// An instance of `-m conntrack` that asks for these states and nothing else.
    fileprivate var alternative: IPTablesAlternative { .own { $0.state = Negatable(ConntrackMatch.States(self)) } }
}

extension IPTablesAlternative {
    /// An instance of `-m conntrack` of its own.
    fileprivate static func own(_ change: (inout ConntrackMatch) -> Void) -> IPTablesAlternative {
        var match = ConntrackMatch()
        change(&match)
        return IPTablesAlternative(.state, .conntrack(match))
    }
}

/// The tests of status bits that iptables can make.
private enum StatusTest {
    /// At least one of the bits is set.
    case anyOf(ConntrackStatus)
    /// None of the bits is set.
    case noneOf(ConntrackStatus)

    init?(_ test: MaskedTest<UInt32>) {
        let bits = ConntrackStatus(rawValue: test.mask)
        if test.value == 0 {
            self = test.isNegated ? .anyOf(bits) : .noneOf(bits)
        } else if test.mask.nonzeroBitCount == 1 {
            self = test.isNegated ? .noneOf(bits) : .anyOf(bits)
        } else {
            return nil
        }
    }
}

extension IPProtocol {
    /// Whether iptables has a module with `--sport` and `--dport` for it; UDP-Lite has `multiport` alone.
    fileprivate var hasPortModule: Bool { self != .udplite }

    /// An instance of that module.
    fileprivate func match(source: Negatable<PortRange>?, destination: Negatable<PortRange>?) -> IPTablesMatch {
        self == .tcp
            ? .tcp(TCPMatch(source: source, destination: destination))
            : .ports(self, source: source, destination: destination)
    }
}
