internal import FirewallIR
public import Seawall
public import Testing

extension PolicyUnderTest {
    // MARK: - Allowed

    /// Expects all connections to TCP ports to be handed on to Docker's own rules, or accepted.
    ///
    /// Limits are taken not to be used up, and rules with an end are as they are at the time of the test.
    ///
    /// - Parameters:
    ///   - ports: the TCP ports that are dialled: each of these.
    ///   - from: the clients.
    ///   - to: the addresses that are dialled.
    ///   - interface: where the packets enter.
    ///   - via: where the packets leave.
    ///   - containerPort: the ports of the packets after DNAT, so the containers' own.
    ///   - containerAddress: the addresses of the packets after DNAT, so the containers' own.
    ///   - published: whether published ports are dialled, which Docker's DNAT translates, or not; both unless it is said.
    ///   - sourceLocation: where failures are shown; the compiler fills it in.
    public func expectAllowed(
        tcp ports: PortSet, from: AddressSet = .any, to: AddressSet = .any,
        on interface: InterfaceSelection = .any, via: InterfaceSelection = .any, containerPort: PortSet = .any,
        containerAddress: AddressSet = .any, published: Bool? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        check(
            .now, .allowed,
            ConnectionsNode(
                [.tcp(ports)], from: from, to: to, on: interface, via: via, containerPort: containerPort,
                containerAddress: containerAddress, published: published), at: sourceLocation)
    }

    /// Expects all connections of a kind to be handed on to Docker's own rules, or accepted; what is left out is not asked.
    ///
    /// Limits are taken not to be used up, and rules with an end are as they are at the time of the test.
    ///
    /// - Parameters:
    ///   - services: what is dialled: each of these; none stands for all traffic.
    ///   - from: the clients.
    ///   - to: the addresses that are dialled.
    ///   - interface: where the packets enter.
    ///   - via: where the packets leave.
    ///   - containerPort: the ports of the packets after DNAT, so the containers' own.
    ///   - containerAddress: the addresses of the packets after DNAT, so the containers' own.
    ///   - published: whether published ports are dialled, which Docker's DNAT translates, or not; both unless it is said.
    ///   - sourceLocation: where failures are shown; the compiler fills it in.
    public func expectAllowed(
        _ services: Service..., from: AddressSet = .any, to: AddressSet = .any,
        on interface: InterfaceSelection = .any, via: InterfaceSelection = .any, containerPort: PortSet = .any,
        containerAddress: AddressSet = .any, published: Bool? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        check(
            .now, .allowed,
            ConnectionsNode(
                services, from: from, to: to, on: interface, via: via, containerPort: containerPort,
                containerAddress: containerAddress, published: published), at: sourceLocation)
    }

    // MARK: - Dropped

    /// Expects all connections to TCP ports to be dropped in silence.
    ///
    /// Limits are taken not to be used up, and rules with an end are as they are at the time of the test.
    ///
    /// - Parameters:
    ///   - ports: the TCP ports that are dialled: each of these.
    ///   - from: the clients.
    ///   - to: the addresses that are dialled.
    ///   - interface: where the packets enter.
    ///   - via: where the packets leave.
    ///   - containerPort: the ports of the packets after DNAT, so the containers' own.
    ///   - containerAddress: the addresses of the packets after DNAT, so the containers' own.
    ///   - published: whether published ports are dialled, which Docker's DNAT translates, or not; both unless it is said.
    ///   - sourceLocation: where failures are shown; the compiler fills it in.
    public func expectDropped(
        tcp ports: PortSet, from: AddressSet = .any, to: AddressSet = .any,
        on interface: InterfaceSelection = .any, via: InterfaceSelection = .any, containerPort: PortSet = .any,
        containerAddress: AddressSet = .any, published: Bool? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        check(
            .now, .dropped,
            ConnectionsNode(
                [.tcp(ports)], from: from, to: to, on: interface, via: via, containerPort: containerPort,
                containerAddress: containerAddress, published: published), at: sourceLocation)
    }

    /// Expects all connections of a kind to be dropped in silence; what is left out is not asked.
    ///
    /// Limits are taken not to be used up, and rules with an end are as they are at the time of the test.
    ///
    /// - Parameters:
    ///   - services: what is dialled: each of these; none stands for all traffic.
    ///   - from: the clients.
    ///   - to: the addresses that are dialled.
    ///   - interface: where the packets enter.
    ///   - via: where the packets leave.
    ///   - containerPort: the ports of the packets after DNAT, so the containers' own.
    ///   - containerAddress: the addresses of the packets after DNAT, so the containers' own.
    ///   - published: whether published ports are dialled, which Docker's DNAT translates, or not; both unless it is said.
    ///   - sourceLocation: where failures are shown; the compiler fills it in.
    public func expectDropped(
        _ services: Service..., from: AddressSet = .any, to: AddressSet = .any,
        on interface: InterfaceSelection = .any, via: InterfaceSelection = .any, containerPort: PortSet = .any,
        containerAddress: AddressSet = .any, published: Bool? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        check(
            .now, .dropped,
            ConnectionsNode(
                services, from: from, to: to, on: interface, via: via, containerPort: containerPort,
                containerAddress: containerAddress, published: published), at: sourceLocation)
    }

    // MARK: - Rejected

    /// Expects all connections to TCP ports to be dropped with an answer.
    ///
    /// Limits are taken not to be used up, and rules with an end are as they are at the time of the test.
    ///
    /// - Parameters:
    ///   - ports: the TCP ports that are dialled: each of these.
    ///   - from: the clients.
    ///   - to: the addresses that are dialled.
    ///   - interface: where the packets enter.
    ///   - via: where the packets leave.
    ///   - containerPort: the ports of the packets after DNAT, so the containers' own.
    ///   - containerAddress: the addresses of the packets after DNAT, so the containers' own.
    ///   - published: whether published ports are dialled, which Docker's DNAT translates, or not; both unless it is said.
    ///   - kind: the answer; any unless it is said.
    ///   - sourceLocation: where failures are shown; the compiler fills it in.
    public func expectRejected(
        tcp ports: PortSet, from: AddressSet = .any, to: AddressSet = .any,
        on interface: InterfaceSelection = .any, via: InterfaceSelection = .any, containerPort: PortSet = .any,
        containerAddress: AddressSet = .any, published: Bool? = nil, with kind: RejectKind? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        check(
            .now, .rejected(kind),
            ConnectionsNode(
                [.tcp(ports)], from: from, to: to, on: interface, via: via, containerPort: containerPort,
                containerAddress: containerAddress, published: published), at: sourceLocation)
    }

    /// Expects all connections of a kind to be dropped with an answer; what is left out is not asked.
    ///
    /// Limits are taken not to be used up, and rules with an end are as they are at the time of the test.
    ///
    /// - Parameters:
    ///   - services: what is dialled: each of these; none stands for all traffic.
    ///   - from: the clients.
    ///   - to: the addresses that are dialled.
    ///   - interface: where the packets enter.
    ///   - via: where the packets leave.
    ///   - containerPort: the ports of the packets after DNAT, so the containers' own.
    ///   - containerAddress: the addresses of the packets after DNAT, so the containers' own.
    ///   - published: whether published ports are dialled, which Docker's DNAT translates, or not; both unless it is said.
    ///   - kind: the answer; any unless it is said.
    ///   - sourceLocation: where failures are shown; the compiler fills it in.
    public func expectRejected(
        _ services: Service..., from: AddressSet = .any, to: AddressSet = .any,
        on interface: InterfaceSelection = .any, via: InterfaceSelection = .any, containerPort: PortSet = .any,
        containerAddress: AddressSet = .any, published: Bool? = nil, with kind: RejectKind? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        check(
            .now, .rejected(kind),
            ConnectionsNode(
                services, from: from, to: to, on: interface, via: via, containerPort: containerPort,
                containerAddress: containerAddress, published: published), at: sourceLocation)
    }
}
