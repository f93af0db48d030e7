/// A set of addresses of both families.
public struct IPAddressSet: Hashable, Sendable {
    /// The IPv4 addresses in it.
    public var v4: IntervalSet<UInt32>
    /// The IPv6 addresses in it.
    public var v6: IntervalSet<UInt128>

    /// A set from its two halves.
    @inlinable
    public init(v4: IntervalSet<UInt32> = .none, v6: IntervalSet<UInt128> = .none) {
        self.v4 = v4
        self.v6 = v6
    }

    /// The union of address ranges.
    @inlinable
    public init(_ ranges: some Sequence<IPAddressRange>) {
        var low: [ClosedRange<UInt32>] = []
        var high: [ClosedRange<UInt128>] = []
        for range in ranges {
            switch range {
            case .v4(let interval): low.append(interval)
            case .v6(let interval): high.append(interval)
            }
        }
        self.init(v4: IntervalSet(low), v6: IntervalSet(high))
    }

    /// No address.
    public static let none = IPAddressSet()
    /// All addresses of both families.
    public static let all = IPAddressSet(v4: .all, v6: .all)

    /// Whether the set holds no address.
    public var isEmpty: Bool { v4.isEmpty && v6.isEmpty }
    /// Whether the set holds all addresses of both families.
    public var isAll: Bool { v4.isAll && v6.isAll }

    /// The families of which the set holds an address.
    public var families: FamilySet {
        (v4.isEmpty ? [] : FamilySet.ip).union(v6.isEmpty ? [] : .ip6)
    }

    /// The addresses of both families that are not in the set.
    public var complement: IPAddressSet { IPAddressSet(v4: v4.complement, v6: v6.complement) }

    /// The addresses in this set or the other.
    public func union(_ other: IPAddressSet) -> IPAddressSet {
        IPAddressSet(v4: v4.union(other.v4), v6: v6.union(other.v6))
    }

    /// The addresses in both sets.
    public func intersection(_ other: IPAddressSet) -> IPAddressSet {
        IPAddressSet(v4: v4.intersection(other.v4), v6: v6.intersection(other.v6))
    }

    /// Whether an address is in the set.
    public func contains(_ address: IPAddress) -> Bool {
        switch address {
        case .v4(let value): v4.contains(value)
        case .v6(let value): v6.contains(value)
        }
    }

    /// The ranges of one family, ascending.
    public func ranges(of family: AddressFamily) -> [IPAddressRange] {
        family == .ip ? v4.intervals.map(IPAddressRange.v4) : v6.intervals.map(IPAddressRange.v6)
    }
}

/// A non-empty range of addresses of one family, both ends included.
public enum IPAddressRange: Hashable, Sendable {
    /// IPv4 addresses in host byte order.
    case v4(ClosedRange<UInt32>)
    /// IPv6 addresses in host byte order.
    case v6(ClosedRange<UInt128>)

    /// The range of all addresses of a network.
    public init(_ prefix: IPPrefix) {
        switch prefix.address {
        case .v4(let low): self = .v4(low...(low | ~IPPrefix.mask32(prefix.length)))
        case .v6(let low): self = .v6(low...(low | ~IPPrefix.mask128(prefix.length)))
        }
    }

    /// The range of one address.
    public init(_ address: IPAddress) {
        switch address {
        case .v4(let value): self = .v4(value...value)
        case .v6(let value): self = .v6(value...value)
        }
    }

    /// The family of both ends.
    public var family: AddressFamily {
        switch self {
        case .v4: .ip
        case .v6: .ip6
        }
    }

    /// The first address.
    public var first: IPAddress {
        switch self {
        case .v4(let range): .v4(range.lowerBound)
        case .v6(let range): .v6(range.lowerBound)
        }
    }

    /// The last address.
    public var last: IPAddress {
        switch self {
        case .v4(let range): .v4(range.upperBound)
        case .v6(let range): .v6(range.upperBound)
        }
    }

    /// The network that is exactly this range, if there is one.
    public var prefix: IPPrefix? {
        let length: Int
        switch self {
        case .v4(let range):
            length = (range.lowerBound ^ range.upperBound).leadingZeroBitCount
        case .v6(let range):
            length = (range.lowerBound ^ range.upperBound).leadingZeroBitCount
        }
        guard let prefix = IPPrefix(first, length: length), IPAddressRange(prefix) == self else { return nil }
        return prefix
    }
}

extension IPPrefix {
    static func mask32(_ length: Int) -> UInt32 { length == 0 ? 0 : ~0 << UInt32(32 - length) }
    static func mask128(_ length: Int) -> UInt128 { length == 0 ? 0 : ~0 << UInt128(128 - length) }
}

extension IPAddressRange: CustomStringConvertible {
    /// `192.0.2.7`, `192.0.2.0/24` or `192.0.2.1-192.0.2.9`.
    public var description: String {
        if first == last { return first.description }
        if let prefix { return prefix.description }
        return first.description + "-" + last.description
    }
}
