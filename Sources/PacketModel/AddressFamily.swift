/// An address family of the Internet protocol, as netfilter names it.
public enum AddressFamily: String, CaseIterable, Hashable, Sendable, Comparable {
    /// IPv4.
    case ip
    /// IPv6.
    case ip6

    /// IPv4 before IPv6.
    public static func < (a: AddressFamily, b: AddressFamily) -> Bool { a == .ip && b == .ip6 }

    /// The name that people use: `IPv4` or `IPv6`.
    public var displayName: String { self == .ip ? "IPv4" : "IPv6" }
}

/// A set of address families.
public struct FamilySet: OptionSet, Hashable, Sendable {
    /// The number, or the bits.
    public let rawValue: UInt8

    /// A set from its bits: 1 is IPv4, 2 is IPv6.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The set of one family.
    public init(_ family: AddressFamily) { self = family == .ip ? .ip : .ip6 }

    /// IPv4 alone.
    public static let ip = FamilySet(rawValue: 1)
    /// IPv6 alone.
    public static let ip6 = FamilySet(rawValue: 2)
    /// Both families.
    public static let both: FamilySet = [.ip, .ip6]

    /// The members, IPv4 first.
    public var families: [AddressFamily] { AddressFamily.allCases.filter { contains(FamilySet($0)) } }
}
