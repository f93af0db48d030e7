/// What becomes of packets of a special kind in a scope.
public enum Treatment: String, Hashable, Sendable {
    /// The rules of the scope judge them like all others.
    case judge
    /// They leave the policy: Docker's own rules decide.
    case pass
    /// They are dropped before the rules of the scope.
    case drop

    var node: ScopeNode.Treatment {
        switch self {
        case .judge: .judge
        case .pass: .pass
        case .drop: .drop
        }
    }
}

/// Connections that enter the host at an interface and are forwarded to containers.
///
/// Replies, and ICMP errors that are related to a connection, are not judged: they leave the policy, and Docker's own rules
/// decide. All else is judged, the packets of running connections as well.
public struct Inbound: PolicyComponent {
    /// The scope.
    public let content: PolicyContent

    /// Judges connections that enter at an interface.
    ///
    /// - Parameters:
    ///   - interface: where they enter.
    ///   - toward: where they leave, if only some are meant: `"br-*"`, `"docker0"`.
    ///   - related: ICMP errors that are related to a connection and go in the direction in which it was opened; those of the
    ///     other direction are replies.
    ///   - invalid: packets that conntrack could not relate to a connection.
    ///   - untracked: packets that conntrack was told not to look at.
    ///   - direct: connections that were routed straight to a container's address, not dialled at a published port.
    ///   - file: the policy's file; the compiler fills it in.
    ///   - line: the line in it; the compiler fills it in.
    ///   - body: the rules.
    public init(
        on interface: InterfaceSelection, toward: InterfaceSelection = .any, related: Treatment = .pass,
        invalid: Treatment = .judge, untracked: Treatment = .judge, direct: Treatment = .judge,
        file: String = #filePath, line: Int = #line, @PolicyBuilder _ body: () -> PolicyContent
    ) {
        content = PolicyContent([
            .scope(
                ScopeNode(
                    location: NodeLocation(file: file, line: line), kind: .inbound, inInterface: interface.expression,
                    outInterface: toward.expression, from: .any, related: related.node, invalid: invalid.node,
                    untracked: untracked.node, direct: direct.node, children: body().nodes))
        ])
    }
}

/// Connections that leave the host at an interface, opened by containers.
public struct Outbound: PolicyComponent {
    /// The scope.
    public let content: PolicyContent

    /// Judges connections that leave at an interface; the parameters are those of `Inbound`.
    ///
    /// - Parameters:
    ///   - interface: where they leave.
    ///   - from: the containers that open them, by address.
    ///   - related: ICMP errors that are related to a connection.
    ///   - invalid: packets that conntrack could not relate to a connection.
    ///   - untracked: packets that conntrack was told not to look at.
    ///   - file: the policy's file; the compiler fills it in.
    ///   - line: the line in it; the compiler fills it in.
    ///   - body: the rules.
    public init(
        via interface: InterfaceSelection, from: AddressSet = .any, related: Treatment = .pass,
        invalid: Treatment = .judge,
        untracked: Treatment = .judge, file: String = #filePath, line: Int = #line,
        @PolicyBuilder _ body: () -> PolicyContent
    ) {
        content = PolicyContent([
            .scope(
                ScopeNode(
                    location: NodeLocation(file: file, line: line), kind: .outbound, inInterface: .any,
                    outInterface: interface.expression, from: from.expression, related: related.node,
                    invalid: invalid.node,
                    untracked: untracked.node, direct: .judge, children: body().nodes))
        ])
    }
}

/// Connections from the containers of one bridge to those of another.
public struct Between: PolicyComponent {
    /// The scope.
    public let content: PolicyContent

    /// Judges connections from one bridge to another; the parameters are those of `Inbound`.
    ///
    /// - Parameters:
    ///   - first: the bridge of the side that opens the connection.
    ///   - second: the bridge of the side that answers.
    ///   - related: ICMP errors that are related to a connection.
    ///   - invalid: packets that conntrack could not relate to a connection.
    ///   - untracked: packets that conntrack was told not to look at.
    ///   - file: the policy's file; the compiler fills it in.
    ///   - line: the line in it; the compiler fills it in.
    ///   - body: the rules.
    public init(
        _ first: InterfaceSelection, _ second: InterfaceSelection, related: Treatment = .pass,
        invalid: Treatment = .judge,
        untracked: Treatment = .judge, file: String = #filePath, line: Int = #line,
        @PolicyBuilder _ body: () -> PolicyContent
    ) {
        content = PolicyContent([
            .scope(
                ScopeNode(
                    location: NodeLocation(file: file, line: line), kind: .between, inInterface: first.expression,
                    outInterface: second.expression, from: .any, related: related.node, invalid: invalid.node,
                    untracked: untracked.node, direct: .judge, children: body().nodes))
        ])
    }
}
