/// A set of numbers, as a policy writes it: `100`, `100...200`, `[40, 100...200]`.
public struct NumberSet: Hashable, Sendable, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
    package var expression: NumberExpression

    package init(_ expression: NumberExpression) { self.expression = expression }

    /// One number.
    public init(integerLiteral number: Int) { expression = .leaf(.number(number)) }

    /// One number that was computed.
    public init(_ number: Int) { expression = .leaf(.number(number)) }

    /// The union of sets.
    public init(arrayLiteral members: NumberSet...) { expression = .union(members.map(\.expression)) }

    /// The numbers from one to another, both included.
    public static func range(_ first: Int, _ last: Int) -> NumberSet { NumberSet(.leaf(.range(first, last))) }

    /// The numbers from one to another, both included; one that ends before it begins is reported.
    public static func ... (first: NumberSet, last: NumberSet) -> NumberSet {
        guard case .leaf(.number(let low)) = first.expression, case .leaf(.number(let high)) = last.expression else {
            return NumberSet(.union([]))
        }
        return .range(low, high)
    }
}
