internal import FirewallIR
internal import PacketModel

// What restrictions want, in words. Long lists are cut: a rule with ten thousand addresses is one line.

/// How many parts of a list are shown.
private let shownParts = 4

extension IntervalSet {
    /// `80, 443, 8000-8010`; all but some where that is shorter.
    ///
    /// - Parameters:
    ///   - value: a value as text.
    ///   - all: the values that there can be.
    /// - Returns: the values, or those that are left out.
    func wanted(_ value: (Value) -> String, all: IntervalSet = .all) -> String {
        if self == all { return "any" }
        let ends = [all.intervals.first?.lowerBound, all.intervals.last?.upperBound]
        let isComplement = [intervals.first?.lowerBound, intervals.last?.upperBound] == ends
        let shown = isComplement ? complement.intersection(all).intervals : intervals
        let parts = shown.prefix(shownParts).map { range in
            range.lowerBound == range.upperBound
                ? value(range.lowerBound) : "\(value(range.lowerBound))-\(value(range.upperBound))"
        }
        return list(parts, of: shown.count, isComplement: isComplement)
    }

    /// Numbers as they are.
    var numbers: String { wanted { String($0) } }
}

extension IPAddressSet {
    /// The addresses of a family.
    func wanted(_ family: AddressFamily) -> String {
        switch family {
        case .ip: v4.isEmpty ? "no IPv4 address" : Self.wanted(v4) { .v4($0) }
        case .ip6: v6.isEmpty ? "no IPv6 address" : Self.wanted(v6) { .v6($0) }
        }
    }

    private static func wanted<Value>(_ set: IntervalSet<Value>, _ range: (ClosedRange<Value>) -> IPAddressRange)
        -> String
    {
        let isComplement = set.intervals.first?.lowerBound == .min && set.intervals.last?.upperBound == .max
        let shown = isComplement ? set.complement.intervals : set.intervals
        let parts = shown.prefix(shownParts).map { range($0).description }
        return list(parts, of: shown.count, isComplement: isComplement)
    }
}

/// `a, b or c`, `a, b, c, d or one of 96 more`, `any but a and b`.
private func list(_ parts: [String], of count: Int, isComplement: Bool) -> String {
    if parts.isEmpty { return isComplement ? "any" : "none" }
    let rest = count - parts.count
    let all = parts + (rest > 0 ? ["\(isComplement ? "" : "one of ")\(rest) more"] : [])
    let last = isComplement ? " and " : " or "
    let text = all.count == 1 ? all[0] : all.dropLast().joined(separator: ", ") + last + all[all.count - 1]
    return (isComplement ? "any but " : "") + text
}

extension InterfaceSet {
    /// The names and patterns.
    var wanted: String {
        let parts = patterns.prefix(shownParts).map(\.description)
        return list(parts, of: patterns.count, isComplement: isNegated)
    }
}

extension Presence {
    /// The values, and absence where that is wanted as well.
    func wanted(_ values: (Values) -> String) -> String {
        values(self.values) + (allowsAbsent ? ", or none at all" : "")
    }
}

extension MaskedTest {
    /// `dnat` where the bits are to be set, `no dnat` where none may be, else value and mask.
    func wanted(_ bits: (Value) -> String) -> String {
        if isNegated && value == mask && mask.nonzeroBitCount == 1 { return "no \(bits(mask))" }
        if isNegated && value == 0 { return mask.nonzeroBitCount == 1 ? bits(mask) : "some of \(bits(mask))" }
        let prefix = isNegated ? "not " : ""
        if value == 0 && !isNegated { return "no \(bits(mask))" }
        if value == mask { return prefix + bits(value) }
        return mask == .max ? prefix + bits(value) : "\(prefix)\(bits(value)) of \(bits(mask))"
    }
}

extension ConntrackStateSet {
    /// `new or established`.
    var list: String { names.joined(separator: " or ") }
}

extension PacketTypeSet {
    /// `host or broadcast`.
    var list: String { names.joined(separator: " or ") }
}

/// `0x1f`.
func hexadecimal(_ number: UInt32) -> String { "0x\(String(number, radix: 16))" }
