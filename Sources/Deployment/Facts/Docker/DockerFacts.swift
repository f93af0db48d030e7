package import PacketModel

/// What there is of Docker on a host.
package struct DockerFacts: Hashable, Sendable {
    /// Whether Docker is there, and whether it answers.
    package enum Engine: Hashable, Sendable {
        /// Neither the command nor the daemon.
        case absent
        /// The command or the daemon is there, and no daemon answers: why.
        case unreachable(String)
        /// The daemon answers.
        case running(DockerVersion)
    }

    /// Whether Docker is there, and its version.
    package var engine: Engine
    /// The kernel on which the daemon that answers says that it runs.
    package var kernel: String?
    /// Where Docker's rules stand, and the signs that say so.
    package var backend: DockerBackendFinding
    /// How the daemon is configured.
    package var settings: DockerSettings
    /// The networks, by name.
    package var networks: [DockerNetwork]
    /// The containers that run, by name.
    package var containers: [DockerContainer]
    /// Whether the engine is part of a swarm.
    package var isInSwarm = false
    /// What could not be read of it, and why.
    package var notes: [String]

    /// Facts.
    package init(
        engine: Engine, kernel: String? = nil,
        backend: DockerBackendFinding = DockerBackendFinding(.unknown, signs: []),
        settings: DockerSettings = DockerSettings(), networks: [DockerNetwork] = [],
        containers: [DockerContainer] = [], notes: [String] = []
    ) {
        self.engine = engine
        self.kernel = kernel
        self.backend = backend
        self.settings = settings
        self.networks = networks
        self.containers = containers
        self.notes = notes
    }

    /// The version, if the daemon answers.
    package var version: DockerVersion? { if case .running(let version) = engine { version } else { nil } }

    /// All published ports of the containers that run, sorted.
    package var publishedPorts: [PublishedPort] { containers.flatMap(\.ports).sorted() }

    /// The network of a name.
    package func network(_ name: String) -> DockerNetwork? { networks.first { $0.name == name } }
}

/// The version of an engine: `20.10.24+dfsg1`, `29-head-b985e2313`.
package struct DockerVersion: Hashable, Sendable, CustomStringConvertible {
    /// The text that the daemon gives.
    package var text: String

    /// A version from its text.
    package init(_ text: String) { self.text = text }

    /// The first number; nothing, if the text does not begin with one.
    package var major: Int? { Int(text.prefix { $0.isASCII && $0.isNumber }) }

    package var description: String { text }
}

/// A network of Docker's.
package struct DockerNetwork: Hashable, Sendable {
    /// What the host does between a network and the outside (`com.docker.network.bridge.gateway_mode_ipv4`).
    package enum GatewayMode: Hashable, Sendable {
        /// Published ports are translated, others are closed.
        case nat
        /// Published ports are translated, and every port of a container can be reached by routing.
        case natUnprotected
        /// Nothing is translated; published ports are reached by routing, at the container's own port.
        case routed
        /// The host has no address in the network.
        case isolated
        /// A mode that this version does not know.
        case other(String)
    }

    /// The identifier.
    package var id: String
    /// The name.
    package var name: String
    /// The driver: `bridge`, `host`, `macvlan`, `overlay`.
    package var driver: String
    /// The bridge on the host; nothing for drivers that have none.
    package var bridge: String?
    /// The subnets, as Docker lists them.
    package var subnets: [IPPrefix]
    /// Whether it has IPv6.
    package var hasIPv6: Bool
    /// Whether it is cut off from the outside (`--internal`).
    package var isInternal: Bool
    /// The gateway mode for IPv4.
    package var gatewayMode: GatewayMode
    /// The gateway mode for IPv6.
    package var gatewayMode6: GatewayMode

    /// A network.
    package init(
        id: String, name: String, driver: String = "bridge", bridge: String? = nil, subnets: [IPPrefix] = [],
        hasIPv6: Bool = false, isInternal: Bool = false, gatewayMode: GatewayMode = .nat,
        gatewayMode6: GatewayMode = .nat
    ) {
        self.id = id
        self.name = name
        self.driver = driver
        self.bridge = bridge
        self.subnets = subnets
        self.hasIPv6 = hasIPv6
        self.isInternal = isInternal
        self.gatewayMode = gatewayMode
        self.gatewayMode6 = gatewayMode6
    }
}

extension DockerNetwork.GatewayMode: CustomStringConvertible {
    /// The mode of Docker's word for it.
    package init(_ word: String) {
        switch word {
        case "", "nat": self = .nat
        case "nat-unprotected": self = .natUnprotected
        case "routed": self = .routed
        case "isolated": self = .isolated
        default: self = .other(word)
        }
    }

    /// Docker's word.
    package var description: String {
        switch self {
        case .nat: "nat"
        case .natUnprotected: "nat-unprotected"
        case .routed: "routed"
        case .isolated: "isolated"
        case .other(let word): word
        }
    }
}
