internal import FirewallIR
internal import PacketModel

extension NumericField {
    /// The ways in which iptables can ask for a set of values of the field; `nil` where nothing has to be asked.
    ///
    /// Each inner list is matches that all hold.
    func forms(
        _ values: Presence<IntervalSet<UInt64>>, family: AddressFamily
    ) throws(IPTablesRefusal) -> [[IPTablesMatch]]? {
        let set = values.values.intersection(all)
        if set == all && (values.allowsAbsent || !mayBeAbsent) { return nil }
        guard !values.allowsAbsent || !mayBeAbsent else {
            throw IPTablesRefusal(reason: "the absence of a source on the link cannot be asked for")
        }
        let missing = set.complement.intersection(all)
        switch self {
        case .length: return try Self.lengths(set, missing)
        case .hopLimit: return Self.hopLimits(set, missing, isIPv6: family == .ip6)
        case .dscp:
            return try Self.single(set, missing) { .dscp($0.map { UInt8(truncatingIfNeeded: $0) }) }
        case .sourceMAC: return try Self.single(set, missing) { .sourceMAC($0) }
        }
    }

    /// One range, negated or not; the module holds 16 bits.
    private static func lengths(
        _ set: IntervalSet<UInt64>, _ missing: IntervalSet<UInt64>
    ) throws(IPTablesRefusal) -> [[IPTablesMatch]] {
        if missing.intervals.count == 1, let gap = missing.intervals[0].ofSixteenBits {
            return [[.length(Negatable(gap, isNegated: true))]]
        }
        var forms: [[IPTablesMatch]] = []
        for interval in set.intervals {
            if let range = interval.ofSixteenBits {
                forms.append([.length(Negatable(range))])
            } else if interval.upperBound == NumericField.length.all.intervals[0].upperBound,
                interval.lowerBound > 0, let rest = (0...interval.lowerBound - 1).ofSixteenBits
            {
                forms.append([.length(Negatable(rest, isNegated: true))])
            } else {
                throw IPTablesRefusal(reason: "'-m length' knows no length of more than 65535")
            }
        }
        return forms
    }

    private static func hopLimits(
        _ set: IntervalSet<UInt64>, _ missing: IntervalSet<UInt64>, isIPv6: Bool
    ) -> [[IPTablesMatch]] {
        func test(_ comparison: HopLimitTest.Comparison, _ value: UInt64) -> IPTablesMatch {
            .hopLimit(HopLimitTest(comparison, UInt8(truncatingIfNeeded: value), isIPv6: isIPv6))
        }
        if let one = missing.single { return [[test(.notEqual, one)]] }
        return set.intervals.map { range in
            if range.count == 1 { return [test(.equal, range.lowerBound)] }
            return (range.lowerBound == 0 ? [] : [test(.greater, range.lowerBound - 1)])
                + (range.upperBound == 255 ? [] : [test(.less, range.upperBound + 1)])
        }
    }

    /// Value by value, or all but some.
    private static func single(
        _ set: IntervalSet<UInt64>, _ missing: IntervalSet<UInt64>, _ match: (Negatable<UInt64>) -> IPTablesMatch
    ) throws(IPTablesRefusal) -> [[IPTablesMatch]] {
        // Both polarities of one value: the field is there, whatever it is.
        if missing.isEmpty { return [[match(Negatable(0))], [match(Negatable(0, isNegated: true))]] }
        // A rule has 255 words at most.
        if let all = missing.members(atMost: 30), all.count < set.members(atMost: 4096)?.count ?? .max {
            return [all.map { match(Negatable($0, isNegated: true)) }]
        }
        guard let all = set.members(atMost: 4096) else {
            throw IPTablesRefusal(reason: "iptables asks for each of these values by itself, and they are too many")
        }
        return all.map { [match(Negatable($0))] }
    }
}

extension IntervalSet<UInt64> {
    /// The members, if there are no more than so many.
    fileprivate func members(atMost most: UInt64) -> [UInt64]? {
        var count: UInt64 = 0
        for interval in intervals {
            guard interval.upperBound - interval.lowerBound < most else { return nil }
            count += interval.upperBound - interval.lowerBound + 1
        }
        return count <= most ? intervals.flatMap { Array($0) } : nil
    }
}

extension ClosedRange<UInt64> {
    fileprivate var ofSixteenBits: ClosedRange<UInt16>? {
        UInt16(exactly: upperBound).map { UInt16(truncatingIfNeeded: lowerBound)...$0 }
    }
}
