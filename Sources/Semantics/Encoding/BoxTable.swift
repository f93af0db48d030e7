internal import FirewallIR
internal import PacketModel

/// The boxes of a query as rows of numbers: one column a field, equal numbers for equal sets.
struct BoxTable {
    /// The columns of a row, in their order.
    static let dimensions: [Dimension] =
        [
            .inInterface, .outInterface, .source, .destination, .proto, .sourcePort, .destinationPort, .icmp,
            .tcpFlags, .fragment, .state, .direction, .status, .originalSource, .originalDestination,
            .originalProtocol, .originalSourcePort, .originalDestinationPort, .connectionMark, .mark, .packetType,
        ] + NumericField.allCases.map { .number($0) } + questions.map { .addressType($0) }

    /// Every question to the routing table.
    static let questions: [AddressTypeQuestion] = [AddressTypeTest.Side.source, .destination].flatMap { side in
        [nil, .in, .out].map { AddressTypeQuestion(side, interface: $0) }
    }

    /// How many numbers a row has.
    static let width = dimensions.count

    let family: AddressFamily
    /// All rows, one behind the other.
    private(set) var rows: [UInt32] = []

    var inInterface = Column<InterfaceSet>()
    var outInterface = Column<InterfaceSet>()
    var source = AddressColumn()
    var destination = AddressColumn()
    var originalSource = AddressColumn()
    var originalDestination = AddressColumn()
    var proto = Column<IntervalSet<UInt8>>()
    var originalProtocol = Column<Presence<IntervalSet<UInt8>>>()
    var sourcePort = Column<Presence<IntervalSet<UInt16>>>()
    var destinationPort = Column<Presence<IntervalSet<UInt16>>>()
    var originalSourcePort = Column<Presence<IntervalSet<UInt16>>>()
    var originalDestinationPort = Column<Presence<IntervalSet<UInt16>>>()
    var icmp = Column<Presence<IntervalSet<UInt16>>>()
    var tcpFlags = Column<Presence<[MaskedTest<UInt8>]>>()
    var fragment = Column<Bool>()
    var state = Column<ConntrackStateSet>()
    var direction = Column<Presence<ConntrackDirectionSet>>()
    var status = Column<Presence<[MaskedTest<UInt32>]>>()
    var connectionMark = Column<Presence<[MaskedTest<UInt32>]>>()
    var mark = Column<[MaskedTest<UInt32>]>()
    var packetType = Column<PacketTypeSet>()
    var numbers = NumericField.allCases.map { _ in Column<Presence<IntervalSet<UInt64>>>() }
    var addressTypes = questions.map { _ in Column<AddressTypeSet>() }

    init(family: AddressFamily) { self.family = family }

    /// How many distinct values each column has.
    var valueCounts: [Int] {
        [
            inInterface.values.count, outInterface.values.count, source.count, destination.count, proto.values.count,
            sourcePort.values.count, destinationPort.values.count, icmp.values.count, tcpFlags.values.count,
            fragment.values.count, state.values.count, direction.values.count, status.values.count,
            originalSource.count, originalDestination.count, originalProtocol.values.count,
            originalSourcePort.values.count, originalDestinationPort.values.count, connectionMark.values.count,
            mark.values.count, packetType.values.count,
        ] + numbers.map(\.values.count) + addressTypes.map(\.values.count)
    }

    /// How many rows there are.
    var count: Int { rows.count / Self.width }

    /// Adds a box; returns whether the family has packets in it, else there is no row.
    mutating func add(_ box: Box) -> Bool {
        guard box.families.contains(FamilySet(family)) else { return false }
        let start = rows.count
        rows.append(inInterface.number(of: box.inInterface))
        rows.append(outInterface.number(of: box.outInterface))
        rows.append(source.number(of: box.source, family))
        rows.append(destination.number(of: box.destination, family))
        rows.append(proto.number(of: box.protocols))
        rows.append(sourcePort.number(of: box.sourcePort))
        rows.append(destinationPort.number(of: box.destinationPort))
        rows.append(icmp.number(of: box.icmp))
        rows.append(tcpFlags.number(of: box.tcpFlags))
        rows.append(fragment.number(of: box.isLaterFragment))
        rows.append(state.number(of: box.state))
        rows.append(direction.number(of: box.direction))
        rows.append(status.number(of: box.status))
        rows.append(originalSource.number(of: box.originalSource, family))
        rows.append(originalDestination.number(of: box.originalDestination, family))
        rows.append(originalProtocol.number(of: box.originalProtocol))
        rows.append(originalSourcePort.number(of: box.originalSourcePort))
        rows.append(originalDestinationPort.number(of: box.originalDestinationPort))
        rows.append(connectionMark.number(of: box.connectionMark))
        rows.append(mark.number(of: box.mark.isEmpty ? nil : box.mark))
        rows.append(packetType.number(of: box.packetType))
        addRare(box)
        assert(rows.count == start + Self.width)
        return true
    }

    /// The fields that few boxes restrict.
    private mutating func addRare(_ box: Box) {
        if box.numbers.isEmpty {
            for _ in numbers { rows.append(0) }
        } else {
            for (index, field) in NumericField.allCases.enumerated() {
                rows.append(numbers[index].number(of: box.numbers[field]?.possible(field)))
            }
        }
        if box.addressTypes.isEmpty {
            for _ in addressTypes { rows.append(0) }
        } else {
            for (index, question) in Self.questions.enumerated() {
                rows.append(addressTypes[index].number(of: box.addressTypes(question)))
            }
        }
    }
}

extension Box {
    /// The types that the tests of one question leave; `nil` if there is none.
    fileprivate func addressTypes(_ question: AddressTypeQuestion) -> AddressTypeSet? {
        addressTypes.filter { $0.question == question }.reduce(nil) { types, test in
            let own = test.isNegated ? AddressTypeSet(rawValue: ~test.types.rawValue) : test.types
            return types?.intersection(own) ?? own
        }
    }
}

extension Presence where Values == IntervalSet<UInt64> {
    /// Those values that the field can have, and its absence only if it can be absent.
    fileprivate func possible(_ field: NumericField) -> Presence {
        Presence(values.intersection(field.all), allowsAbsent: allowsAbsent && field.mayBeAbsent)
    }
}

/// The distinct address sets of one field, of one family alone.
struct AddressColumn {
    var v4 = Column<Presence<IntervalSet<UInt32>>>()
    var v6 = Column<Presence<IntervalSet<UInt128>>>()

    /// How many there are.
    var count: Int { v4.values.count + v6.values.count }

    @inline(__always)
    mutating func number(of set: IPAddressSet?, _ family: AddressFamily) -> UInt32 {
        guard let set else { return 0 }
        return number(of: Presence(set), family)
    }

    mutating func number(of set: Presence<IPAddressSet>?, _ family: AddressFamily) -> UInt32 {
        guard let set else { return 0 }
        switch family {
        case .ip: return v4.number(of: Presence(set.values.v4, allowsAbsent: set.allowsAbsent))
        case .ip6: return v6.number(of: Presence(set.values.v6, allowsAbsent: set.allowsAbsent))
        }
    }
}
