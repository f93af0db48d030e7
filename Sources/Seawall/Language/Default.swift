public import PacketModel

/// What becomes of packets that no rule of the scope before it matched; everything that the scope judges.
public struct Default: RuleComponent {
    /// The verdicts that a scope can end with.
    public struct Verdict: Hashable, Sendable {
        package var node: VerdictNode

        /// Hands packets on to Docker's own rules; what happens without a `Default`, but later scopes are not asked.
        public static let allow = Verdict(node: .allow)
        /// Ends the evaluation of the filter table.
        public static let accept = Verdict(node: .accept)
        /// Drops packets in silence.
        public static let drop = Verdict(node: .drop)
        /// Drops packets and says so to the sender.
        public static let reject = Verdict(node: .reject(RejectKind.portUnreachable.rawValue))
        /// Drops packets and answers so.
        public static func reject(with kind: RejectKind) -> Verdict { Verdict(node: .reject(kind.rawValue)) }
    }

    /// The rule.
    public let rule: PolicyRule

    /// Ends a scope with a verdict.
    public init(_ verdict: Verdict, file: String = #filePath, line: Int = #line) {
        rule = PolicyRule(
            RuleNode(location: NodeLocation(file: file, line: line), verdict: verdict.node, isDefault: true))
    }
}
