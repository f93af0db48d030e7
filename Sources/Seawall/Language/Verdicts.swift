public import PacketModel

/// Hands packets on to Docker's own rules: no later rule of the policy judges them.
///
/// It opens nothing that Docker closes. iptables: `RETURN` from `DOCKER-USER`; nft: `accept` in a base chain of our own.
public struct Allow: RuleComponent {
    /// The rule.
    public let rule: PolicyRule

    /// Matches packets by what the client dialled and by addresses; what is left out is not asked.
    ///
    /// - Parameters:
    ///   - services: any of these; none stands for all traffic.
    ///   - from: who sends the packet.
    ///   - to: the address that the client dialled, before Docker's DNAT.
    ///   - containerPort: the port of the packet after DNAT, so the container's own.
    ///   - containerAddress: the address of the packet after DNAT, so the container's own.
    ///   - file: the policy's file; the compiler fills it in.
    ///   - line: the line in it; the compiler fills it in.
    public init(
        _ services: Service..., from: AddressSet = .any, to: AddressSet = .any, containerPort: PortSet = .any,
        containerAddress: AddressSet = .any, file: String = #filePath, line: Int = #line
    ) {
        rule = PolicyRule(
            RuleNode(
                location: NodeLocation(file: file, line: line), verdict: .allow, services: services.map(\.node),
                from: from.expression, to: to.expression, containerPort: containerPort.expression,
                containerAddress: containerAddress.expression))
    }
}

/// Ends the evaluation of the filter table: overrides Docker's own rules, its isolation of networks too.
///
/// Rarely what is meant.
///
/// iptables: `ACCEPT`; nft: needs the mark that Docker is configured to accept (`--accept-mark`).
public struct Accept: RuleComponent {
    /// The rule.
    public let rule: PolicyRule

    /// Matches packets by what the client dialled and by addresses; what is left out is not asked.
    ///
    /// - Parameters:
    ///   - services: any of these; none stands for all traffic.
    ///   - from: who sends the packet.
    ///   - to: the address that the client dialled, before Docker's DNAT.
    ///   - containerPort: the port of the packet after DNAT, so the container's own.
    ///   - containerAddress: the address of the packet after DNAT, so the container's own.
    ///   - file: the policy's file; the compiler fills it in.
    ///   - line: the line in it; the compiler fills it in.
    public init(
        _ services: Service..., from: AddressSet = .any, to: AddressSet = .any, containerPort: PortSet = .any,
        containerAddress: AddressSet = .any, file: String = #filePath, line: Int = #line
    ) {
        rule = PolicyRule(
            RuleNode(
                location: NodeLocation(file: file, line: line), verdict: .accept, services: services.map(\.node),
                from: from.expression, to: to.expression, containerPort: containerPort.expression,
                containerAddress: containerAddress.expression))
    }
}

/// Drops packets in silence.
///
/// iptables: `DROP`; nft: `drop`.
public struct Drop: RuleComponent {
    /// The rule.
    public let rule: PolicyRule

    /// Matches packets by what the client dialled and by addresses; what is left out is not asked.
    ///
    /// - Parameters:
    ///   - services: any of these; none stands for all traffic.
    ///   - from: who sends the packet.
    ///   - to: the address that the client dialled, before Docker's DNAT.
    ///   - containerPort: the port of the packet after DNAT, so the container's own.
    ///   - containerAddress: the address of the packet after DNAT, so the container's own.
    ///   - file: the policy's file; the compiler fills it in.
    ///   - line: the line in it; the compiler fills it in.
    public init(
        _ services: Service..., from: AddressSet = .any, to: AddressSet = .any, containerPort: PortSet = .any,
        containerAddress: AddressSet = .any, file: String = #filePath, line: Int = #line
    ) {
        rule = PolicyRule(
            RuleNode(
                location: NodeLocation(file: file, line: line), verdict: .drop, services: services.map(\.node),
                from: from.expression, to: to.expression, containerPort: containerPort.expression,
                containerAddress: containerAddress.expression))
    }
}

/// Drops packets and says so to the sender.
///
/// iptables: `REJECT`; nft: `reject`.
public struct Reject: RuleComponent {
    /// The rule.
    public let rule: PolicyRule

    /// Matches packets by what the client dialled and by addresses; what is left out is not asked.
    ///
    /// - Parameters:
    ///   - services: any of these; none stands for all traffic.
    ///   - from: who sends the packet.
    ///   - to: the address that the client dialled, before Docker's DNAT.
    ///   - kind: the answer; `.tcpReset` needs services that are all TCP.
    ///   - containerPort: the port of the packet after DNAT, so the container's own.
    ///   - containerAddress: the address of the packet after DNAT, so the container's own.
    ///   - file: the policy's file; the compiler fills it in.
    ///   - line: the line in it; the compiler fills it in.
    public init(
        _ services: Service..., from: AddressSet = .any, to: AddressSet = .any,
        with kind: RejectKind = .portUnreachable, containerPort: PortSet = .any,
        containerAddress: AddressSet = .any, file: String = #filePath, line: Int = #line
    ) {
        rule = PolicyRule(
            RuleNode(
                location: NodeLocation(file: file, line: line), verdict: .reject(kind.rawValue),
                services: services.map(\.node),
                from: from.expression, to: to.expression, containerPort: containerPort.expression,
                containerAddress: containerAddress.expression))
    }
}

/// Logs packets, and lets the next rule decide.
///
/// iptables: `LOG`; nft: `log`. The line is described with `.log(prefix:level:limit:)`; without it, it begins with `seawall: `.
public struct Log: RuleComponent {
    /// The rule.
    public let rule: PolicyRule

    /// Matches packets by what the client dialled and by addresses; what is left out is not asked.
    ///
    /// - Parameters:
    ///   - services: any of these; none stands for all traffic.
    ///   - from: who sends the packet.
    ///   - to: the address that the client dialled, before Docker's DNAT.
    ///   - containerPort: the port of the packet after DNAT, so the container's own.
    ///   - containerAddress: the address of the packet after DNAT, so the container's own.
    ///   - file: the policy's file; the compiler fills it in.
    ///   - line: the line in it; the compiler fills it in.
    public init(
        _ services: Service..., from: AddressSet = .any, to: AddressSet = .any, containerPort: PortSet = .any,
        containerAddress: AddressSet = .any, file: String = #filePath, line: Int = #line
    ) {
        rule = PolicyRule(
            RuleNode(
                location: NodeLocation(file: file, line: line), verdict: .log, services: services.map(\.node),
                from: from.expression, to: to.expression, containerPort: containerPort.expression,
                containerAddress: containerAddress.expression))
    }
}
