internal import Diagnostics
internal import Seawall

/// What may not be what was meant, as far as it can be seen without a proof and without a host.
enum PolicyWarnings {
    static func find(in document: PolicyDocument) -> [Diagnostic] {
        document.content.flatMap { find(in: $0) }
            + (document.content.contains(where: \.hasRule) ? [] : [empty(document)])
    }

    private static func empty(_ document: PolicyDocument) -> Diagnostic {
        Diagnostic(
            "empty-policy", .warning, at: nil,
            "the policy \(document.policy) has no rules: everything is left to Docker's own")
    }

    private static func find(in node: PolicyNode) -> [Diagnostic] {
        switch node {
        case .block(let block):
            // Whole chains of the filter table accept as a matter of course: nothing of Docker's comes behind them.
            block.hook == .containers ? block.children.flatMap { find(in: $0) } : []
        case .chain(let chain): chain.children.flatMap { find(in: $0) }
        case .scope(let scope): scope.children.flatMap { find(in: $0) } + directPaths(in: scope)
        case .group(let group): group.children.flatMap { find(in: $0) }
        case .rule(let rule): rule.verdict == .accept ? [accept(rule)] : []
        case .expectation: []
        }
    }

    private static func accept(_ rule: RuleNode) -> Diagnostic {
        Diagnostic(
            "accept-overrides-docker", .warning, at: SourceLocation(rule.location),
            "'Accept' overrides Docker's own rules, its isolation of networks too: 'Allow' is what is usually meant",
            notes: [
                Diagnostic.Note(
                    "it does not open what Docker 28 and later drop before the forward hook (unpublished ports), and between bridges of Docker 27 and earlier the replies need a rule of their own"
                )
            ])
    }

    /// A published port that is dropped stays reachable at the container's own address and port, unless that way is shut.
    private static func directPaths(in scope: ScopeNode) -> [Diagnostic] {
        let rules = scope.children.flatMap(\.rules)
        guard scope.kind == .inbound, scope.direct == .judge, !rules.contains(where: \.dropsAll),
            let first = rules.first(where: { $0.closes && $0.services.contains { !$0.ports.isAny } })
        else { return [] }
        return [
            Diagnostic(
                "direct-path", .warning, at: SourceLocation(first.location),
                "the port that is closed here is the one on the host: a packet that is routed straight to a container's address was dialled at the container's own port, and is not judged by it",
                notes: [
                    Diagnostic.Note(
                        "'direct: .drop' of the scope shuts that way; 'direct: .pass' says that it is meant",
                        at: SourceLocation(scope.location))
                ])
        ]
    }
}

extension PolicyNode {
    fileprivate var hasRule: Bool {
        switch self {
        case .rule: true
        case .block(let block): block.policy != .allow || block.children.contains(where: \.hasRule)
        case .chain(let chain): chain.children.contains(where: \.hasRule)
        case .scope(let scope): scope.children.contains(where: \.hasRule) || scope.treatsByName
        case .group(let group): group.children.contains(where: \.hasRule)
        case .expectation: false
        }
    }

    fileprivate var rules: [RuleNode] {
        switch self {
        case .rule(let rule): [rule]
        case .group(let group): group.children.flatMap(\.rules)
        case .block, .chain, .scope, .expectation: []
        }
    }
}

extension ScopeNode {
    /// Whether the scope drops something without a rule.
    fileprivate var treatsByName: Bool { [related, invalid, untracked, direct].contains(.drop) }
}

extension RuleNode {
    fileprivate var closes: Bool {
        switch verdict {
        case .drop, .reject: true
        case .allow, .accept, .log, .next, .jump, .goto, .return, .queue: false
        }
    }

    /// Whether a packet that matches is decided.
    private var isFinal: Bool {
        switch verdict {
        case .allow, .accept, .drop, .reject, .queue: true
        case .log, .next, .jump, .goto, .return: false
        }
    }

    fileprivate var dropsAll: Bool { closes && decidesAll }

    /// Whether no rule behind it in its scope is ever asked.
    fileprivate var decidesAll: Bool {
        isFinal && services.isEmpty && from.isAny && to.isAny && containerPort.isAny
            && containerAddress.isAny && matches.isEmpty && limit == nil && until == nil
    }
}
