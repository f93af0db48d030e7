internal import FirewallIR
internal import PacketModel

// The fewest options that mean exactly a set: its own intervals, or `!` and the one interval that is missing.

extension IntervalSet<UInt16> {
    /// The set as one range, negated or not, if that is possible.
    var oneRange: Negatable<PortRange>? {
        if intervals.count == 1 { return Negatable(PortRange(intervals[0])) }
        return onlyGap.map { Negatable(PortRange($0), isNegated: true) }
    }

    /// The set as ranges, any of which has to be met.
    var shortest: [Negatable<PortRange>] { oneRange.map { [$0] } ?? intervals.map { Negatable(PortRange($0)) } }

    /// The set as lists for `multiport`, each of 15 slots at most; a range takes two.
    var multiportLists: [Negatable<[PortRange]>] {
        let missing = complement.multiportChunks
        if missing.count == 1 && complement.intervals.count < intervals.count {
            return [Negatable(missing[0], isNegated: true)]
        }
        return multiportChunks.map { Negatable($0) }
    }

    private var multiportChunks: [[PortRange]] {
        var chunks: [[PortRange]] = []
        var slots = 15
        for interval in intervals {
            let cost = interval.count == 1 ? 1 : 2
            if slots + cost > 15 {
                chunks.append([])
                slots = 0
            }
            chunks[chunks.count - 1].append(PortRange(interval))
            slots += cost
        }
        return chunks
    }

    /// The set of `type << 8 | code` as messages: one of each inner list has to be met.
    ///
    /// The kernel takes type 255 of IPv4 for any type, so a set with it is said by what is not in it.
    func icmpMessages(_ family: AddressFamily) throws(IPTablesRefusal) -> [[Negatable<ICMPMessage>]] {
        // Any type still asks for a header, which later fragments of IPv4 lack.
        if isAll && family == .ip { return [[Negatable(ICMPMessage(isIPv6: false, type: 255, code: nil))]] }
        let own = messages(family)
        let missing = complement.messages(family)
        let isSayable = { (messages: [ICMPMessage]) in family == .ip6 || !messages.contains { $0.type == 255 } }
        // A rule has 255 words at most.
        if isSayable(missing) && missing.count < 30 && (missing.count < own.count || !isSayable(own)) {
            return missing.map { [Negatable($0, isNegated: true)] }
        }
        guard isSayable(own) else {
            throw IPTablesRefusal(reason: "iptables cannot ask for ICMP type 255: it takes it for any type")
        }
        return [own.map { Negatable($0) }]
    }

    private func messages(_ family: AddressFamily) -> [ICMPMessage] {
        (UInt8.min...UInt8.max).flatMap { type -> [ICMPMessage] in
            let low = UInt16(type) << 8
            let codes = intersection(IntervalSet([low...(low | 255)]))
            if codes.isEmpty { return [] }
            if codes.intervals == [low...(low | 255)] {
                return [ICMPMessage(isIPv6: family == .ip6, type: type, code: nil)]
            }
            return codes.intervals.flatMap { Array($0) }.map {
                ICMPMessage(isIPv6: family == .ip6, type: type, code: UInt8(truncatingIfNeeded: $0))
            }
        }
    }
}

extension IPAddressSet {
    /// Whether all addresses of a family are in.
    func isAll(in family: AddressFamily) -> Bool { family == .ip ? v4.isAll : v6.isAll }

    /// The part of a family as ranges, any of which has to be met.
    func shortest(in family: AddressFamily) -> [Negatable<IPAddressRange>] {
        if let missing = onlyGap(in: family) { return [Negatable(missing, isNegated: true)] }
        switch family {
        case .ip: return v4.intervals.map { Negatable(.v4($0)) }
        case .ip6: return v6.intervals.map { Negatable(.v6($0)) }
        }
    }

    /// The one range of a family that is missing; `nil` where none is, or several are.
    private func onlyGap(in family: AddressFamily) -> IPAddressRange? {
        family == .ip ? v4.onlyGap.map(IPAddressRange.v4) : v6.onlyGap.map(IPAddressRange.v6)
    }

    /// The part of a family as one address under a mask with gaps, if it is one of many ranges.
    func masked(in family: AddressFamily) -> Negatable<IPMaskedAddress>? {
        // Of fewer intervals, neither they nor their gaps are the eight that it takes.
        if family == .ip ? v4.intervals.count < 7 : v6.intervals.count < 7 { return nil }
        let missing = complement
        switch family {
        case .ip:
            return v4.masked.flatMap { IPMaskedAddress(.v4($0.number), mask: .v4($0.mask)) }.map { Negatable($0) }
                ?? missing.v4.masked.flatMap { IPMaskedAddress(.v4($0.number), mask: .v4($0.mask)) }
                .map { Negatable($0, isNegated: true) }
        case .ip6:
            return v6.masked.flatMap { IPMaskedAddress(.v6($0.number), mask: .v6($0.mask)) }.map { Negatable($0) }
                ?? missing.v6.masked.flatMap { IPMaskedAddress(.v6($0.number), mask: .v6($0.mask)) }
                .map { Negatable($0, isNegated: true) }
        }
    }

    /// The part of a family as networks, any of which has to be met: `-m conntrack` knows no ranges.
    func shortestPrefixes(in family: AddressFamily) -> [Negatable<IPMaskedAddress>] {
        if let masked = masked(in: family) { return [masked] }
        if let prefix = onlyGap(in: family)?.prefix {
            return [Negatable(IPMaskedAddress(prefix), isNegated: true)]
        }
        return ranges(of: family).flatMap(\.prefixes).map { Negatable(IPMaskedAddress($0)) }
    }
}

extension IntervalSet {
    /// A number and a mask with gaps under which exactly the members are that number; `nil` where that is no shorter.
    ///
    /// All intervals have the same length, a power of two, and their beginnings differ in some bits in all ways.
    fileprivate var masked: (number: Value, mask: Value)? {
        guard let first = intervals.first, intervals.count >= 8 else { return nil }
        let low = first.upperBound - first.lowerBound
        var free: Value = 0
        for interval in intervals {
            guard interval.upperBound - interval.lowerBound == low else { return nil }
            free |= interval.lowerBound ^ first.lowerBound
        }
        guard low & (low &+ 1) == 0, first.lowerBound & low == 0, free & low == 0, free.nonzeroBitCount < 31,
            intervals.count == 1 << free.nonzeroBitCount
        else { return nil }
        return (first.lowerBound, ~(free | low))
    }
}
