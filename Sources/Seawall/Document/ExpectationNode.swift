/// What the author expects of connections, as written.
package struct ExpectationNode: Hashable, Sendable {
    package var id = ""
    package var location: NodeLocation
    /// `allowed`, `dropped` or `rejected`.
    package var outcome: String
    package var connections: ConnectionsNode
}

/// Connections, as the parameters of a rule describe them; what is left out is not asked.
package struct ConnectionsNode: Hashable, Sendable {
    /// Any of these; none stands for all traffic.
    package var services: [ServiceNode]
    package var from: AddressExpression
    package var to: AddressExpression
    package var inInterface: InterfaceExpression
    package var outInterface: InterfaceExpression
    package var containerPort: PortExpression
    package var containerAddress: AddressExpression
    /// Whether what was dialled is a published port, which Docker's DNAT translates; `nil` for both.
    package var isPublished: Bool?

    /// Connections.
    package init(
        services: [ServiceNode] = [], from: AddressExpression = .any, to: AddressExpression = .any,
        inInterface: InterfaceExpression = .any, outInterface: InterfaceExpression = .any,
        containerPort: PortExpression = .any, containerAddress: AddressExpression = .any, isPublished: Bool? = nil
    ) {
        self.services = services
        self.from = from
        self.to = to
        self.inInterface = inInterface
        self.outInterface = outInterface
        self.containerPort = containerPort
        self.containerAddress = containerAddress
        self.isPublished = isPublished
    }

    /// A rule with the same services, addresses and ports: where they are read alike, they mean the same.
    package func rule(at location: NodeLocation) -> RuleNode {
        RuleNode(
            location: location, verdict: .allow, services: services, from: from, to: to, containerPort: containerPort,
            containerAddress: containerAddress)
    }
}
