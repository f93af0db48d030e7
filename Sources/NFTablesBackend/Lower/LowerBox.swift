internal import FirewallIR
internal import PacketModel

/// Turns a box into lines of matches, any of which has to be met; a packet meets one of them at most.
struct LowerBox {
    /// What the lines of a box are for.
    struct Task {
        /// The family that the lines are for; `nil` for both.
        var family: AddressFamily?
        /// What the names of sets begin with: `drop`.
        var purpose: String
        /// The field whose values came from several rules of the policy.
        var sourced: BoxFields = []
        /// Its values, and where they came from, if they are addresses.
        var addresses: SourcedAddresses?
        /// Its values, and where they came from, if they are ports.
        var ports: SourcedPorts?
        /// The fields that a look-up behind the lines asks for, which the box does not.
        var keys: BoxFields = []

        init(_ family: AddressFamily?, purpose: String) {
            self.family = family
            self.purpose = purpose
        }
    }

    let task: Task
    let box: Box
    private var sets: NFTSets
    var before: [NFTStatement] = []
    private var transport: [[NFTStatement]] = [[]]
    var after: [NFTStatement] = []
    /// Look-ups of addresses, each in one of several ways.
    private var lookups: [[[NFTStatement]]] = []
    /// Whether one of them is of an address of the original tuple.
    private var asksTupleAddress = false

    /// The family that the lines are for; `nil` for both.
    var family: AddressFamily? { task.family }

    private init(_ box: Box, _ task: Task, sets: NFTSets) {
        self.box = box
        self.task = task
        self.sets = sets
    }

    /// The lines of a box, which is restricted to a family or speaks of none; sets that they need are added.
    static func lower(_ box: Box, _ task: Task, sets: inout NFTSets) throws(NFTRefusal) -> [[NFTStatement]] {
        var lines: [[NFTStatement]] = []
        let asked = box.demanding(task.keys)
        for part in asked.withConsistentConntrack.splitByEntry.map({ $0.withHeaders(task) }) where !part.isEmpty {
            var lowering = LowerBox(part, task, sets: sets)
            try lowering.lowerAll()
            sets = lowering.sets
            let ends = lowering.lookups.reduce([[]]) { ends, ways in ends.flatMap { end in ways.map { end + $0 } } }
            lines += lowering.transport.flatMap { transport in
                ends.map { lowering.before + transport + lowering.after + $0 }
            }
        }
        return lines
    }

    private mutating func lowerAll() throws(NFTRefusal) {
        try interfaces(box.inInterface, .iifname)
        try interfaces(box.outInterface, .oifname)
        addresses(box.source, .source, "saddr")
        addresses(box.destination, .destination, "daddr")
        if let isLater = box.isLaterFragment {
            guard family == .ip else { throw NFTRefusal(reason: "later fragments are matched for IPv4 only") }
            before.append(.match(.and(.payload("ip", "frag-off"), 0x1fff), isLater ? .notEqual : .equal, .number(0)))
        }
        try numbers()
        try lowerTransport()
        conntrack()
        for test in box.mark { after.append(masked(.meta(.mark), test, all: .max)) }
        packetType()
        for test in box.addressTypes { after.append(addressType(test)) }
        try hardwareAddress()
    }

    // MARK: - Interfaces and addresses

    private mutating func interfaces(_ set: InterfaceSet?, _ key: NFTExpression.Meta) throws(NFTRefusal) {
        guard let set, let first = set.patterns.first else { return }
        if let name = set.patterns.first(where: { $0.description.utf8.first == UInt8(ascii: "@") }) {
            throw NFTRefusal(
                reason: "the interface name '\(name)' begins with '@', which stands for a set in nft's JSON")
        }
        let value: NFTValue = set.patterns.count == 1 ? .interface(first) : .set(set.patterns.map(NFTValue.interface))
        before.append(.match(.meta(key), set.isNegated ? .notEqual : .equal, value))
    }

    private mutating func addresses(_ set: IPAddressSet?, _ field: BoxFields, _ word: String) {
        guard let set, let family else { return }
        lookUp(set, field, .payload(family == .ip ? "ip" : "ip6", word), word)
    }

    /// One value stands in front of what is asked next; sets are looked through last.
    private mutating func lookUp(
        _ set: IPAddressSet, _ field: BoxFields, _ expression: NFTExpression, _ word: String
    ) {
        guard let family else { return }
        let lookup = AddressLookup(
            expression: expression, family: family, name: "\(task.purpose)-\(word)\(family == .ip ? 4 : 6)")
        let addresses =
            (task.sourced == field ? task.addresses : nil)
            ?? SourcedAddresses(parts: [(set.only(family), [])])
        let ways = lookup.alternatives(addresses, &sets)
        if field != .source, field != .destination { asksTupleAddress = true }
        if ways.count > 1 || sets.isOptimized && ways[0].contains(where: \.isLookup) {
            lookups.append(ways)
        } else if field == .source || field == .destination {
            before += ways[0]
        } else {
            after += ways[0]
        }
    }

    // MARK: - Transport

    private mutating func lowerTransport() throws(NFTRefusal) {
        let asksHeader = box.sourcePort != nil || box.destinationPort != nil || box.icmp != nil || box.tcpFlags != nil
        let asksTuplePort =
            box.originalSourcePort != nil || box.originalDestinationPort != nil
            || !task.keys.isDisjoint(with: [.originalSourcePort, .originalDestinationPort])
        if box.protocols == nil, !task.keys.isDisjoint(with: [.sourcePort, .destinationPort]) {
            throw NFTRefusal(reason: "a port is asked for without a protocol")
        }
        guard asksHeader else {
            before += (asksTuplePort ? [protocolsBeforeTuplePort] : protocolMatch) + familyMatch
            return
        }
        guard let protocols = box.protocols else { throw NFTRefusal(reason: "a port is asked for without a protocol") }
        let needsEach = protocols.single == nil && asksTuplePort
        var header = [(needsEach ? [protocolsBeforeTuplePort] : protocolMatch) + familyMatch]
        // An ICMP type does imply both family and protocol, so here their usual order lists as it loads.
        if box.icmp != nil { header = [familyMatch + protocolMatch] }
        let name = protocols.single.map { IPProtocol(rawValue: $0).name } ?? "th"
        header = try headerPort(box.sourcePort, .sourcePort, name, header)
        header = try headerPort(box.destinationPort, .destinationPort, name, header)
        if let flags = box.tcpFlags {
            guard !flags.allowsAbsent else { throw NFTRefusal(reason: "the absence of TCP flags cannot be asked for") }
            let tests = flags.values.map { masked(.payload("tcp", "flags"), $0.widened, all: nil) }
            header = header.map { $0 + tests }
        }
        if let icmp = box.icmp { header = try icmp.lines(family == .ip6 ? "icmpv6" : "icmp", before: header) }
        transport = header
    }

    /// The family, where no address tells it.
    ///
    /// It stands behind the protocol: in front of it nft 1.0.6 takes the family for something that `icmp` implies, and
    /// leaves it out of its listings.
    private var familyMatch: [NFTStatement] {
        guard let family, box.source == nil && box.destination == nil,
            task.keys.isDisjoint(with: [.source, .destination]),
            box.numbers[.hopLimit] == nil && box.numbers[.dscp] == nil
        else { return [] }
        return [.match(.meta(.nfproto), .equal, .keyword(family == .ip ? "ipv4" : "ipv6"))]
    }

    private var protocolMatch: [NFTStatement] {
        guard let set = box.protocols, !set.isAll else { return [] }
        let missing = set.complement.intervals
        let isNegated = missing.count < set.intervals.count
        let parts = isNegated ? missing : set.intervals
        let value = parts.count == 1 ? parts[0].protocolValue : NFTValue.set(parts.map(\.protocolValue))
        return [.match(.meta(.l4proto), isNegated ? .notEqual : .equal, value)]
    }

    /// `ct original proto-dst` has to be told the protocol: one, or an anonymous set that lists each.
    private var protocolsBeforeTuplePort: NFTStatement {
        let numbers = (box.protocols ?? .all).intervals.flatMap { Array($0) }
        let values = numbers.map { NFTValue.protocolNumber($0) }
        return .match(.meta(.l4proto), .equal, values.count == 1 ? values[0] : .set(values))
    }

    // MARK: - Conntrack

    private mutating func conntrack() {
        let start = after.count
        if let state = box.state, state != .all { after.append(state.match) }
        if let direction = box.direction?.values, direction != .both {
            after.append(
                .match(
                    .ct(.direction, original: false), .equal, .keyword(direction == .original ? "original" : "reply")))
        }
        for test in box.status?.values ?? [] { after.append(status(test)) }
        tupleAddress(box.originalSource, .originalSource, v4: .ipSource, v6: .ip6Source)
        tupleAddress(box.originalDestination, .originalDestination, v4: .ipDestination, v6: .ip6Destination)
        if let set = box.originalProtocol?.values, !set.isAll {
            let missing = set.complement.intervals
            let isNegated = missing.count < set.intervals.count
            let parts = isNegated ? missing : set.intervals
            // nft 1.0.6 lists a rule without its `meta nfproto` where a single number follows, and with it before a range.
            let value =
                parts.count == 1
                ? NFTValue.range(Int64(parts[0].lowerBound), Int64(parts[0].upperBound))
                : NFTValue.set(parts.map(\.protocolValue))
            after.append(.match(.ct(.proto, original: true), isNegated ? .notEqual : .equal, value))
        }
        tuplePort(box.originalSourcePort, .originalSourcePort, .protoSource)
        tuplePort(box.originalDestinationPort, .originalDestinationPort, .protoDestination)
        for test in box.connectionMark?.values ?? [] {
            after.append(masked(.ct(.mark, original: false), test, all: .max))
        }
        // All of these fail without an entry; if none was asked, the entry itself is.
        let isAsked = after.count > start || asksTupleAddress || !task.keys.isDisjoint(with: .tuple)
        if !isAsked, box.demandsConntrackEntry { after.append(ConntrackStateSet.tracked.match) }
    }

    private mutating func tupleAddress(
        _ set: Presence<IPAddressSet>?, _ field: BoxFields, v4: NFTExpression.CT, v6: NFTExpression.CT
    ) {
        guard let set = set?.values, let family, !(family == .ip ? set.v4.isAll : set.v6.isAll) else { return }
        let word = field == .originalSource ? "osaddr" : "odaddr"
        lookUp(set, field, .ct(family == .ip ? v4 : v6, original: true), word)
    }

    /// A literal is listed rightly under one protocol only, and only if it is one value or range; a named set always is.
    private mutating func tuplePort(
        _ set: Presence<IntervalSet<UInt16>>?, _ field: BoxFields, _ key: NFTExpression.CT
    ) {
        guard let set = set?.values, !set.isAll else { return }
        let expression = NFTExpression.ct(key, original: true)
        let word = field == .originalSourcePort ? "osport" : "odport"
        guard box.protocols?.single != nil else {
            after.append(.match(expression, .equal, portSet(set, field, word)))
            return
        }
        let missing = set.complement.intervals
        if missing.count == 1, set.intervals.count > 1 {
            after.append(.match(expression, .notEqual, missing[0].value))
        } else {
            let isOne = set.intervals.count == 1
            after.append(.match(expression, .equal, isOne ? set.intervals[0].value : portSet(set, field, word)))
        }
    }

    /// A named set of ports; the rules that it came from are kept where they are known.
    private mutating func portSet(_ set: IntervalSet<UInt16>, _ field: BoxFields, _ word: String) -> NFTValue {
        let ports = (task.sourced == field ? task.ports : nil) ?? SourcedPorts(parts: [(set, [])])
        return PortLookup(name: "\(task.purpose)-\(word)").reference(ports, &sets)
    }

    /// Lines with a match on a port of the packet added to each; many ports are a named set.
    private mutating func headerPort(
        _ ports: Presence<IntervalSet<UInt16>>?, _ field: BoxFields, _ proto: String, _ lines: [[NFTStatement]]
    ) throws(NFTRefusal) -> [[NFTStatement]] {
        guard let ports else { return lines }
        let word = field == .sourcePort ? "sport" : "dport"
        let missing = ports.values.complement.intervals
        guard sets.isOptimized, !ports.allowsAbsent, ports.values.intervals.count > 1,
            missing.count >= ports.values.intervals.count
        else { return try ports.lines(word, proto, before: lines) }
        let match = NFTStatement.match(.payload(proto, word), .equal, portSet(ports.values, field, word))
        return lines.map { $0 + [match] }
    }

    private func status(_ test: MaskedTest<UInt32>) -> NFTStatement {
        let isSingleBit = test.mask.nonzeroBitCount == 1 && test.value == test.mask
        let names = ConntrackStatus(rawValue: test.mask).names
        if (test.isNegated && test.value == 0 || !test.isNegated && isSingleBit) && !names.isEmpty {
            return .match(.ct(.status, original: false), .anyOf, .flags(names))
        }
        return masked(.ct(.status, original: false), test, all: nil)
    }

    // MARK: - The rest

    private func masked(_ left: NFTExpression, _ test: MaskedTest<UInt32>, all: UInt32?) -> NFTStatement {
        let left = test.mask == all ? left : NFTExpression.and(left, test.mask)
        return .match(left, test.isNegated ? .notEqual : .equal, .number(Int64(test.value)))
    }

    private mutating func packetType() {
        guard let types = box.packetType, types != .all else { return }
        let names = types.names.map { NFTValue.keyword($0) }
        after.append(.match(.meta(.pkttype), .equal, names.count == 1 ? names[0] : .set(names)))
    }

    private func addressType(_ test: AddressTypeTest) -> NFTStatement {
        let names = test.types.names.map { NFTValue.keyword($0) }
        let expression = NFTExpression.addressType(
            side: test.side == .source ? "saddr" : "daddr", interface: test.interface.map { $0 == .in ? "iif" : "oif" })
        return .match(expression, test.isNegated ? .notEqual : .equal, names.count == 1 ? names[0] : .set(names))
    }
}

extension BoxFields {
    /// What only packets with a conntrack entry have.
    fileprivate static let tuple: BoxFields = [
        .originalSource, .originalDestination, .originalSourcePort, .originalDestinationPort,
    ]
}

extension NFTStatement {
    /// Whether it looks something up in a named set.
    fileprivate var isLookup: Bool { if case .match(_, _, .named) = self { true } else { false } }
}

extension Box {
    /// The box without packets that lack the conntrack entry which some keys come from.
    fileprivate func demanding(_ keys: BoxFields) -> Box {
        guard !keys.isDisjoint(with: .tuple) else { return self }
        var box = self
        box.direction.narrow(to: Presence(.both))
        return box
    }

    /// The box, or where conntrack fields may be absent its two halves: packets with an entry, and packets without.
    ///
    /// nft's matches on an entry all fail without one, `!=` as well.
    fileprivate var splitByEntry: [Box] {
        let asks =
            direction != nil || status != nil || originalSource != nil || originalDestination != nil
            || originalProtocol != nil || originalSourcePort != nil || originalDestinationPort != nil
            || connectionMark != nil
        guard asks, !demandsConntrackEntry else { return isEmpty ? [] : [self] }
        var with = self
        with.direction = Presence(direction?.values ?? .both)
        with = with.withConsistentConntrack
        var without = self
        without.direction = nil
        without.status = nil
        without.originalSource = nil
        without.originalDestination = nil
        without.originalProtocol = nil
        without.originalSourcePort = nil
        without.originalDestinationPort = nil
        without.connectionMark = nil
        without.state = (state ?? .all).intersection(.withoutEntry)
        return [with, without].filter { !$0.isEmpty }
    }
}

extension Box {
    /// The box without numbers of which any will do, and with none but protocols that have the headers that it asks for.
    ///
    /// nft would read whatever stands at the place of a header, and refuses to ask for two of them.
    fileprivate func withHeaders(_ task: LowerBox.Task) -> Box {
        var box = self
        box.numbers = numbers.filter { field, asked in
            asked.values.intersection(field.all) != field.all || field.mayBeAbsent && !asked.allowsAbsent
        }
        guard protocols != nil else { return box }
        let hasPorts = sourcePort?.allowsAbsent == false || destinationPort?.allowsAbsent == false
        if hasPorts || !task.keys.isDisjoint(with: [.sourcePort, .destinationPort]) {
            box.protocols.narrow(to: IntervalSet(IPProtocol.withPorts.map { $0.rawValue...$0.rawValue }))
        }
        if tcpFlags?.allowsAbsent == false { box.protocols.narrow(to: IntervalSet(IPProtocol.tcp.rawValue)) }
        if let family = task.family, icmp?.allowsAbsent == false {
            box.protocols.narrow(to: IntervalSet((family == .ip ? IPProtocol.icmp : .icmpv6).rawValue))
        }
        return box
    }
}

extension ConntrackStateSet {
    fileprivate var match: NFTStatement { .match(.ct(.state, original: false), .anyOf, .flags(names)) }
}

extension MaskedTest<UInt8> {
    fileprivate var widened: MaskedTest<UInt32> {
        MaskedTest<UInt32>(mask: UInt32(mask), value: UInt32(value), isNegated: isNegated)
    }
}

extension ClosedRange<UInt8> {
    fileprivate var protocolValue: NFTValue {
        lowerBound == upperBound ? .protocolNumber(lowerBound) : .range(Int64(lowerBound), Int64(upperBound))
    }
}

extension NFTValue {
    /// A protocol by the name that nft itself knows, or by its number.
    static func protocolNumber(_ number: UInt8) -> NFTValue {
        let known: [UInt8: String] = [1: "icmp", 6: "tcp", 17: "udp", 58: "ipv6-icmp", 132: "sctp"]
        return known[number].map { .keyword($0) } ?? .number(Int64(number))
    }
}

extension Presence<IntervalSet<UInt16>> {
    /// Lines with a match on a port of the packet added to each.
    fileprivate func lines(
        _ field: String, _ proto: String, before: [[NFTStatement]]
    ) throws(NFTRefusal) -> [[NFTStatement]] {
        guard !allowsAbsent else { throw NFTRefusal(reason: "the absence of a port cannot be asked for") }
        let missing = values.complement.intervals
        // All ports are one range: it still asks for the header.
        let isNegated = !missing.isEmpty && missing.count < values.intervals.count
        let parts = isNegated ? missing : values.intervals
        let value = parts.count == 1 ? parts[0].value : NFTValue.set(parts.map(\.value))
        return before.map { $0 + [.match(.payload(proto, field), isNegated ? .notEqual : .equal, value)] }
    }

    /// Lines with matches on an ICMP type and code added: one for the types with all their codes, one for each other type.
    fileprivate func lines(_ proto: String, before: [[NFTStatement]]) throws(NFTRefusal) -> [[NFTStatement]] {
        guard !allowsAbsent else { throw NFTRefusal(reason: "the absence of an ICMP type cannot be asked for") }
        var whole: [ClosedRange<UInt8>] = []
        var partial: [(UInt8, [ClosedRange<UInt16>])] = []
        for type in UInt8.min...UInt8.max {
            let low = UInt16(type) << 8
            let codes = values.intersection(IntervalSet([low...(low | 255)])).intervals
            if codes == [low...(low | 255)] {
                whole.append(type...type)
            } else if !codes.isEmpty {
                partial.append((type, codes))
            }
        }
        var tests: [[NFTStatement]] = []
        let types = IntervalSet(whole)
        if !types.isEmpty { tests.append([types.match(.payload(proto, "type"))]) }
        for (type, codes) in partial {
            let codeSet = IntervalSet(codes.map { UInt8($0.lowerBound & 255)...UInt8($0.upperBound & 255) })
            tests.append([
                .match(.payload(proto, "type"), .equal, .number(Int64(type))), codeSet.match(.payload(proto, "code")),
            ])
        }
        return before.flatMap { line in tests.map { line + $0 } }
    }
}

extension IntervalSet<UInt8> {
    fileprivate func match(_ expression: NFTExpression) -> NFTStatement {
        let missing = complement.intervals
        let isNegated = !missing.isEmpty && missing.count < intervals.count
        let parts = isNegated ? missing : intervals
        let value = parts.count == 1 ? parts[0].value : NFTValue.set(parts.map(\.value))
        return .match(expression, isNegated ? .notEqual : .equal, value)
    }
}
