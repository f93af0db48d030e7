internal import Seawall

extension RuleWriter {
    /// The beginning of a scope.
    func head(_ scope: ScopeNode) -> SwiftExpression {
        let first = SwiftExpression(scope.inInterface)
        let second = SwiftExpression(scope.outInterface)
        switch scope.kind {
        case .inbound:
            var arguments = [SwiftExpression.labelled("on", first)]
            if !scope.outInterface.isAny { arguments.append(.labelled("toward", second)) }
            return .call("Inbound", arguments + treatments(scope))
        case .outbound:
            var arguments = [SwiftExpression.labelled("via", second)]
            if !scope.from.isAny { arguments.append(.labelled("from", addresses(scope.from))) }
            return .call("Outbound", arguments + treatments(scope))
        case .between: return .call("Between", [first, second] + treatments(scope))
        }
    }

    private func treatments(_ scope: ScopeNode) -> [SwiftExpression] {
        [
            ("related", scope.related, ScopeNode.Treatment.pass), ("invalid", scope.invalid, .judge),
            ("untracked", scope.untracked, .judge), ("direct", scope.direct, .judge),
        ].filter { $0.1 != $0.2 }.map { .text("\($0.0): .\($0.1.rawValue)") }
    }

    /// An expectation.
    func statement(_ node: ExpectationNode) -> SwiftStatement {
        let connections = node.connections
        var arguments = [SwiftExpression.text("." + node.outcome)] + connections.services.map(service)
        func add(_ label: String, _ value: SwiftExpression) { arguments.append(.labelled(label, value)) }
        if !connections.from.isAny { add("from", addresses(connections.from)) }
        if !connections.to.isAny { add("to", addresses(connections.to)) }
        if !connections.inInterface.isAny { add("on", SwiftExpression(connections.inInterface)) }
        if !connections.outInterface.isAny { add("via", SwiftExpression(connections.outInterface)) }
        if !connections.containerPort.isAny { add("containerPort", ports(connections.containerPort)) }
        if !connections.containerAddress.isAny { add("containerAddress", addresses(connections.containerAddress)) }
        if let isPublished = connections.isPublished { add("published", .text("\(isPublished)")) }
        return SwiftStatement(call: .call("Expect", arguments))
    }
}
