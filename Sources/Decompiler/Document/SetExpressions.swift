internal import FirewallIR
internal import PacketModel
internal import Seawall

/// A set as the shorter of itself and all but its complement.
struct Written<Expression> {
    var expression: Expression
    var isNegated: Bool
}

extension IntervalSet where Value: BinaryInteger {
    /// The intervals, or those of the complement within a domain if they are fewer.
    func shorter(within domain: ClosedRange<Value>) -> Written<[ClosedRange<Value>]> {
        let rest = complement.intersection(IntervalSet([domain])).intervals
        return rest.count < intervals.count
            ? Written(expression: rest, isNegated: true) : Written(expression: intervals, isNegated: false)
    }
}

extension AddressExpression {
    /// Addresses, networks and ranges, ascending.
    init(_ ranges: [IPAddressRange]) {
        let leaves = ranges.map { AddressExpression.leaf(.text($0.description)) }
        self = leaves.count == 1 ? leaves[0] : .union(leaves)
    }
}

extension PortExpression {
    /// Ports and ranges of them, ascending.
    init(_ intervals: [ClosedRange<UInt16>]) {
        let leaves = intervals.map { interval in
            PortExpression.leaf(
                interval.count == 1
                    ? .number(Int(interval.lowerBound))
                    : .range(Int(interval.lowerBound), Int(interval.upperBound)))
        }
        self = leaves.count == 1 ? leaves[0] : .union(leaves)
    }
}

extension NumberExpression {
    /// Numbers and ranges of them, ascending.
    init(_ intervals: [ClosedRange<UInt64>]) {
        let leaves = intervals.map { interval in
            NumberExpression.leaf(
                interval.lowerBound == interval.upperBound
                    ? .number(Int(interval.lowerBound))
                    : .range(Int(interval.lowerBound), Int(interval.upperBound)))
        }
        self = leaves.count == 1 ? leaves[0] : .union(leaves)
    }
}

extension InterfaceExpression {
    /// Names and beginnings of names.
    init(_ patterns: [InterfacePattern]) {
        let leaves = patterns.map { InterfaceExpression.leaf(InterfaceLeaf($0.description)) }
        self = leaves.count == 1 ? leaves[0] : .union(leaves)
    }
}

extension IPAddressSet {
    /// The part of the set that is of some families.
    func within(_ families: FamilySet) -> IPAddressSet {
        IPAddressSet(v4: families.contains(.ip) ? v4 : .none, v6: families.contains(.ip6) ? v6 : .none)
    }

    /// Whether all addresses of some families are in it.
    func holdsAll(of families: FamilySet) -> Bool {
        (!families.contains(.ip) || v4.isAll) && (!families.contains(.ip6) || v6.isAll)
    }

    /// The ranges of both families, IPv4 first.
    var allRanges: [IPAddressRange] { ranges(of: .ip) + ranges(of: .ip6) }
}

extension AddressExpression {
    /// The addresses of a set, or all but those of its complement if these are fewer.
    init(_ set: IPAddressSet) {
        let own = set.allRanges
        let others = set.complement.allRanges
        self = others.count < own.count ? .not(AddressExpression(others)) : AddressExpression(own)
    }
}

extension PortExpression {
    /// The ports of a set, or all but those of its complement if these are fewer.
    init(set: IntervalSet<UInt16>) {
        let written = set.shorter(within: 0...65535)
        self = written.isNegated ? .not(PortExpression(written.expression)) : PortExpression(written.expression)
    }
}

extension InterfaceExpression {
    /// The interfaces of a set.
    init(_ set: InterfaceSet) {
        self = set.isNegated ? .not(InterfaceExpression(set.patterns)) : InterfaceExpression(set.patterns)
    }
}
