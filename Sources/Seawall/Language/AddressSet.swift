/// A set of addresses of both families, as a policy writes it.
///
/// ```swift
/// let office: AddressSet = ["192.0.2.0/24", "2001:db8:10::/48", "198.51.100.1-198.51.100.9"]
/// let blocked = AddressSet(contentsOf: "blocklist.txt")
/// ```
///
/// A text that is no address is reported at its file and line when the policy is checked or compiled.
public struct AddressSet: Hashable, Sendable, ExpressibleByStringLiteral, ExpressibleByArrayLiteral {
    package var expression: AddressExpression

    package init(_ expression: AddressExpression) { self.expression = expression }

    /// One address, network (`192.0.2.0/24`) or range (`192.0.2.1-192.0.2.9`).
    public init(stringLiteral text: String) { self.init(text) }

    /// One address, network or range from a text that was computed.
    public init(_ text: String) { expression = .leaf(.text(text)) }

    /// The union of sets.
    public init(arrayLiteral members: AddressSet...) { expression = .union(members.map(\.expression)) }

    /// The union of addresses, networks and ranges from texts that were computed.
    public init(_ texts: some Sequence<String>) { expression = .union(texts.map { .leaf(.text($0)) }) }

    /// The addresses, networks and ranges of a file: one a line, empty lines and what follows a `#` do not count.
    ///
    /// - Parameters:
    ///   - path: the file, relative to the policy's folder.
    ///   - mayBeEmpty: whether a file without entries is right, and matches nothing; otherwise it is an error.
    public init(contentsOf path: String, mayBeEmpty: Bool = false) {
        expression = .leaf(.file(FileReference(path: path, mayBeEmpty: mayBeEmpty)))
    }

    /// All addresses: no restriction.
    public static let any = AddressSet(.any)

    /// All addresses of both families that are not in a set.
    public static func not(_ set: AddressSet) -> AddressSet { AddressSet(.not(set.expression)) }

    /// One network: `192.0.2.0/24`.
    public static func network(_ text: String) -> AddressSet { AddressSet(text) }

    /// One address.
    public static func address(_ text: String) -> AddressSet { AddressSet(text) }

    /// The addresses from one to another, both included.
    public static func range(_ first: String, _ last: String) -> AddressSet { AddressSet("\(first)-\(last)") }

    /// The addresses in this set or another.
    public func union(_ other: AddressSet) -> AddressSet { AddressSet(expression.union(other.expression)) }
}
