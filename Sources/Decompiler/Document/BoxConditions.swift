internal import FirewallIR
internal import PacketModel
internal import Seawall

/// The low-level conditions that say a box: all of them together hold for the packets of the box, and for no others.
struct BoxConditions {
    private var box: Box
    /// The families of the packets that can be in the box.
    private let families: FamilySet
    /// The families that are left by what has been written.
    private var saidFamilies: FamilySet
    /// Whether something that has been written asks for a conntrack entry.
    private var asksForEntry = false
    /// Whether the protocol is said by something else.
    private var saysProtocol = false
    private var isImpossible = false
    private var matches: [MatchNode] = []

    /// The conditions of a box in a block for some families; `nil` if no packet is in it.
    static func of(_ box: Box, in families: FamilySet) -> [MatchNode]? {
        var conditions = BoxConditions(box, in: families)
        return conditions.write()
    }

    private init(_ original: Box, in block: FamilySet) {
        box = original.withConsistentConntrack
        box.families.formIntersection(block)
        families = box.possibleFamilies
        saidFamilies = block
        if box.sourcePort?.allowsAbsent == false || box.destinationPort?.allowsAbsent == false {
            box.protocols.narrow(to: IntervalSet(IPProtocol.withPorts.map { $0.rawValue...$0.rawValue }))
        }
        if box.tcpFlags?.allowsAbsent == false { box.protocols.narrow(to: IntervalSet(IPProtocol.tcp.rawValue)) }
        if box.lacksEntry(in: families) { box.dropEntry() }
    }

    private mutating func write() -> [MatchNode]? {
        if box.isEmpty { return nil }
        interfaces(.inInterface, box.inInterface)
        interfaces(.outInterface, box.outInterface)
        addresses(.source, box.source)
        addresses(.destination, box.destination)
        let position = matches.count
        header()
        protocols(at: position)
        connection()
        meta()
        if asksForNothingButEntry { names(.state, ConntrackStateSet.tracked.names) }
        if saidFamilies != families { matches.insert(family, at: 0) }
        return isImpossible ? nil : matches
    }

    private var family: MatchNode {
        MatchNode(field: .family, values: .names(families.families.map(\.rawValue)))
    }

    /// Whether the box asks for a conntrack entry, and nothing that has been written does.
    private var asksForNothingButEntry: Bool { box.demandsConntrackEntry && !asksForEntry && box.state == nil }

    private mutating func add(_ match: MatchNode) { matches.append(match) }

    private mutating func names(_ field: MatchField, _ names: [String], isNegated: Bool = false, orAbsent: Bool = false)
    {
        add(MatchNode(field: field, values: .names(names), isNegated: isNegated, allowsAbsent: orAbsent))
    }

    // MARK: - Addresses and interfaces

    private mutating func interfaces(_ field: MatchField, _ set: InterfaceSet?) {
        guard let set, !(set.isNegated && set.patterns.isEmpty) else { return }
        add(
            MatchNode(
                field: field, values: .interfaces(InterfaceExpression(set.patterns)), isNegated: set.isNegated))
    }

    private mutating func addresses(_ field: MatchField, _ set: IPAddressSet?) {
        guard let set, !set.holdsAll(of: families) else { return }
        add(address(field, set, orAbsent: false))
    }

    /// A condition on an address, all or all but some; addresses of families that are not asked for say nothing.
    private mutating func address(_ field: MatchField, _ set: IPAddressSet, orAbsent: Bool) -> MatchNode {
        let own = set.within(families).allRanges
        let others = set.complement.within(families).allRanges
        let isNegated = others.count < own.count || own.isEmpty
        if !isNegated && !orAbsent { saidFamilies.formIntersection(set.within(families).families) }
        return MatchNode(
            field: field, values: .addresses(AddressExpression(isNegated ? others : own)), isNegated: isNegated,
            allowsAbsent: orAbsent)
    }

    // MARK: - The header

    private mutating func header() {
        ports(.sourcePort, box.sourcePort)
        ports(.destinationPort, box.destinationPort)
        icmp()
        flags()
        if let isLater = box.isLaterFragment {
            let isV4 = families == .ip
            if isV4 { saidFamilies.formIntersection(.ip) }
            names(isV4 ? .fragment : .laterFragment, ["later"], isNegated: !isLater)
        }
        for (field, presence) in box.numbers.sorted(by: { $0.key < $1.key }) { numbers(field, presence) }
    }

    private mutating func protocols(at position: Int) {
        guard let set = box.protocols, !set.isAll, !saysProtocol else { return }
        matches.insert(Self.protocols(.proto, set, orAbsent: false), at: position)
    }

    private static func protocols(_ field: MatchField, _ set: IntervalSet<UInt8>, orAbsent: Bool) -> MatchNode {
        let own = set.intervals.flatMap { Array($0) }
        let others = set.complement.intervals.flatMap { Array($0) }
        let isNegated = others.count < own.count || own.isEmpty
        return MatchNode(
            field: field, values: .names((isNegated ? others : own).map { IPProtocol(rawValue: $0).name }),
            isNegated: isNegated, allowsAbsent: orAbsent)
    }

    private mutating func ports(_ field: MatchField, _ presence: Presence<IntervalSet<UInt16>>?) {
        guard let presence, !(presence.allowsAbsent && presence.values.isAll) else { return }
        add(Self.ports(field, presence))
    }

    private static func ports(_ field: MatchField, _ presence: Presence<IntervalSet<UInt16>>) -> MatchNode {
        var written = presence.values.shorter(within: 0...65535)
        // There has to be a port, whichever; or none.
        if presence.values.isAll { written = Written(expression: [0...65535], isNegated: false) }
        if presence.values.isEmpty { written = Written(expression: [0...65535], isNegated: true) }
        return MatchNode(
            field: field, values: .ports(PortExpression(written.expression)), isNegated: written.isNegated,
            allowsAbsent: presence.allowsAbsent)
    }

    private mutating func icmp() {
        guard let presence = box.icmp, !(presence.allowsAbsent && presence.values.isAll) else { return }
        if !presence.allowsAbsent, let match = icmpTypes(presence.values) { return add(match) }
        let isEmpty = presence.values.isEmpty
        let intervals = isEmpty ? [0...0xffff] : presence.values.intervals
        let numbers = intervals.map { UInt64($0.lowerBound)...UInt64($0.upperBound) }
        add(
            MatchNode(
                field: .icmpMessage, values: .numbers(NumberExpression(numbers)), isNegated: isEmpty,
                allowsAbsent: presence.allowsAbsent))
    }

    /// The messages of one family's ICMP by their types; `nil` if the box speaks of something else, or of too many.
    private mutating func icmpTypes(_ values: IntervalSet<UInt16>) -> MatchNode? {
        let isV4 = families == .ip && box.protocols?.single == IPProtocol.icmp.rawValue
        let isV6 = families == .ip6 && box.protocols?.single == IPProtocol.icmpv6.rawValue
        guard isV4 || isV6, !values.isAll else { return nil }
        let own = Self.messages(values)
        let others = Self.messages(values.complement)
        let isNegated = others.count < own.count
        let names = isNegated ? others : own
        guard (1...40).contains(names.count) else { return nil }
        saysProtocol = true
        saidFamilies.formIntersection(families)
        return MatchNode(field: isV4 ? .icmpType : .icmpv6Type, values: .names(names), isNegated: isNegated)
    }

    /// `8` for a type with all its codes, `3/4` for one of them.
    private static func messages(_ values: IntervalSet<UInt16>) -> [String] {
        values.intervals.flatMap { interval in
            (interval.lowerBound >> 8...interval.upperBound >> 8).flatMap { type in
                let all = type << 8...(type << 8 | 255)
                if interval.lowerBound <= all.lowerBound && interval.upperBound >= all.upperBound { return ["\(type)"] }
                return interval.clamped(to: all).map { "\(type)/\($0 & 255)" }
            }
        }
    }

    private mutating func flags() {
        guard let presence = box.tcpFlags else { return }
        let count = matches.count
        tests(presence.values, .tcpFlags, orAbsent: presence.allowsAbsent)
        if matches.count == count && !presence.allowsAbsent {
            add(MatchNode(field: .tcpFlags, values: .masked(mask: 0, value: 0)))
        }
        if !presence.allowsAbsent { saysProtocol = true }
    }

    private mutating func numbers(_ field: NumericField, _ presence: Presence<IntervalSet<UInt64>>) {
        let all = field.all.intervals[0]
        let values = presence.values.intersection(field.all)
        let isPresent = !(presence.allowsAbsent && field.mayBeAbsent)
        if values == field.all && !(isPresent && field.mayBeAbsent) { return }
        var written = values.shorter(within: all)
        if values == field.all { written = Written(expression: [all], isNegated: false) }
        if values.isEmpty { written = Written(expression: [all], isNegated: true) }
        add(
            MatchNode(
                field: field.match, values: field.values(written.expression), isNegated: written.isNegated,
                allowsAbsent: !isPresent))
    }

    // MARK: - The connection

    private mutating func connection() {
        state()
        if let presence = box.direction {
            present(.direction, presence, isAll: presence.values == .both, isEmpty: presence.values.isEmpty) {
                MatchNode(field: .direction, values: .names(presence.values.names), allowsAbsent: presence.allowsAbsent)
            }
        }
        if let presence = box.status { entryTests(presence, .status) }
        addresses(.originalSource, box.originalSource)
        addresses(.originalDestination, box.originalDestination)
        if let presence = box.originalProtocol {
            present(.originalProtocol, presence, isAll: presence.values.isAll, isEmpty: presence.values.isEmpty) {
                Self.protocols(.originalProtocol, presence.values, orAbsent: presence.allowsAbsent)
            }
        }
        originalPorts(.originalSourcePort, box.originalSourcePort)
        originalPorts(.originalDestinationPort, box.originalDestinationPort)
        if let presence = box.connectionMark { entryTests(presence, .connectionMark) }
    }

    private mutating func state() {
        guard let state = box.state, state != .all else { return }
        let others = ConntrackStateSet.all.subtracting(state)
        let isNegated = others.names.count < state.names.count
        names(.state, (isNegated ? others : state).names, isNegated: isNegated)
    }

    private mutating func addresses(_ field: MatchField, _ presence: Presence<IPAddressSet>?) {
        guard let presence else { return }
        let values = presence.values.within(families)
        if presence.allowsAbsent || !values.holdsAll(of: families) {
            let isEmpty = values.isEmpty
            let match = isEmpty ? nil : address(field, presence.values, orAbsent: presence.allowsAbsent)
            present(field, presence, isAll: values.holdsAll(of: families), isEmpty: isEmpty) {
                match ?? MatchNode(field: field, values: .names([]))
            }
        }
    }

    private mutating func originalPorts(_ field: MatchField, _ presence: Presence<IntervalSet<UInt16>>?) {
        guard let presence else { return }
        present(field, presence, isAll: presence.values.isAll, isEmpty: presence.values.isEmpty) {
            Self.ports(field, presence)
        }
    }

    /// Writes a field that comes from a conntrack entry: where all its values match, only the entry is asked for, and
    /// where none does, only its absence.
    private mutating func present<Values>(
        _ field: MatchField, _ presence: Presence<Values>, isAll: Bool, isEmpty: Bool, _ match: () -> MatchNode
    ) {
        if isAll { return }
        if isEmpty {
            isImpossible = true
            return
        }
        if !presence.allowsAbsent { asksForEntry = true }
        add(match())
    }

    private mutating func entryTests(_ presence: Presence<[MaskedTest<UInt32>]>, _ field: MatchField) {
        let count = matches.count
        tests(presence.values, field, orAbsent: presence.allowsAbsent)
        if matches.count > count && !presence.allowsAbsent { asksForEntry = true }
    }

    // MARK: - Tests by mask

    private mutating func meta() {
        tests(box.mark, .mark, orAbsent: false)
        if let types = box.packetType, types != .all {
            let others = PacketTypeSet.all.subtracting(types)
            let isNegated = others.names.count < types.names.count
            names(.packetType, (isNegated ? others : types).names, isNegated: isNegated)
        }
        for test in box.addressTypes {
            if test.types.names.isEmpty {
                if !test.isNegated { isImpossible = true }
                continue
            }
            add(
                MatchNode(
                    field: test.side == .source ? .sourceType : .destinationType, values: .names(test.types.names),
                    isNegated: test.isNegated, interface: test.interface?.rawValue))
        }
    }

    /// Tests by mask that all hold; one that no value passes leaves the packets that lack the field.
    private mutating func tests<Value>(_ tests: [MaskedTest<Value>], _ field: MatchField, orAbsent: Bool) {
        for test in tests {
            switch test.answer {
            case true?: continue
            case false?: none(field, orAbsent: orAbsent)
            case nil: add(Self.match(test, field, orAbsent: orAbsent))
            }
        }
    }

    private mutating func none(_ field: MatchField, orAbsent: Bool) {
        guard orAbsent else {
            isImpossible = true
            return
        }
        add(MatchNode(field: field, values: .masked(mask: 0, value: 0), isNegated: true, allowsAbsent: true))
    }

    private static func match<Value>(_ test: MaskedTest<Value>, _ field: MatchField, orAbsent: Bool) -> MatchNode {
        let mask = UInt32(test.mask)
        let value = UInt32(test.value)
        if field == .status, let match = status(mask, value, isNegated: test.isNegated, orAbsent: orAbsent) {
            return match
        }
        return MatchNode(
            field: field, values: .masked(mask: mask, value: value), isNegated: test.isNegated, allowsAbsent: orAbsent)
    }

    /// Any or none of some bits of the status, by their names.
    private static func status(_ mask: UInt32, _ value: UInt32, isNegated: Bool, orAbsent: Bool) -> MatchNode? {
        let names = ConntrackStatus(rawValue: mask).names
        guard names.count == mask.nonzeroBitCount else { return nil }
        let isOneBit = names.count == 1 && value == mask
        guard value == 0 || isOneBit else { return nil }
        return MatchNode(
            field: .status, values: .names(names), isNegated: isOneBit ? isNegated : !isNegated, allowsAbsent: orAbsent)
    }
}

extension NumericField {
    /// The field's name in the language.
    fileprivate var match: MatchField {
        switch self {
        case .length: .length
        case .hopLimit: .hopLimit
        case .dscp: .dscp
        case .sourceMAC: .sourceMAC
        }
    }

    /// Values of the field as they are written.
    fileprivate func values(_ intervals: [ClosedRange<UInt64>]) -> MatchNode.Values {
        guard self == .sourceMAC else { return .numbers(NumberExpression(intervals)) }
        return .names(
            intervals.map {
                let first = MACAddress.text($0.lowerBound)
                return $0.lowerBound == $0.upperBound ? first : "\(first)-\(MACAddress.text($0.upperBound))"
            })
    }
}

extension MaskedTest {
    /// The answer, where it is the same for all values.
    fileprivate var answer: Bool? {
        if value & ~mask != 0 { return isNegated }
        return mask == 0 ? !isNegated : nil
    }
}

extension Box {
    /// Whether a field that comes from a conntrack entry has no value that matches, so that only packets without one do.
    fileprivate func lacksEntry(in families: FamilySet) -> Bool {
        guard !demandsConntrackEntry else { return false }
        let isEmpty: (Presence<IPAddressSet>?) -> Bool = { $0?.values.within(families).isEmpty ?? false }
        if isEmpty(originalSource) || isEmpty(originalDestination) { return true }
        if direction?.values.isEmpty == true || originalProtocol?.values.isEmpty == true { return true }
        if originalSourcePort?.values.isEmpty == true || originalDestinationPort?.values.isEmpty == true { return true }
        let tests = (status?.values ?? []) + (connectionMark?.values ?? [])
        return tests.contains { $0.answer == false }
    }

    /// Restricts the box to packets without a conntrack entry, of which no field of one can be asked.
    fileprivate mutating func dropEntry() {
        state.narrow(to: .withoutEntry)
        direction = nil
        status = nil
        originalSource = nil
        originalDestination = nil
        originalProtocol = nil
        originalSourcePort = nil
        originalDestinationPort = nil
        connectionMark = nil
    }
}
