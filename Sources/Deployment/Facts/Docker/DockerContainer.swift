package import PacketModel

/// A container that runs.
package struct DockerContainer: Hashable, Sendable {
    /// A container's place in a network.
    package struct Endpoint: Hashable, Sendable {
        /// The network's name.
        package var network: String
        /// The bridge of the network, if it has one.
        package var bridge: String?
        /// The IPv4 address.
        package var address: IPAddress?
        /// The IPv6 address.
        package var address6: IPAddress?
        /// Which of the networks is the way out: the highest is (`GwPriority`).
        package var priority: Int

        /// A place in a network.
        package init(
            network: String, bridge: String? = nil, address: IPAddress? = nil, address6: IPAddress? = nil,
            priority: Int = 0
        ) {
            self.network = network
            self.bridge = bridge
            self.address = address
            self.address6 = address6
            self.priority = priority
        }

        /// The address of a family.
        package func address(_ family: AddressFamily) -> IPAddress? { family == .ip ? address : address6 }
    }

    /// The identifier.
    package var id: String
    /// The name, without its slash.
    package var name: String
    /// How it is connected: `host`, `none`, or by the networks.
    package var networkMode: String
    /// Its places in networks, by the networks' names.
    package var endpoints: [Endpoint]
    /// Its published ports, sorted.
    package var ports: [PublishedPort]

    /// A container.
    package init(
        id: String, name: String, networkMode: String = "", endpoints: [Endpoint] = [], ports: [PublishedPort] = []
    ) {
        self.id = id
        self.name = name
        self.networkMode = networkMode
        self.endpoints = endpoints
        self.ports = ports
    }
}

/// A port of a container that is reached through the host, for one family of clients.
package struct PublishedPort: Hashable, Sendable {
    /// The family of the clients.
    package var family: AddressFamily
    /// The protocol: TCP, UDP or SCTP.
    package var transport: IPProtocol
    /// The host's address; nothing for every one of the family.
    package var hostAddress: IPAddress?
    /// The port on the host; nothing where nothing is translated (gateway mode `routed`).
    package var hostPort: UInt16?
    /// The container's name.
    package var container: String
    /// The container's port.
    package var containerPort: UInt16

    /// A published port.
    package init(
        family: AddressFamily, transport: IPProtocol, hostAddress: IPAddress? = nil, hostPort: UInt16?,
        container: String, containerPort: UInt16
    ) {
        self.family = family
        self.transport = transport
        self.hostAddress = hostAddress
        self.hostPort = hostPort
        self.container = container
        self.containerPort = containerPort
    }

    /// Whether only the host itself can reach it.
    package var isLoopback: Bool {
        switch hostAddress {
        case .v4(let value): value >> 24 == 127
        case .v6(let value): value == 1
        case nil: false
        }
    }
}

extension PublishedPort: Comparable {
    /// By protocol, host's port, family, address, container.
    package static func < (a: PublishedPort, b: PublishedPort) -> Bool { a.order.lexicographicallyPrecedes(b.order) }

    private var order: [String] {
        func padded(_ number: UInt16?) -> String { number.map { String(Int($0) + 100_000) } ?? "" }
        return [
            transport.name, padded(hostPort), family.rawValue, hostAddress?.description ?? "", container,
            padded(containerPort),
        ]
    }
}
