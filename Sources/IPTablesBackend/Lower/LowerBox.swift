internal import FirewallIR
internal import PacketModel

/// Turns a box of one family into dimensions of alternatives that iptables can express exactly.
struct LowerBox {
    let family: AddressFamily
    let box: Box
    private var result = IPTablesBox()
    private var sets: IPTablesSets

    private init(family: AddressFamily, box: Box, sets: IPTablesSets) {
        self.family = family
        self.box = box
        self.sets = sets
    }

    /// The dimensions of a box that is restricted to a family, and the sets that it asks.
    static func lower(
        _ box: Box, family: AddressFamily, sets: inout IPTablesSets
    ) throws(IPTablesRefusal) -> IPTablesBox {
        var lowering = LowerBox(family: family, box: box.withConsistentConntrack, sets: sets)
        // There is one owner at a time, so that nothing is copied.
        sets = IPTablesSets(family: family, options: nil)
        defer { sets = lowering.sets }
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
        if !box.numbers.isEmpty {
            for (field, values) in box.numbers.sorted(by: { $0.key < $1.key }) { try number(field, values) }
        }
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

    private mutating func addresses(
        _ set: IPAddressSet?, _ place: IPTablesAlternative.Place, prefix: (Negatable<IPMaskedAddress>) -> IPTablesMatch,
        range: (Negatable<IPAddressRange>) -> IPTablesMatch
    ) -> [IPTablesAlternative]? {
        guard let set else { return nil }
        if let masked = set.masked(in: family) { return [IPTablesAlternative(place, prefix(masked))] }
        let parts = set.shortest(in: family)
        let side: IPTablesSets.Side = place == .source ? .source : .destination
        if let match = sets.match(set, side, lines: parts.count) { return [IPTablesAlternative(.addressRange, match)] }
        return parts.map { part in
            var alternative =
                part.value.prefix.map { network in
                    IPTablesAlternative(place, prefix(part.map { _ in IPMaskedAddress(network) }))
                } ?? IPTablesAlternative(.addressRange, range(part))
            if !part.isNegated { alternative.span = AddressSpan(side: side, range: part.value) }
            return alternative
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
        var alternatives: [IPTablesAlternative] = []
        for proto in try protocolsWithHeader() { alternatives += try header(proto) }
        add(alternatives)
    }

    /// The protocols of packets that can have what is asked for: no other has such a header.
    private func protocolsWithHeader() throws(IPTablesRefusal) -> [IPProtocol] {
        let allowsAbsent = [
            box.sourcePort?.allowsAbsent, box.destinationPort?.allowsAbsent, box.icmp?.allowsAbsent,
            box.tcpFlags?.allowsAbsent,
        ]
        guard !allowsAbsent.contains(true) else {
            throw IPTablesRefusal(reason: "the absence of a port, of a type or of flags cannot be asked for")
        }
        var known = IPProtocol.withPorts + [family == .ip ? .icmp : .icmpv6]
        if box.sourcePort != nil || box.destinationPort != nil { known.removeAll { !$0.hasPorts } }
        if box.icmp != nil { known.removeAll { $0.hasPorts } }
        if box.tcpFlags != nil { known.removeAll { $0 != .tcp } }
        return known.filter { box.protocols?.contains($0.rawValue) ?? true }
    }

    private mutating func protocols() throws(IPTablesRefusal) {
        guard let set = box.protocols, !set.isAll else { return }
        if let only = set.single, only != 0 { return add([proto(IPProtocol(rawValue: only))]) }
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
        if protocolNumber.hasPorts { dimensions += try ports(protocolNumber) }
        if let icmp = box.icmp {
            dimensions += try icmp.values.icmpMessages(family).map {
                $0.map { IPTablesAlternative(.transport, .icmp($0)) }
            }
        }
        return IPTablesBox.product(dimensions)
    }

    /// Ports and flags of one header: one instance of its module, with as much as it holds; lists, and further tests of
    /// flags, stand beside it.
    private func ports(_ proto: IPProtocol) throws(IPTablesRefusal) -> [[IPTablesAlternative]] {
        var flags: [Negatable<TCPMatch.Flags>] = []
        for test in box.tcpFlags?.values ?? [] { flags.append(try tcpFlags(test)) }
        var source = box.sourcePort?.values
        var destination = box.destinationPort?.values
        // The header itself is asked for by everything else that is.
        if source?.isAll == true && (destination != nil || !flags.isEmpty) { source = nil }
        if destination?.isAll == true && (source != nil || !flags.isEmpty) { destination = nil }
        let one = proto.hasPortModule ? source?.oneRange : nil
        let other = proto.hasPortModule ? destination?.oneRange : nil
        var dimensions: [[IPTablesAlternative]] = []
        if one != nil || other != nil || !flags.isEmpty {
            let match = proto.match(source: one?.unlessAll, destination: other?.unlessAll, flags: flags.first)
            dimensions.append([IPTablesAlternative(.transport, match)])
        }
        if let source, one == nil { dimensions.append(lists(source, .source)) }
        if let destination, other == nil { dimensions.append(lists(destination, .destination)) }
        return dimensions
            + flags.dropFirst().map { [IPTablesAlternative(.transport, .tcp(TCPMatch(flags: $0)))] }
    }

    private func tcpFlags(_ test: MaskedTest<UInt8>) throws(IPTablesRefusal) -> Negatable<TCPMatch.Flags> {
        guard test.mask & 0xc0 == 0, test.value & 0xc0 == 0 else {
            throw IPTablesRefusal(reason: "iptables cannot test the TCP flags ECE and CWR; nft can")
        }
        let flags = TCPMatch.Flags(mask: TCPFlags(rawValue: test.mask), set: TCPFlags(rawValue: test.value))
        return Negatable(flags, isNegated: test.isNegated)
    }

    private func lists(_ set: IntervalSet<UInt16>, _ side: IPTablesMatch.MultiportSide) -> [IPTablesAlternative] {
        set.multiportLists.map { IPTablesAlternative(.transport, .multiport(side, $0)) }
    }

    private mutating func fragment() throws(IPTablesRefusal) {
        guard let isLater = box.isLaterFragment else { return }
        guard family == .ip else { throw IPTablesRefusal(reason: "ip6tables has no match for later fragments") }
        add([IPTablesAlternative(.fragment, .fragment(isNegated: !isLater))])
    }

    private mutating func number(
        _ field: NumericField, _ values: Presence<IntervalSet<UInt64>>
    ) throws(IPTablesRefusal) {
        add(
            try field.forms(values, family: family)?.map { matches in
                matches.reduce(.none) { $0.joined(IPTablesAlternative(.kind, $1)) }
            })
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
            for test in box.connectionMark?.values ?? [] {
                add([IPTablesAlternative(.mark, .connectionMark(test))])
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
        if isForNoEntry {
            let states = (box.state ?? .all).intersection(.withoutEntry)
            add(states.isEmpty ? [] : [states.alternative])
            return
        }
        let direction = box.direction.flatMap { $0.values == .both ? nil : $0.values }
        let hasTuple =
            box.originalSource != nil || box.originalDestination != nil || box.originalProtocol != nil
            || box.originalSourcePort != nil || box.originalDestinationPort != nil
        guard box.connectionMark == nil else {
            throw IPTablesRefusal(reason: "the absence of a connection's mark cannot be asked for")
        }
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

    /// Whether nothing is left of a field for packets with an entry.
    private var isForNoEntry: Bool {
        box.direction?.values.isEmpty == true || box.originalProtocol?.values.isEmpty == true
            || box.originalSource?.values.only(family).isEmpty == true
            || box.originalDestination?.values.only(family).isEmpty == true
            || box.originalSourcePort?.values.isEmpty == true || box.originalDestinationPort?.values.isEmpty == true
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
            guard ConntrackStatus.known.isSuperset(of: ConntrackStatus(rawValue: test.mask)) else {
                throw IPTablesRefusal(reason: "this test of the connection's status has no form in iptables")
            }
            if test.value & ~test.mask != 0 {
                // Never met; behind `!` by every entry.
                if test.isNegated { needsEntry = true } else { add([]) }
                continue
            }
            let set = ConntrackStatus(rawValue: test.value)
            let clear = ConntrackStatus(rawValue: test.mask & ~test.value)
            needsEntry = needsEntry || !set.isEmpty && test.isNegated || !clear.isEmpty && !test.isNegated
            if test.isNegated {
                let alternatives = set.members.map { noneOf($0) } + (clear.isEmpty ? [] : anyOf(clear))
                if alternatives.count > 1 { result.overlaps = true }
                add(alternatives)
            } else {
                for bit in set.members { add(anyOf(bit)) }
                for part in clear.parts { add([noneOf(part)]) }
                if test.mask == 0 { needsEntry = true }
            }
        }
        return needsEntry
    }

    /// At least one of the bits; each alternative asks for an entry by itself.
    private func anyOf(_ bits: ConntrackStatus) -> [IPTablesAlternative] {
        bits.parts.map { part in
            part.isSubset(of: .translated)
                ? .own { $0.state = Negatable(ConntrackMatch.States([], translated: part)) }
                : .own { $0.status = Negatable(part) }
        }
    }

    /// None of the bits, all of them translations or none of them.
    private func noneOf(_ bits: ConntrackStatus) -> IPTablesAlternative {
        bits.isSubset(of: .translated)
            ? .own { $0.state = Negatable(ConntrackMatch.States([], translated: bits), isNegated: true) }
            : .own { $0.status = Negatable(bits, isNegated: true) }
    }
}

extension ConntrackStatus {
    fileprivate static let translated: ConntrackStatus = [.snat, .dnat]
    /// The bits that iptables can ask for.
    fileprivate static let known: ConntrackStatus = [.expected, .seenReply, .assured, .confirmed, .snat, .dnat]

    /// The bits that `--ctstatus` knows, and those that are states; empty ones are left out.
    fileprivate var parts: [ConntrackStatus] {
        [subtracting(.translated), intersection(.translated)].filter { !$0.isEmpty }
    }

    /// Each bit by itself.
    fileprivate var members: [ConntrackStatus] {
        (0..<32).map { ConntrackStatus(rawValue: 1 << $0) }.filter { contains($0) }
    }
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

extension IPProtocol {
    /// Whether iptables has a module with `--sport` and `--dport` for it; UDP-Lite has `multiport` alone.
    fileprivate var hasPortModule: Bool { self != .udplite }

    /// An instance of that module.
    fileprivate func match(
        source: Negatable<PortRange>?, destination: Negatable<PortRange>?, flags: Negatable<TCPMatch.Flags>?
    ) -> IPTablesMatch {
        self == .tcp
            ? .tcp(TCPMatch(source: source, destination: destination, flags: flags))
            : .ports(self, source: source, destination: destination)
    }
}

extension Negatable<PortRange> {
    /// `nil` for all ports: the module asks for them by being there.
    fileprivate var unlessAll: Negatable<PortRange>? { !isNegated && value == PortRange(0, .max) ? nil : self }
}
