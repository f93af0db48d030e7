internal import PacketModel

/// A set of ports, as a policy writes it: `443`, `8000...8010`, `[80, 443, "submission", 8000...8010]`.
public struct PortSet: Hashable, Sendable, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral,
    ExpressibleByArrayLiteral
{
    package var expression: PortExpression

    package init(_ expression: PortExpression) { self.expression = expression }

    /// One port, 0 to 65535.
    public init(integerLiteral port: Int) { expression = .leaf(.number(port)) }

    /// One port that was computed.
    public init(_ port: Int) { expression = .leaf(.number(port)) }

    /// The port of a service's name: `https`.
    public init(stringLiteral name: String) { expression = .leaf(.name(name)) }

    /// The union of sets.
    public init(arrayLiteral members: PortSet...) { expression = .union(members.map(\.expression)) }

    /// The ports of a file: a port, a range (`8000-8010`) or a service's name a line; what follows a `#` does not count.
    ///
    /// - Parameters:
    ///   - path: the file, relative to the policy's folder.
    ///   - mayBeEmpty: whether a file without entries is right, and matches nothing; otherwise it is an error.
    public init(contentsOf path: String, mayBeEmpty: Bool = false) {
        expression = .leaf(.file(FileReference(path: path, mayBeEmpty: mayBeEmpty)))
    }

    /// All ports: no restriction.
    public static let any = PortSet(.any)

    /// All ports that are not in a set.
    public static func not(_ set: PortSet) -> PortSet { PortSet(.not(set.expression)) }

    /// The ports from one to another, both included.
    public static func range(_ first: Int, _ last: Int) -> PortSet { PortSet(.leaf(.range(first, last))) }

    /// The ports from one to another, both included: `8000...8010`, `"http"..."https"`.
    ///
    /// Unlike a `ClosedRange`, a range the wrong way round is reported, and no crash.
    public static func ... (first: PortSet, last: PortSet) -> PortSet {
        guard let low = first.number, let high = last.number else {
            // What is no port is reported: an unknown name as such, and a set of several as one that is empty.
            return [first, last].first { $0.number == nil && $0.isName } ?? PortSet(.union([]))
        }
        return .range(low, high)
    }

    /// The one port that the set is, by number or by a known name.
    private var number: Int? {
        switch expression {
        case .leaf(.number(let port)): port
        case .leaf(.name(let name)): ServiceName.port(name).map { Int($0) }
        default: nil
        }
    }

    private var isName: Bool { if case .leaf(.name) = expression { true } else { false } }
}
