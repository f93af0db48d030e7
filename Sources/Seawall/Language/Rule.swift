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
/// Rule(.jump("audit"), .protocol("tcp"), .destinationPort(22))
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
        /// Lets the next rule decide: the rule counts, or changes something.
        public static let next = Verdict(node: .next)
        /// Asks the rules of a chain of the same block, and then the next rule (`-j CHAIN`).
        public static func jump(_ chain: String) -> Verdict { Verdict(node: .jump(chain)) }
        /// Asks the rules of a chain of the same block in place of those that follow (`-g CHAIN`).
        public static func goto(_ chain: String) -> Verdict { Verdict(node: .goto(chain)) }
        /// Goes back behind the rule that jumped to this chain; outside of chains, to the policy (`-j RETURN`).
        public static let `return` = Verdict(node: .return)
        /// Leaves the decision to a program that listens to a queue (`-j NFQUEUE`).
        ///
        /// - Parameters:
        ///   - number: the queue.
        ///   - bypass: whether packets pass if no program listens.
        /// - Returns: the verdict.
        public static func queue(_ number: Int, bypass: Bool = false) -> Verdict {
            queue(from: number, to: number, bypass: bypass)
        }
        /// Leaves the decision to programs that listen to several queues (`-j NFQUEUE --queue-balance`).
        ///
        /// - Parameters:
        ///   - first: the first queue.
        ///   - last: the last queue.
        ///   - bypass: whether packets pass if no program listens.
        ///   - byProcessor: whether packets are spread by processor, not by connection.
        /// - Returns: the verdict.
        public static func queue(
            from first: Int, to last: Int, bypass: Bool = false, byProcessor: Bool = false
        ) -> Verdict {
            Verdict(node: .queue(QueueNode(first, last, isBypassed: bypass, isByProcessor: byProcessor)))
        }
    }

    /// The rule.
    public let rule: PolicyRule

    /// A rule of conditions, as statements.
    public init(
        _ verdict: Verdict, file: String = #filePath, line: Int = #line, @MatchBuilder _ matches: () -> [Match]
    ) {
        self.init(verdict, matches(), NodeLocation(file: file, line: line))
    }

    /// A rule of conditions, on one line; without any it matches all.
    public init(_ verdict: Verdict, _ matches: Match..., file: String = #filePath, line: Int = #line) {
        self.init(verdict, matches, NodeLocation(file: file, line: line))
    }

    private init(_ verdict: Verdict, _ matches: [Match], _ location: NodeLocation) {
        rule = PolicyRule(
            RuleNode(location: location, verdict: verdict.node, matches: matches.map(\.node), isLowLevel: true))
    }
}
