/// Interfaces, as a policy writes them: `"eth0"`, `"br-*"`, `["eth0", "wlan0"]`, `.not("eth0")`.
public struct InterfaceSelection: Hashable, Sendable, ExpressibleByStringLiteral, ExpressibleByArrayLiteral {
    package var expression: InterfaceExpression

    package init(_ expression: InterfaceExpression) { self.expression = expression }

    /// One interface, or with `*` at the end all that begin so.
    public init(stringLiteral text: String) { self.init(text) }

    /// One interface from a text that was computed.
    public init(_ text: String) { expression = .leaf(InterfaceLeaf(text)) }

    /// Any of several.
    public init(arrayLiteral members: InterfaceSelection...) { expression = .union(members.map(\.expression)) }

    /// All interfaces: no restriction.
    public static let any = InterfaceSelection(.any)

    /// All interfaces but these.
    public static func not(_ selection: InterfaceSelection) -> InterfaceSelection {
        InterfaceSelection(.not(selection.expression))
    }
}
