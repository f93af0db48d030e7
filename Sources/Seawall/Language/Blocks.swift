public import PacketModel

/// What Docker forwards to and from containers: the chain `DOCKER-USER` under iptables, the forward hook under nft.
///
/// The first rule that matches decides, over all scopes in it, in the order written.
public struct Containers: PolicyComponent {
    /// The scopes in it.
    public let content: PolicyContent

    /// Judges what Docker forwards.
    public init(@PolicyBuilder _ body: () -> PolicyContent) { content = body() }

    /// Judges what Docker forwards in some families, or with an end of its own.
    ///
    /// - Parameters:
    ///   - families: the families; the rules of the other may stand in a second `Containers`.
    ///   - policy: what becomes of packets that no rule decides.
    ///   - file: the policy's file; the compiler fills it in.
    ///   - line: the line in it; the compiler fills it in.
    ///   - body: the scopes, rules and chains.
    public init(
        families: FamilySet, policy: ChainPolicy = .allow, file: String = #filePath, line: Int = #line,
        @PolicyBuilder _ body: () -> PolicyContent
    ) {
        content = block(.containers, families, policy, NodeLocation(file: file, line: line), body())
    }
}

/// What becomes of packets that no rule decides.
public enum ChainPolicy: String, Hashable, Sendable {
    /// They are left to the rules behind the policy, so to Docker's own.
    case allow
    /// They pass the table.
    case accept
    /// They are dropped.
    case drop

    var node: BlockNode.Policy {
        switch self {
        case .allow: .allow
        case .accept: .accept
        case .drop: .drop
        }
    }
}

/// The whole chain `INPUT` of the filter table: packets to the host itself.
public struct Input: PolicyComponent {
    /// The rules and chains in it.
    public let content: PolicyContent

    /// Judges packets to the host.
    ///
    /// - Parameters:
    ///   - policy: what becomes of packets that no rule decides.
    ///   - families: the families of which the rules speak.
    ///   - file: the policy's file; the compiler fills it in.
    ///   - line: the line in it; the compiler fills it in.
    ///   - body: the rules and chains.
    public init(
        policy: ChainPolicy, families: FamilySet = .both, file: String = #filePath, line: Int = #line,
        @PolicyBuilder _ body: () -> PolicyContent
    ) {
        content = block(.input, families, policy, NodeLocation(file: file, line: line), body())
    }
}

/// The whole chain `FORWARD` of the filter table: packets that the host forwards.
public struct Forward: PolicyComponent {
    /// The rules and chains in it.
    public let content: PolicyContent

    /// Judges packets that are forwarded; the parameters are those of `Input`.
    ///
    /// - Parameters:
    ///   - policy: what becomes of packets that no rule decides.
    ///   - families: the families of which the rules speak.
    ///   - file: the policy's file; the compiler fills it in.
    ///   - line: the line in it; the compiler fills it in.
    ///   - body: the rules and chains.
    public init(
        policy: ChainPolicy, families: FamilySet = .both, file: String = #filePath, line: Int = #line,
        @PolicyBuilder _ body: () -> PolicyContent
    ) {
        content = block(.forward, families, policy, NodeLocation(file: file, line: line), body())
    }
}

/// The whole chain `OUTPUT` of the filter table: packets that the host itself sends.
public struct Output: PolicyComponent {
    /// The rules and chains in it.
    public let content: PolicyContent

    /// Judges packets from the host; the parameters are those of `Input`.
    ///
    /// - Parameters:
    ///   - policy: what becomes of packets that no rule decides.
    ///   - families: the families of which the rules speak.
    ///   - file: the policy's file; the compiler fills it in.
    ///   - line: the line in it; the compiler fills it in.
    ///   - body: the rules and chains.
    public init(
        policy: ChainPolicy, families: FamilySet = .both, file: String = #filePath, line: Int = #line,
        @PolicyBuilder _ body: () -> PolicyContent
    ) {
        content = block(.output, families, policy, NodeLocation(file: file, line: line), body())
    }
}

/// A chain of rules beside those of a block, for `Rule(.jump("name"))` and `Rule(.goto("name"))`.
///
/// Where it stands among the rules says nothing. Its name belongs to the block in which it stands.
public struct Chain: PolicyComponent {
    /// The chain.
    public let content: PolicyContent

    /// A chain with a name.
    public init(
        _ name: String, file: String = #filePath, line: Int = #line, @PolicyBuilder _ body: () -> PolicyContent
    ) {
        content = PolicyContent([
            .chain(ChainNode(at: NodeLocation(file: file, line: line), name, children: body().nodes))
        ])
    }
}

private func block(
    _ hook: BlockNode.Hook, _ families: FamilySet, _ policy: ChainPolicy, _ location: NodeLocation,
    _ content: PolicyContent
) -> PolicyContent {
    let names = families == .both ? [] : families.families.map(\.rawValue)
    return PolicyContent([
        .block(BlockNode(at: location, hook, families: names, policy: policy.node, children: content.nodes))
    ])
}
