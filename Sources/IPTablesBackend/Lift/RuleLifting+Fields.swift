internal import FirewallIR
internal import PacketModel

extension RuleLifting {
    /// Reads a match on a field that is a number or a set of bits.
    mutating func addField(_ match: IPTablesMatch) throws(LiftRefusal) {
        switch match {
        // Negated as well, it demands an Ethernet header (`xt_mac.c`).
        case .sourceMAC(let test): try narrow(.sourceMAC, to: test.map { $0...$0 })
        // Both families count from the IP header on (`xt_length.c`).
        case .length(let test):
            try narrow(.length, to: test.map { UInt64($0.lowerBound)...UInt64($0.upperBound) })
        case .dscp(let test):
            guard test.value < 64 else { throw LiftRefusal("a differentiated services code point has six bits") }
            try narrow(.dscp, to: test.map { UInt64($0)...UInt64($0) })
        case .hopLimit(let test):
            guard test.isIPv6 == (family == .ip6) else {
                throw LiftRefusal("'\(test.isIPv6 ? "hl" : "ttl")' is a match of the other family")
            }
            try narrow { $0.numbers[.hopLimit].narrow(to: Presence(test.values)) }
        case .packetType(let test):
            guard test.value.rawValue.nonzeroBitCount == 1 else { throw LiftRefusal("'-m pkttype' asks for one type") }
            let types = test.isNegated ? PacketTypeSet.all.subtracting(test.value) : test.value
            try narrow { $0.packetType.narrow(to: types) }
        case .addressType(let match) where family == .ip6 && match.asksForNoAddress:
            addOpaque(.module(name: "addrtype", options: IPTablesMatch.addressType(match).optionWords))
        case .addressType(let match):
            let tests = try match.tests(in: family)
            try narrow { $0.addressTypes += tests }
        default: break
        }
    }

    private mutating func narrow(_ field: NumericField, to test: Negatable<ClosedRange<UInt64>>) throws(LiftRefusal) {
        let values = Presence(test.numbers().intersection(field.all))
        try narrow { $0.numbers[field].narrow(to: values) }
    }
}

extension AddressTypeMatch {
    /// Whether one of the types is UNSPEC, which `ip6tables` takes for the address `::`, and not for a route.
    fileprivate var asksForNoAddress: Bool {
        source?.value.contains(.unspecified) == true || destination?.value.contains(.unspecified) == true
    }
}

extension HopLimitTest {
    /// The numbers that pass (`xt_hl.c`).
    fileprivate var values: IntervalSet<UInt64> {
        let one = IntervalSet(UInt64(value))
        let all = NumericField.hopLimit.all
        return switch comparison {
        case .equal: one
        case .notEqual: one.complement.intersection(all)
        case .less: value == 0 ? .none : IntervalSet([0...UInt64(value) - 1])
        case .greater: value == .max ? .none : IntervalSet([UInt64(value) + 1...255])
        }
    }
}
