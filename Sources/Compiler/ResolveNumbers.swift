internal import Diagnostics
internal import FirewallIR
internal import PacketModel
internal import Seawall

extension PolicyResolver {
    /// Narrows a field that is a number.
    mutating func narrow(_ box: inout Box, _ match: MatchNode, numbers: NumberExpression, at location: NodeLocation) {
        let all = match.field.numericField?.all ?? IntervalSet([0...0xffff])
        guard let positive = self.numbers(numbers, upTo: all.last, match, at: location) else { return }
        let set = match.isNegated ? all.intersection(positive.complement) : positive
        if let field = match.field.numericField {
            narrow(&box, field, match.presence(set))
        } else {
            let messages = IntervalSet(
                set.intervals.map { UInt16(clamping: $0.lowerBound)...UInt16(clamping: $0.upperBound) })
            box.icmp.narrow(to: match.presence(messages))
        }
    }

    /// Narrows the source address on the link: addresses, or ranges of them.
    mutating func narrowMAC(_ box: inout Box, _ match: MatchNode, _ names: [String], at location: NodeLocation) {
        var ranges: [ClosedRange<UInt64>] = []
        for name in names {
            let ends = name.split(separator: "-", omittingEmptySubsequences: false).map {
                MACAddress.number(String($0))
            }
            guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first <= last
            else {
                report(
                    "bad-mac", at: location,
                    "'\(name)' is no link address: expected six pairs of hexadecimal digits as 00:11:22:aa:bb:cc, or two with '-' between them, the lower first",
                    literal: name)
                return
            }
            ranges.append(first...last)
        }
        let positive = IntervalSet(ranges)
        let all = NumericField.sourceMAC.all
        let set = match.isNegated ? all.intersection(positive.complement) : positive
        narrow(&box, .sourceMAC, match.presence(set))
    }

    private func narrow(_ box: inout Box, _ field: NumericField, _ set: Presence<IntervalSet<UInt64>>) {
        box.numbers[field] = box.numbers[field]?.intersection(set) ?? set
    }

    private mutating func numbers(
        _ expression: NumberExpression, upTo last: UInt64, _ match: MatchNode, at location: NodeLocation
    ) -> IntervalSet<UInt64>? {
        switch expression {
        case .any: return nil
        case .leaf(.number(let number)): return range(number, number, upTo: last, match, at: location)
        case .leaf(.range(let low, let high)): return range(low, high, upTo: last, match, at: location)
        case .union(let members):
            let sets = members.compactMap { numbers($0, upTo: last, match, at: location) }
            if members.isEmpty {
                report(
                    "empty-set", at: location,
                    "the \(match.field.rawValue) condition has no values: it could never match")
                return nil
            }
            return IntervalSet(sets.flatMap(\.intervals))
        case .not:
            report(
                "bad-match", at: location,
                "the \(match.field.rawValue) condition has an exception among its numbers: put Match.not around it")
            return nil
        }
    }

    private mutating func range(
        _ low: Int, _ high: Int, upTo last: UInt64, _ match: MatchNode, at location: NodeLocation
    ) -> IntervalSet<UInt64>? {
        guard let first = UInt64(exactly: low), let end = UInt64(exactly: high), first <= end, end <= last else {
            report(
                "bad-number", at: location,
                "the \(match.field.rawValue) \(low == high ? "\(low)" : "\(low)...\(high)") is out of range: expected 0 to \(last), the lower number first",
                literal: String(low))
            return nil
        }
        return IntervalSet([first...end])
    }
}

extension IntervalSet {
    /// The greatest member of a set that has one.
    fileprivate var last: Value { intervals.last?.upperBound ?? 0 }
}

extension MatchField {
    /// The field of the IR, if it is one of its numbers.
    var numericField: NumericField? {
        switch self {
        case .length: .length
        case .hopLimit: .hopLimit
        case .dscp: .dscp
        case .sourceMAC: .sourceMAC
        default: nil
        }
    }
}
