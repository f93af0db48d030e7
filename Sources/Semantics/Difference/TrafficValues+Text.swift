internal import FirewallIR
internal import PacketModel

extension TrafficValues {
    /// Each part of the values as text, for programs: prefixes and ranges, numbers, names.
    package var texts: [String] {
        switch self {
        case .addresses(let set): (set.ranges(of: .ip) + set.ranges(of: .ip6)).map(\.description)
        case .protocols(let set): set.texts { IPProtocol(rawValue: $0).name }
        case .numbers(let set): set.texts { String($0) }
        case .numbersOf(let field, let set): set.values.texts(field.text) + (set.allowsAbsent ? ["none"] : [])
        case .interfaces(let names): names.texts
        case .bits(let lists): lists.map { $0.map(\.text).joined(separator: " and ") }
        case .packetTypes(let types): types.names
        case .addressTypes(let types): types.names
        case .instants(let set): set.intervals.map { Self.times($0) }
        case .answer(let holds): [holds ? "yes" : "no"]
        }
    }

    /// The values in few words.
    package var words: String {
        switch self {
        case .addresses(let set): set.phrase
        case .protocols(let set): set.wanted { IPProtocol(rawValue: $0).name }
        case .numbers(let set): set.numbers
        case .numbersOf(let field, let set): set.wanted { $0.wanted(field.text, all: field.all) }
        default: texts.joined(separator: ", ")
        }
    }

    /// `until 2027-02-01T00:00:00Z`.
    private static func times(_ interval: ClosedRange<UInt64>) -> String {
        let first = interval.lowerBound == 0 ? nil : PacketDescription.clock(instant(interval.lowerBound))
        let end = interval.upperBound == .max ? nil : PacketDescription.clock(instant(interval.upperBound + 1))
        return [first.map { "from \($0) on" }, end.map { "until \($0)" }].compactMap { $0 }.joined(separator: ", ")
    }

    /// A number in the order of instants as an instant.
    static func instant(_ ordered: UInt64) -> Int64 { Int64(bitPattern: ordered ^ 1 << 63) }
}

extension IntervalSet {
    fileprivate func texts(_ text: (Value) -> String) -> [String] {
        intervals.map { interval in
            let first = text(interval.lowerBound)
            return interval.lowerBound == interval.upperBound ? first : "\(first)-\(text(interval.upperBound))"
        }
    }
}

extension MaskedTest {
    fileprivate var text: String {
        "0x\(String(mask, radix: 16))\(isNegated ? "!=" : "=")0x\(String(value, radix: 16))"
    }
}

extension InterfaceNames {
    /// `eth0`, `br-* but br-1`; for all others `any but …`.
    package var texts: [String] {
        let texts = parts.map { part in
            part.except.isEmpty
                ? part.pattern.description
                : "\(part.pattern) but \(part.except.map(\.description).joined(separator: " and "))"
        }
        return isComplement ? ["any but \(texts.joined(separator: ", "))"] : texts
    }
}

// MARK: - Addresses

extension IPAddressSet {
    /// The addresses as people say them: prefixes and ranges, or what is left out of a larger network.
    var phrase: String {
        let families = families.families
        let parts = families.map { phrase(of: $0) }
        if parts.allSatisfy({ $0.hasPrefix("anywhere") }) {
            let rest = parts.compactMap { $0.hasPrefix(Self.anywhereBut) ? $0.dropFirst(Self.anywhereBut.count) : nil }
            return rest.isEmpty ? "anywhere" : Self.anywhereBut + rest.joined(separator: ", ")
        }
        return zip(families, parts).map { family, part in
            part.hasPrefix("anywhere")
                ? "all of \(family.displayName)" + part.dropFirst("anywhere".count) : part
        }.joined(separator: ", ")
    }

    private static let anywhereBut = "anywhere but "

    /// How many parts of a list are named.
    private static let shown = 6

    private func phrase(of family: AddressFamily) -> String {
        switch family {
        case .ip: Self.phrase(v4) { .v4($0) }
        case .ip6: Self.phrase(v6) { .v6($0) }
        }
    }

    private static func phrase<Value>(_ set: IntervalSet<Value>, _ range: (ClosedRange<Value>) -> IPAddressRange)
        -> String
    {
        guard let first = set.intervals.first, let last = set.intervals.last else { return "nowhere" }
        if set.isAll { return "anywhere" }
        let hull = first.lowerBound...last.upperBound
        let holes = set.complement.intersection(IntervalSet([hull])).intervals
        if let network = range(hull).prefix, !holes.isEmpty, holes.count < set.intervals.count {
            let whole = hull == Value.min...Value.max ? "anywhere" : "\(network)"
            return "\(whole) but \(list(holes.map { range($0).description }, last: " and "))"
        }
        let outside = set.complement.intervals
        if outside.count < set.intervals.count {
            return anywhereBut + list(outside.map { range($0).description }, last: " and ")
        }
        return list(set.intervals.map { range($0).description }, last: ", ")
    }

    private static func list(_ parts: [String], last: String) -> String {
        if parts.count <= shown {
            return parts.count == 1
                ? parts[0] : parts.dropLast().joined(separator: ", ") + last + parts[parts.count - 1]
        }
        return parts.prefix(shown - 1).joined(separator: ", ") + " and \(parts.count - shown + 1) more"
    }
}
