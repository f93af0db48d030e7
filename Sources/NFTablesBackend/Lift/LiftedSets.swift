internal import Diagnostics
internal import FirewallIR
internal import PacketModel

/// The named sets of a table, each made one set of values at its first use.
struct LiftedSets {
    private let declared: [String: NFTSet]
    private let maps: [String: NFTMap]
    private var addresses: [String: IPAddressSet] = [:]
    private var otherAddresses: [String: IPAddressSet] = [:]
    private var ports: [String: IntervalSet<UInt16>] = [:]

    /// Where the elements came from, if that is known.
    private let sources: NFTSources

    init(_ table: NFTTable, sources: NFTSources = NFTSources()) {
        self.sources = sources
        declared = Dictionary(table.sets.map { ($0.name, $0) }) { first, _ in first }
        maps = Dictionary(table.maps.map { ($0.name, $0) }) { first, _ in first }
    }

    /// The elements of a set.
    func elements(_ name: String) throws(LiftRefusal) -> [NFTValue] {
        guard let set = declared[name] else { throw LiftRefusal("there is no set '\(name)'") }
        try check(set.volatility)
        return set.elements
    }

    /// The elements of a set by the rule of the policy that they came from, in the order of their first ones; `nil` if that
    /// is not known.
    func elementsBySource(_ name: String) throws(LiftRefusal) -> [(source: MergedSource, elements: [NFTValue])]? {
        guard let known = sources.elements[name] else { return nil }
        let elements = try elements(name)
        guard elements.count == known.count else { return nil }
        var places: [String: Int] = [:]
        var groups: [(source: MergedSource, elements: [NFTValue])] = []
        for (element, ids) in zip(elements, known) {
            guard let id = ids.first else { return nil }
            let place = places[id] ?? groups.count
            if place == groups.count {
                places[id] = place
                let origin = sources.places[id] ?? SourceLocation(file: name)
                groups.append((MergedSource(id: id, origin: origin, boxes: 1), []))
            }
            groups[place].elements.append(element)
        }
        return groups
    }

    /// The rule of the policy that each key of a map came from; nothing if that is not known.
    func sources(of map: NFTVerdictMap) -> [MergedSource?] {
        guard case .named(let name) = map, let known = sources.elements[name] else { return [] }
        return known.map { ids in
            ids.first.map {
                MergedSource(id: $0, origin: sources.places[$0] ?? SourceLocation(file: name), boxes: 1)
            }
        }
    }

    /// The elements of a verdict map.
    func verdicts(_ map: NFTVerdictMap) throws(LiftRefusal) -> [NFTVerdictMapElement] {
        switch map {
        case .elements(let elements): return elements
        case .named(let name):
            guard let map = maps[name] else { throw LiftRefusal("there is no map '\(name)'") }
            try check(map.volatility)
            return map.elements
        }
    }

    private func check(_ volatility: String?) throws(LiftRefusal) {
        if let volatility { throw LiftRefusal(volatility) }
    }

    /// The addresses of a family that are in a set, or that are not.
    mutating func addresses(
        _ name: String, of family: AddressFamily, isNegated: Bool
    ) throws(LiftRefusal) -> IPAddressSet {
        guard let set = declared[name], set.kind == (family == .ip ? .ipv4 : .ipv6) else {
            throw LiftRefusal("there is no set '\(name)' of \(family.displayName) addresses")
        }
        try check(set.volatility)
        if let known = isNegated ? otherAddresses[name] : addresses[name] { return known }
        let found = try IPAddressSet(set.elements[...], of: family)
        addresses[name] = found
        guard isNegated else { return found }
        let others = found.complement.only(family)
        otherAddresses[name] = others
        return others
    }

    /// The ports in a set.
    mutating func ports(_ name: String) throws(LiftRefusal) -> IntervalSet<UInt16> {
        guard let set = declared[name], set.kind == .port else {
            throw LiftRefusal("there is no set '\(name)' of ports")
        }
        try check(set.volatility)
        if let known = ports[name] { return known }
        let found = try IntervalSet<UInt16>(set.elements[...])
        ports[name] = found
        return found
    }
}

extension IPAddressSet {
    /// The union of elements, all of one family.
    init(_ elements: ArraySlice<NFTValue>, of family: AddressFamily) throws(LiftRefusal) {
        var ranges: [IPAddressRange] = []
        ranges.reserveCapacity(elements.count)
        for element in elements {
            guard let range = element.addresses, range.family == family else {
                throw LiftRefusal("'\(element.text)' is no \(family.displayName) address")
            }
            ranges.append(range)
        }
        self.init(ranges)
    }
}

extension IntervalSet {
    /// The union of elements: numbers, ranges, and words that stand for numbers.
    init(
        _ elements: ArraySlice<NFTValue>, _ number: (String) -> Value? = { _ in nil }
    ) throws(LiftRefusal) {
        var ranges: [ClosedRange<Value>] = []
        ranges.reserveCapacity(elements.count)
        for element in elements { ranges.append(try element.range(number)) }
        self.init(ranges)
    }
}

extension NFTValue {
    /// The elements of an anonymous set; otherwise the value itself.
    var elements: ArraySlice<NFTValue> { if case .set(let elements) = self { elements[...] } else { [self] } }

    /// The addresses that are meant.
    fileprivate var addresses: IPAddressRange? {
        switch self {
        case .address(let address): IPAddressRange(address)
        case .prefix(let prefix): IPAddressRange(prefix)
        case .addressRange(.v4(let first), .v4(let last)): first <= last ? .v4(first...last) : nil
        case .addressRange(.v6(let first), .v6(let last)): first <= last ? .v6(first...last) : nil
        default: nil
        }
    }

    /// The numbers that are meant.
    fileprivate func range<Value: FixedWidthInteger & UnsignedInteger>(
        _ number: (String) -> Value?
    ) throws(LiftRefusal) -> ClosedRange<Value> {
        switch self {
        case .number(let number): if let value = Value(exactly: number) { return value...value }
        case .keyword(let word): if let value = number(word) { return value...value }
        case .range(let first, let last):
            if first <= last, let first = Value(exactly: first), let last = Value(exactly: last) { return first...last }
        default: break
        }
        throw LiftRefusal("'\(text)' is not known here")
    }
}
