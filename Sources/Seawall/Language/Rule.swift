public import PacketModel

/// Builds the conditions of a `Rule`.
@resultBuilder
public struct MatchBuilder {
    /// A condition as a statement.
    public static func buildExpression(_ match: Match) -> [Match] { [match] }
    /// Conditions that hold together.
    public static func buildBlock(_ parts: [Match]...) -> [Match] { parts.flatMap { $0 } }
    /// `if` without `else`.
    public static func buildOptional(_ part: [Match]?) -> [Match] { part ?? [] }
    /// The first branch of `if` or `switch`.
    public static func buildEither(first part: [Match]) -> [Match] { part }
    /// The other branch of `if` or `switch`.
    public static func buildEither(second part: [Match]) -> [Match] { part }
    /// `for`.
    public static func buildArray(_ parts: [[Match]]) -> [Match] { parts.flatMap { $0 } }
}

/// A rule in netfilter's own terms: conditions that hold together, and a verdict.
///
/// In a scope it judges what the scope judges; directly in `Containers` it sees every packet, replies too.
///
/// ```swift
/// Rule(.drop) {
///     Match.inInterface("eth0")
///     Match.protocol("tcp")
///     Match.not(.state(.established))
/// }
/// ```
public struct Rule: RuleComponent {
    /// What becomes of a packet that matches.
    public struct Verdict: Hashable, Sendable {
        package var node: VerdictNode

        /// Hands the packet on to Docker's own rules.
        public static let allow = Verdict(node: .allow)
        /// Ends the evaluation of the filter table.
        public static let accept = Verdict(node: .accept)
        /// Drops the packet in silence.
        public static let drop = Verdict(node: .drop)
        /// Drops the packet and says so to the sender.
        public static let reject = Verdict(node: .reject(RejectKind.portUnreachable.rawValue))
        /// Drops the packet and answers so.
        public static func reject(with kind: RejectKind) -> Verdict { Verdict(node: .reject(kind.rawValue)) }
        /// Logs the packet, and lets the next rule decide.
        public static let log = Verdict(node: .log)
    }

    /// The rule.
    public let rule: PolicyRule

    /// A rule of conditions; without any it matches all.
    public init(
        _ verdict: Verdict, file: String = #filePath, line: Int = #line, @MatchBuilder _ matches: () -> [Match] = { [] }
    ) {
        rule = PolicyRule(
            RuleNode(
                location: NodeLocation(file: file, line: line), verdict: verdict.node, matches: matches().map(\.node),
                isLowLevel: true))
    }
}
