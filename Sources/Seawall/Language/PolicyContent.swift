/// What a policy consists of: scopes, groups and rules, in order.
public struct PolicyContent: PolicyComponent, Hashable, Sendable {
    package var nodes: [PolicyNode]

    package init(_ nodes: [PolicyNode]) { self.nodes = nodes }

    /// Itself.
    public var content: PolicyContent { self }
}

/// Something that can stand in a policy.
///
/// One requirement, so that a project can make building blocks of its own.
public protocol PolicyComponent {
    /// What it stands for.
    var content: PolicyContent { get }
}

/// Builds the content of a policy, a scope or a group from statements, with `if`, `switch` and `for`.
@resultBuilder
public struct PolicyBuilder {}

// MARK: - Statements

extension PolicyBuilder {
    /// A component as a statement.
    public static func buildExpression(_ component: some PolicyComponent) -> PolicyContent { component.content }

    /// Statements in order. (Variadic on purpose: with `buildPartialBlock` the type checker takes twice as long.)
    public static func buildBlock(_ parts: PolicyContent...) -> PolicyContent { PolicyContent(parts.flatMap(\.nodes)) }
}

// MARK: - Control flow

extension PolicyBuilder {
    /// `if` without `else`.
    public static func buildOptional(_ part: PolicyContent?) -> PolicyContent { part ?? PolicyContent([]) }

    /// The first branch of `if` or `switch`.
    public static func buildEither(first part: PolicyContent) -> PolicyContent { part }

    /// The other branch of `if` or `switch`.
    public static func buildEither(second part: PolicyContent) -> PolicyContent { part }

    /// `for`.
    public static func buildArray(_ parts: [PolicyContent]) -> PolicyContent { PolicyContent(parts.flatMap(\.nodes)) }

    /// `if #available`.
    public static func buildLimitedAvailability(_ part: PolicyContent) -> PolicyContent { part }
}
