internal import FirewallIR
internal import PacketModel

/// What the rules of a query tell apart in each dimension, and back: from atoms to values.
struct Domains {
    let family: AddressFamily
    let interfaces: InterfaceAtoms
    /// Of the packet and of the connection alike, so that the two can be compared.
    private(set) var source4 = Ranks<UInt32>()
    private(set) var source6 = Ranks<UInt128>()
    private(set) var destination4 = Ranks<UInt32>()
    private(set) var destination6 = Ranks<UInt128>()
    private(set) var sourcePort = Ranks<UInt16>()
    private(set) var destinationPort = Ranks<UInt16>()
    /// Of the packet and of the connection alike.
    private(set) var proto = Ranks<UInt8>()
    private(set) var icmp = Ranks<UInt16>()
    /// Seconds since 1970, with the sign bit turned so that the order is kept.
    private(set) var time = Ranks<UInt64>()
    let tcpFlags: MaskClasses<UInt8>
    let status: MaskClasses<UInt32>
    let mark: MaskClasses<UInt32>
    let connectionMark: MaskClasses<UInt32>
    /// Of the fields that are asked for.
    private(set) var numbers: [NumericField: Ranks<UInt64>] = [:]

    /// The states, directions and packet types in the order of their atoms.
    static let states: [ConntrackStateSet] = [.new, .established, .related, .invalid, .untracked]
    static let directions: [ConntrackDirectionSet] = [.original, .reply]
    static let packetTypes: [PacketTypeSet] = [.host, .broadcast, .multicast, .other]

    /// What the routing table can say of an address of the family.
    var addressTypes: [AddressTypeSet] {
        let both: [AddressTypeSet] = [.unicast, .local, .multicast, .anycast, .unreachable, .unspecified]
        return family == .ip ? both + [.broadcast, .blackhole, .prohibit] : both
    }

    init(_ table: BoxTable, hook: Scope.Hook, instants: [Int64], markChanges: Set<MarkChanges>) {
        family = table.family
        let patterns = Set((table.inInterface.values + table.outInterface.values).flatMap(\.patterns))
        interfaces = InterfaceAtoms(
            patterns, preferred: ["eth0", "docker0"], mayBeMissing: hook == .input || hook == .output)
        tcpFlags = MaskClasses(table.tcpFlags.values.flatMap(\.values), preferred: [0x02, 0x10, 0x12])
        let dnat = MaskedTest(mask: ConntrackStatus.dnat.rawValue, value: ConntrackStatus.dnat.rawValue)
        let seenReply = MaskedTest(mask: ConntrackStatus.seenReply.rawValue, value: ConntrackStatus.seenReply.rawValue)
        status = MaskClasses(
            table.status.values.flatMap(\.values) + [dnat, seenReply], preferred: [0x20, 0x2e, 0, 0x0e, 0x28, 0x08])
        mark = MaskClasses(
            Self.closed(table.mark.values.flatMap { $0 }, under: Set(markChanges.map(\.packet))), preferred: [0])
        connectionMark = MaskClasses(
            Self.closed(table.connectionMark.values.flatMap(\.values), under: Set(markChanges.map(\.connection))),
            preferred: [0])
        rank(table, instants)
    }

    private mutating func rank(_ table: BoxTable, _ instants: [Int64]) {
        for values in table.source.v4.values + table.originalSource.v4.values { source4.divide(by: values.values) }
        for values in table.source.v6.values + table.originalSource.v6.values { source6.divide(by: values.values) }
        for values in table.destination.v4.values + table.originalDestination.v4.values {
            destination4.divide(by: values.values)
        }
        for values in table.destination.v6.values + table.originalDestination.v6.values {
            destination6.divide(by: values.values)
        }
        for values in table.sourcePort.values + table.originalSourcePort.values { sourcePort.divide(by: values.values) }
        for values in table.destinationPort.values + table.originalDestinationPort.values {
            destinationPort.divide(by: values.values)
        }
        for values in table.proto.values + table.originalProtocol.values.map(\.values) { proto.divide(by: values) }
        for known in IPProtocol.withPorts + [family.icmp] { proto.divide(by: IntervalSet(known.rawValue)) }
        for values in table.icmp.values { icmp.divide(by: values.values) }
        divideByTuples(table)
        for (field, column) in zip(NumericField.allCases, table.numbers) where !column.values.isEmpty {
            var ranks = Ranks<UInt64>()
            for set in column.values { ranks.divide(by: set.values, upTo: field.last) }
            ranks.finish()
            numbers[field] = ranks
        }
        for instant in instants { time.divide(by: Self.before(instant)) }
        source4.finish()
        source6.finish()
        destination4.finish()
        destination6.finish()
        sourcePort.finish()
        destinationPort.finish()
        proto.finish()
        icmp.finish()
        time.finish()
    }

    /// Lets what tuples without ports can hold be told apart, where tuples are asked for.
    private mutating func divideByTuples(_ table: BoxTable) {
        let requests = ICMPRequests.messages(family)
        if !table.icmp.values.isEmpty { icmp.divide(by: requests) }
        if !table.originalDestinationPort.values.isEmpty {
            destinationPort.divide(by: requests)
            destinationPort.divide(by: IntervalSet(0))
        }
        if !table.originalSourcePort.values.isEmpty { sourcePort.divide(by: IntervalSet(0)) }
        if !table.originalDestinationPort.values.isEmpty || !table.originalSourcePort.values.isEmpty {
            proto.divide(by: ICMPRequests.protocolsWithoutPorts(family))
        }
    }

    /// The instants before one, as unsigned numbers in the same order.
    static func before(_ instant: Int64) -> IntervalSet<UInt64> {
        let end = ordered(instant)
        return end == 0 ? .none : IntervalSet([0...(end - 1)])
    }

    /// A signed number as an unsigned one in the same order.
    static func ordered(_ instant: Int64) -> UInt64 { UInt64(bitPattern: instant) ^ 1 << 63 }

    /// Tests, and what they ask of the mark before each change: so that a change leads from classes to classes.
    static func closed(_ tests: [MaskedTest<UInt32>], under changes: Set<MarkChange>) -> [MaskedTest<UInt32>] {
        var all = Set(tests.map { MaskedTest(mask: $0.mask, value: $0.value) })
        var open = Array(all)
        while let test = open.popLast() {
            for change in changes where (change.value ^ test.value) & change.mask & test.mask == 0 {
                let mask = test.mask & ~change.mask
                let before = MaskedTest(mask: mask, value: (test.value ^ change.value) & mask)
                if all.insert(before).inserted { open.append(before) }
            }
        }
        return all.sorted { ($0.mask, $0.value) < ($1.mask, $1.value) }
    }

    /// Whether bits are asked in more combinations than can be told apart.
    var hasTooManyClasses: Bool {
        mark.isExhausted || connectionMark.isExhausted || status.isExhausted || tcpFlags.isExhausted
    }

    // MARK: - Sizes

    /// How many values a dimension has, absence apart.
    func size(_ dimension: Dimension) -> UInt32 {
        switch dimension {
        case .inInterface, .outInterface: UInt32(interfaces.names.count)
        case .source, .originalSource: family == .ip ? source4.count : source6.count
        case .destination, .originalDestination: family == .ip ? destination4.count : destination6.count
        case .proto, .originalProtocol: proto.count
        case .sourcePort, .originalSourcePort: sourcePort.count
        case .destinationPort, .originalDestinationPort: destinationPort.count
        case .icmp: icmp.count
        case .tcpFlags: UInt32(tcpFlags.representatives.count)
        case .fragment, .opaque, .guarded: 2
        case .state: UInt32(Self.states.count)
        case .direction: UInt32(Self.directions.count)
        case .status: UInt32(status.representatives.count)
        case .connectionMark: UInt32(connectionMark.representatives.count)
        case .number(let field): numbers[field]?.count ?? 1
        case .mark: UInt32(mark.representatives.count)
        case .packetType: UInt32(Self.packetTypes.count)
        case .time: time.count
        case .addressType: UInt32(addressTypes.count)
        }
    }

    /// The atom that stands for absence, behind the values.
    func absent(_ dimension: Dimension) -> UInt32? {
        dimension.isOfEntry || dimension.isOfHeader || dimension.isOptional ? size(dimension) : nil
    }

    // MARK: - Sets

    /// The distinct sets of a column as atoms, in the order of their numbers from 1; without those that were known before.
    func sets(of dimension: Dimension, in table: BoxTable, behind known: Int = 0) -> [AtomIntervals] {
        switch dimension {
        case .inInterface: table.inInterface.values.dropFirst(known).map { interfaces.atoms(of: $0) }
        case .outInterface: table.outInterface.values.dropFirst(known).map { interfaces.atoms(of: $0) }
        case .source: addresses(dimension, table.source, source4, source6, known)
        case .destination: addresses(dimension, table.destination, destination4, destination6, known)
        case .originalSource: addresses(dimension, table.originalSource, source4, source6, known)
        case .originalDestination: addresses(dimension, table.originalDestination, destination4, destination6, known)
        case .proto: table.proto.values.dropFirst(known).map { proto.atoms(of: $0) }
        case .originalProtocol: present(dimension, table.originalProtocol, known) { proto.atoms(of: $0) }
        case .sourcePort: present(dimension, table.sourcePort, known) { sourcePort.atoms(of: $0) }
        case .originalSourcePort: present(dimension, table.originalSourcePort, known) { sourcePort.atoms(of: $0) }
        case .destinationPort: present(dimension, table.destinationPort, known) { destinationPort.atoms(of: $0) }
        case .originalDestinationPort:
            present(dimension, table.originalDestinationPort, known) { destinationPort.atoms(of: $0) }
        case .icmp: present(dimension, table.icmp, known) { icmp.atoms(of: $0) }
        case .tcpFlags: present(dimension, table.tcpFlags, known) { tcpFlags.atoms(passing: $0) }
        case .fragment: table.fragment.values.dropFirst(known).map { $0 ? [1...1] : [0...0] }
        case .state: table.state.values.dropFirst(known).map { Self.members(Self.states, of: $0) }
        case .direction: present(dimension, table.direction, known) { Self.members(Self.directions, of: $0) }
        case .status: present(dimension, table.status, known) { status.atoms(passing: $0) }
        case .connectionMark: present(dimension, table.connectionMark, known) { connectionMark.atoms(passing: $0) }
        case .number(let field):
            present(dimension, table.numbers[NumericField.allCases.firstIndex(of: field) ?? 0], known) {
                numbers[field]?.atoms(of: $0) ?? []
            }
        case .mark: table.mark.values.dropFirst(known).map { mark.atoms(passing: $0) }
        case .packetType: table.packetType.values.dropFirst(known).map { Self.members(Self.packetTypes, of: $0) }
        case .addressType(let question):
            table.addressTypes[BoxTable.questions.firstIndex(of: question) ?? 0].values.dropFirst(known).map {
                Self.members(addressTypes, of: $0)
            }
        case .time, .opaque, .guarded: []
        }
    }

    private func present<Values>(
        _ dimension: Dimension, _ column: Column<Presence<Values>>, _ known: Int, _ atoms: (Values) -> AtomIntervals
    ) -> [AtomIntervals] {
        column.values.dropFirst(known).map { withAbsence(dimension, $0, atoms($0.values)) }
    }

    private func withAbsence<Values>(_ dimension: Dimension, _ set: Presence<Values>, _ atoms: AtomIntervals)
        -> AtomIntervals
    {
        guard set.allowsAbsent, let absent = absent(dimension) else { return AtomSets.merged(atoms) }
        return AtomSets.merged(atoms + [absent...absent])
    }

    private func addresses(
        _ dimension: Dimension, _ column: AddressColumn, _ v4: Ranks<UInt32>, _ v6: Ranks<UInt128>, _ known: Int
    ) -> [AtomIntervals] {
        family == .ip
            ? column.v4.values.dropFirst(known).map { withAbsence(dimension, $0, v4.atoms(of: $0.values)) }
            : column.v6.values.dropFirst(known).map { withAbsence(dimension, $0, v6.atoms(of: $0.values)) }
    }

    private static func members<Set: OptionSet>(_ all: [Set], of set: Set) -> AtomIntervals where Set.Element == Set {
        AtomSets.merged(all.indices.filter { set.contains(all[$0]) }.map { UInt32($0)...UInt32($0) })
    }
}

extension NumericField {
    /// The largest value.
    var last: UInt64 { 1 << UInt64(bits) - 1 }
}

extension Domains {
    /// The values of some atoms of a field.
    func values(_ field: NumericField, _ atoms: ClosedRange<UInt32>) -> ClosedRange<UInt64> {
        (numbers[field] ?? Ranks()).values(of: atoms).clamped(to: 0...field.last)
    }
}
