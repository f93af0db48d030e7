internal import FirewallIR
public import Seawall
public import Testing

extension PolicyUnderTest {
    /// Proves that no connection of a kind has an outcome, whatever limits answer and at any time.
    ///
    /// A limit may let a packet on or be used up, and a rule with an end holds or has ended: the proof is for both. What is left
    /// out is not asked, so the proof is for all of it.
    ///
    /// - Parameters:
    ///   - outcome: the outcome.
    ///   - services: what is dialled: each of these; none stands for all traffic.
    ///   - from: the clients.
    ///   - to: the addresses that are dialled.
    ///   - interface: where the packets enter.
    ///   - via: where the packets leave.
    ///   - containerPort: the ports of the packets after DNAT, so the containers' own.
    ///   - containerAddress: the addresses of the packets after DNAT, so the containers' own.
    ///   - published: whether published ports are dialled, which Docker's DNAT translates, or not; both unless it is said.
    ///   - sourceLocation: where failures are shown; the compiler fills it in.
    public func provesNever(
        _ outcome: Expect.Outcome, _ services: Service..., from: AddressSet = .any, to: AddressSet = .any,
        on interface: InterfaceSelection = .any, via: InterfaceSelection = .any, containerPort: PortSet = .any,
        containerAddress: AddressSet = .any, published: Bool? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        check(
            .never, outcome.resolved,
            ConnectionsNode(
                services, from: from, to: to, on: interface, via: via, containerPort: containerPort,
                containerAddress: containerAddress, published: published), at: sourceLocation)
    }

    /// Proves that all connections of a kind have an outcome, whatever limits answer and at any time.
    ///
    /// A limit may let a packet on or be used up, and a rule with an end holds or has ended: the proof is for both. What is left
    /// out is not asked, so the proof is for all of it.
    ///
    /// - Parameters:
    ///   - outcome: the outcome.
    ///   - services: what is dialled: each of these; none stands for all traffic.
    ///   - from: the clients.
    ///   - to: the addresses that are dialled.
    ///   - interface: where the packets enter.
    ///   - via: where the packets leave.
    ///   - containerPort: the ports of the packets after DNAT, so the containers' own.
    ///   - containerAddress: the addresses of the packets after DNAT, so the containers' own.
    ///   - published: whether published ports are dialled, which Docker's DNAT translates, or not; both unless it is said.
    ///   - sourceLocation: where failures are shown; the compiler fills it in.
    public func provesAlways(
        _ outcome: Expect.Outcome, _ services: Service..., from: AddressSet = .any, to: AddressSet = .any,
        on interface: InterfaceSelection = .any, via: InterfaceSelection = .any, containerPort: PortSet = .any,
        containerAddress: AddressSet = .any, published: Bool? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        check(
            .always, outcome.resolved,
            ConnectionsNode(
                services, from: from, to: to, on: interface, via: via, containerPort: containerPort,
                containerAddress: containerAddress, published: published), at: sourceLocation)
    }
}

extension Expect.Outcome {
    fileprivate var resolved: FirewallIR.Expectation.Outcome {
        switch self {
        case .allowed: .allowed
        case .dropped: .dropped
        case .rejected: .rejected(nil)
        }
    }
}
