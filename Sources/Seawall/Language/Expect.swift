/// What the author expects of new and running connections: `seawall check` says where the policy does otherwise.
///
/// ```swift
/// Expect(.allowed, .tcp(443), from: "203.0.113.9", on: "eth0")
/// Expect(.dropped, .tcp(5432), from: .not(office), on: "eth0")
/// ```
///
/// It speaks of all connections that it describes, not of an example: every port, every address, whatever is left out. It
/// changes nothing about the rules, and may stand anywhere among them. Limits are taken not to be used up, and the clock
/// decides about rules with an end.
public struct Expect: PolicyComponent {
    /// What is expected.
    public enum Outcome: String, Hashable, Sendable {
        /// Handed on to Docker's own rules, or accepted.
        case allowed
        /// Dropped in silence.
        case dropped
        /// Dropped with an answer.
        case rejected
    }

    /// The expectation.
    public let content: PolicyContent

    /// Expects an outcome for all connections of a kind; what is left out is not asked.
    ///
    /// - Parameters:
    ///   - outcome: what should become of them.
    ///   - services: what is dialled: each of these; none stands for all traffic.
    ///   - from: the clients.
    ///   - to: the addresses that are dialled.
    ///   - interface: where the packets enter.
    ///   - via: where the packets leave.
    ///   - containerPort: the ports of the packets after DNAT, so the containers' own.
    ///   - containerAddress: the addresses of the packets after DNAT, so the containers' own.
    ///   - published: whether published ports are dialled, which Docker's DNAT translates, or not; both unless it is said.
    ///   - file: the policy's file; the compiler fills it in.
    ///   - line: the line in it; the compiler fills it in.
    public init(
        _ outcome: Outcome, _ services: Service..., from: AddressSet = .any, to: AddressSet = .any,
        on interface: InterfaceSelection = .any, via: InterfaceSelection = .any, containerPort: PortSet = .any,
        containerAddress: AddressSet = .any, published: Bool? = nil, file: String = #filePath, line: Int = #line
    ) {
        content = PolicyContent([
            .expectation(
                ExpectationNode(
                    location: NodeLocation(file: file, line: line), outcome: outcome.rawValue,
                    connections: ConnectionsNode(
                        services: services.map(\.node), from: from.expression, to: to.expression,
                        inInterface: interface.expression, outInterface: via.expression,
                        containerPort: containerPort.expression, containerAddress: containerAddress.expression,
                        isPublished: published)))
        ])
    }
}
