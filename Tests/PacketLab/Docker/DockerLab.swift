internal import Glibc
package import PacketModel

/// A host with a real daemon of Docker's, containers in three networks, and clients outside.
///
/// ```
/// client 198.51.100.10 ───┐                      ┌── docker0  web (8080), bound (198.51.100.1:8443), lonely
///                         ├── eth0 host ─────────┼── br-app   app (9090), quiet; both families
/// stranger 198.51.100.66 ─┘   eth1               └── br-db    db (5432), store
/// neighbour 203.0.113.10 ──────┘
/// ```
///
/// Each container answers at its port 80, and the clients at their port 7000.
package final class DockerLab: Sendable {
    /// A machine outside.
    package enum Outside: String, CaseIterable, Sendable {
        /// The client that policies allow.
        case client
        /// A client that they do not, on the same link.
        case stranger
        /// A client on another link of the host, its `eth1`.
        case neighbour
    }

    /// A container.
    package enum Container: String, CaseIterable, Sendable {
        /// In the default network: one port published, one published on one address of the host, and none.
        case web, bound, lonely
        /// In `br-app`, which has IPv6: one port published, and none.
        case app, quiet
        /// In `br-db`: one port published, and none.
        case db, store
    }

    /// The daemon.
    package let daemon: DockerDaemon

    /// Builds a lab; if that fails half way, nothing stays.
    ///
    /// - Parameter variant: the iptables that Docker uses.
    /// - Throws: `LabError` of the step that failed.
    package init(_ variant: DockerDaemon.Variant) throws {
        daemon = try DockerDaemon(
            variant, options: ["--experimental", "--ip6tables"],
            machines: ["wire"] + Outside.allCases.map(\.rawValue))
        do {
            try DockerWiring(lab: self).build()
            try startContainers()
        } catch {
            daemon.close()
            throw error
        }
    }

    /// Removes the lab: daemon, containers, namespaces, folder.
    package func close() { daemon.close() }

    /// The namespace of a machine outside.
    package subscript(machine: Outside) -> Namespace { daemon.namespace(machine.rawValue) }

    /// The namespace of a container, as long as it runs.
    package func namespace(of container: Container) throws -> Namespace {
        try daemon.namespace(ofContainer: container.rawValue)
    }

    // MARK: - Containers

    private func startContainers() throws {
        try createNetwork("br-app", ["--ipv6", "--subnet", "10.77.0.0/24", "--subnet", "fd00:77::/64"])
        try createNetwork("br-db", ["--subnet", "10.78.0.0/24"])
        for container in Container.allCases {
            try daemon.docker(
                ["run", "-d", "--restart", "always", "--stop-timeout", "1", "--name", container.rawValue]
                    + container.options + ["box", container.rawValue, "80"])
        }
        try waitForContainers()
    }

    /// Makes a network whose bridge has its name.
    package func createNetwork(_ name: String, _ options: [String]) throws {
        try daemon.docker(["network", "create", "-o", "com.docker.network.bridge.name=\(name)"] + options + [name])
    }

    /// Waits until all of them answer.
    package func waitForContainers() throws {
        let deadline = Deadline(in: 30_000)
        while deadline.left > 0 {
            if let targets = try? Container.allCases.map({ try address(of: $0, .ip) }) {
                let replies = try knock(targets.map { Knock(from: .host, to: $0, 80) })
                if replies.allSatisfy(\.isAnswer) { return }
            }
            usleep(50_000)
        }
        throw LabError("the containers do not answer")
    }

    /// The address that a container has now.
    package func address(of container: Container, _ family: AddressFamily) throws -> IPAddress {
        let field = family == .ip ? "IPAddress" : "GlobalIPv6Address"
        let format = "{{range .NetworkSettings.Networks}}{{.\(field)}}{{end}}"
        let text = try daemon.docker("inspect", "-f", format, container.rawValue)
        guard let address = IPAddress(text.filter { !$0.isWhitespace }) else {
            throw LabError("the container \(container.rawValue) has no address of \(family)")
        }
        return address
    }
}

extension DockerLab.Container {
    /// The options of `docker run`.
    fileprivate var options: [String] {
        switch self {
        case .web: ["-p", "8080:80"]
        case .bound: ["-p", "198.51.100.1:8443:80"]
        case .lonely: []
        case .app: ["--network", "br-app", "-p", "9090:80"]
        case .quiet: ["--network", "br-app"]
        case .db: ["--network", "br-db", "-p", "5432:80"]
        case .store: ["--network", "br-db"]
        }
    }
}

extension DockerLab.Outside {
    /// The address as text.
    package func addressText(_ family: AddressFamily) -> String {
        switch (self, family) {
        case (.client, .ip): "198.51.100.10"
        case (.client, .ip6): "2001:db8:1::10"
        case (.stranger, .ip): "198.51.100.66"
        case (.stranger, .ip6): "2001:db8:1::66"
        case (.neighbour, .ip): "203.0.113.10"
        case (.neighbour, .ip6): "2001:db8:2::10"
        }
    }

    /// The address.
    package func address(_ family: AddressFamily) -> IPAddress {
        // The texts above are addresses, as every verdict sees to.
        IPAddress(addressText(family)) ?? .v4(0)
    }

    /// The host's address on the same link.
    package func hostText(_ family: AddressFamily) -> String {
        let isOther = self == .neighbour
        return family == .ip
            ? (isOther ? "203.0.113.1" : "198.51.100.1") : (isOther ? "2001:db8:2::1" : "2001:db8:1::1")
    }
}
