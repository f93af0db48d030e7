package import FirewallIR
package import PacketModel

extension SeededGenerator {
    /// A box over the whole vocabulary of the IR: few fields, of few values, each with or without absence.
    package mutating func box(in families: FamilySet) -> Box {
        var box = anyBox(in: families)
        // Broad ones are rare, lest nothing be reached behind them.
        while box.isBroad && !oneIn(12) { box = anyBox(in: families) }
        return box
    }

    private mutating func anyBox(in families: FamilySet) -> Box {
        var box = Box()
        box.families = oneIn(4) ? FamilySet(family(of: families)) : families
        if oneIn(4) { box.inInterface = interfaceSet() }
        if oneIn(6) { box.outInterface = interfaceSet() }
        if oneIn(3) { box.source = addressSet() }
        if oneIn(5) { box.destination = addressSet() }
        if oneIn(2) { header(&box) }
        if oneIn(2) { connection(&box) }
        if oneIn(6) { box.mark = (0..<number(1...2)).map { _ in markTest() } }
        if oneIn(10) { box.connectionMark = presence((0..<number(1...2)).map { _ in markTest() }, absent: 4) }
        if oneIn(8) {
            let field = pick(NumericField.allCases)
            box.numbers[field] = numbers(field)
        }
        if oneIn(9) { box.packetType = bits([PacketTypeSet.host, .broadcast, .multicast, .other]) }
        if oneIn(8) { box.addressTypes = (0..<number(1...2)).map { _ in addressTypeTest() } }
        return box
    }

    /// Interfaces by name or beginning, or all others.
    package mutating func interfaceSet() -> InterfaceSet {
        InterfaceSet(some(Vocabulary.patterns, atMost: 3), isNegated: oneIn(3))
    }

    /// A test of the mark; now and then one that nothing passes.
    package mutating func markTest() -> MaskedTest<UInt32> {
        MaskedTest(mask: pick([0xff, 1, 3, 0x100, .max]), value: pick([0, 1, 2, 3]), isNegated: oneIn(3))
    }

    /// A question to the routing table, and the answers that match.
    package mutating func addressTypeTest() -> AddressTypeTest {
        AddressTypeTest(
            pick([.source, .destination]),
            bits([AddressTypeSet.local, .unicast, .broadcast, .multicast, .anycast, .unreachable]),
            isNegated: oneIn(3), interface: oneIn(3) ? pick([.in, .out]) : nil)
    }

    /// The union of some sets.
    mutating func bits<Bits: OptionSet>(_ members: [Bits]) -> Bits {
        some(members, atMost: 3).reduce(into: []) { $0.formUnion($1) }
    }

    private mutating func presence<Values>(_ values: Values, absent: Int) -> Presence<Values> {
        Presence(values, allowsAbsent: oneIn(absent))
    }

    private mutating func header(_ box: inout Box) {
        switch number(0...6) {
        case 0: box.protocols = protocolSet()
        case 1, 2:
            if !oneIn(4) { box.protocols = IntervalSet(pick([IPProtocol.tcp, .tcp, .udp, .sctp]).rawValue) }
            if oneIn(3) { box.sourcePort = presence(portSet(), absent: 4) }
            box.destinationPort = presence(portSet(), absent: 4)
        case 3:
            if !oneIn(3) { box.protocols = IntervalSet(pick([IPProtocol.icmp, .icmpv6]).rawValue) }
            box.icmp = presence(icmpSet(), absent: 4)
        case 4:
            if !oneIn(3) { box.protocols = IntervalSet(IPProtocol.tcp.rawValue) }
            box.tcpFlags = presence((0..<number(1...2)).map { _ in flagTest() }, absent: 4)
        case 5: box.isLaterFragment = oneIn(2)
        default: box.protocols = IntervalSet(pick([IPProtocol.tcp, .udp]).rawValue)
        }
    }

    private mutating func flagTest() -> MaskedTest<UInt8> {
        let mask: UInt8 = pick([0x3f, 0x12, 0x02, 0x17, 0xff])
        return MaskedTest(mask: mask, value: pick([2, 0, 0x12]) & mask, isNegated: oneIn(3))
    }

    private mutating func connection(_ box: inout Box) {
        if oneIn(2) { box.state = states() }
        if oneIn(3) { box.direction = presence(pick([.original, .reply, .both]), absent: 4) }
        if oneIn(3) { box.status = presence((0..<number(1...2)).map { _ in statusTest() }, absent: 4) }
        if oneIn(5) { box.originalSource = presence(addressSet(), absent: 4) }
        if oneIn(5) { box.originalDestination = presence(addressSet(), absent: 4) }
        if oneIn(6) { box.originalProtocol = presence(protocolSet(), absent: 4) }
        if oneIn(8) { box.originalSourcePort = presence(portSet(), absent: 4) }
        if oneIn(3) { box.originalDestinationPort = presence(portSet(), absent: 4) }
    }

    private mutating func statusTest() -> MaskedTest<UInt32> {
        let mask: UInt32 = pick([32, 16, 48, 2, 4, 36, 8])
        return MaskedTest(mask: mask, value: oneIn(2) ? 0 : mask, isNegated: oneIn(2))
    }
}

extension Box {
    /// Whether less than two fields are restricted.
    fileprivate var isBroad: Bool {
        let restricted = [
            inInterface != nil, outInterface != nil, source != nil, destination != nil, protocols != nil,
            sourcePort != nil || destinationPort != nil || icmp != nil || tcpFlags != nil, state != nil,
            direction != nil || status != nil, originalSource != nil || originalDestination != nil,
            originalProtocol != nil || originalSourcePort != nil || originalDestinationPort != nil, !mark.isEmpty,
            connectionMark != nil, !numbers.isEmpty,
            packetType != nil, !addressTypes.isEmpty,
        ]
        return restricted.filter { $0 }.count < 2
    }
}
