internal import FirewallIR
internal import PacketModel

/// The sockets of docker-proxy: from its own command lines, or else from what Docker has published.
struct ProxyListeners {
    /// The listeners, sorted.
    private(set) var listeners: [ProxyListener] = []
    /// Those of which not all is known.
    private(set) var notes: [String] = []
    private let networks: [DockerNetwork]
    private let containers: [DockerContainer]
    private let translations: [DockerTranslation]
    private let routes: [HostRoute]

    /// The listeners, where Docker's networks are known; else by the routes to the containers.
    static func read(
        _ docker: DockerFacts, _ processes: DockerProcesses, _ rules: DockerRuleSigns, _ sources: FactSources
    ) async throws -> ProxyListeners {
        let found = ProxyListeners(docker, processes, rules)
        if found.notes.isEmpty || processes.proxies.isEmpty { return found }
        return ProxyListeners(docker, processes, rules, routes: try await HostRoute.readAll(sources))
    }

    private init(
        _ docker: DockerFacts, _ processes: DockerProcesses, _ rules: DockerRuleSigns, routes: [HostRoute] = []
    ) {
        self.routes = routes
        networks = docker.networks
        containers = docker.containers
        translations = rules.translations
        // Where no process can be seen they may be hidden, or bear another name (`--userland-proxy-path`).
        for arguments in processes.proxies { add(arguments) }
        if processes.proxies.isEmpty { addPublished(docker) }
        listeners = Set(listeners).sorted { $0.order.lexicographicallyPrecedes($1.order) }
    }

    // MARK: - Processes

    /// The arguments `-proto tcp -host-ip 0.0.0.0 -host-port 8080 -container-ip 172.17.0.2 -container-port 80`.
    private mutating func add(_ arguments: [String]) {
        func value(_ option: String) -> String? {
            for (index, word) in arguments.enumerated() {
                let name = word.drop { $0 == "-" }
                if name == option { return index + 1 < arguments.count ? arguments[index + 1] : nil }
                if name.hasPrefix(option + "=") { return String(name.dropFirst(option.count + 1)) }
            }
            return nil
        }
        guard let transport = IPProtocol(name: value("proto") ?? "tcp"), transport.hasPorts,
            let host = value("host-ip").flatMap({ IPAddress($0) }),
            let port = value("host-port").flatMap({ UInt16($0) }), port > 0,
            let address = value("container-ip").flatMap({ IPAddress($0) }),
            let containerPort = value("container-port").flatMap({ UInt16($0) })
        else {
            notes.append(
                "a docker-proxy has a command line that is not understood: \(arguments.joined(separator: " "))")
            return
        }
        guard let bridge = bridge(of: address) else {
            notes.append(
                "docker-proxy listens on \(transport.name) \(port) for \(address), which is in no network that is known"
            )
            return
        }
        listeners.append(
            ProxyListener(
                family: host.family, address: host.isUnspecified ? nil : host, transport: transport, port: port,
                container: .init(address: address, port: containerPort, interface: bridge)))
    }

    private func bridge(of address: IPAddress) -> String? {
        let endpoint = containers.lazy.flatMap(\.endpoints).first { $0.address(address.family) == address }
        return endpoint?.bridge ?? networks.first { $0.bridge != nil && $0.holds(address) }?.bridge
            ?? HostRoute.interface(to: address, in: routes)
    }

    // MARK: - Published ports

    private mutating func addPublished(_ docker: DockerFacts) {
        guard docker.version != nil, docker.settings.userlandProxy.value else { return }
        for container in docker.containers {
            for port in container.ports {
                guard let hostPort = port.hostPort else { continue }
                guard let target = target(of: port, hostPort, container) else {
                    notes.append(
                        "\(port.transport.name) \(hostPort) leads to \(container.name), whose address is not known")
                    continue
                }
                listeners.append(
                    ProxyListener(
                        family: port.family, address: port.hostAddress, transport: port.transport, port: hostPort,
                        container: target))
            }
        }
    }

    /// The address behind a port: IPv6 clients come to the IPv4 address of a container that has no other.
    private func target(
        of port: PublishedPort, _ hostPort: UInt16, _ container: DockerContainer
    ) -> ProxyListener.Container? {
        let families = port.family == .ip6 ? [AddressFamily.ip6, .ip] : [.ip]
        for family in families {
            let ends = container.endpoints.filter { $0.bridge != nil && $0.address(family) != nil }
            guard let end = chosen(ends, family, port, hostPort), let address = end.address(family),
                let bridge = end.bridge
            else { continue }
            return .init(address: address, port: port.containerPort, interface: bridge)
        }
        return nil
    }

    /// Of several places of a container the one that Docker's translation names, or else the way out.
    private func chosen(
        _ ends: [DockerContainer.Endpoint], _ family: AddressFamily, _ port: PublishedPort, _ hostPort: UInt16
    ) -> DockerContainer.Endpoint? {
        if ends.count < 2 { return ends.first }
        let translated = translations.filter {
            $0.transport == port.transport && $0.port == hostPort && $0.containerPort == port.containerPort
        }.map(\.container)
        if let end = ends.first(where: { end in translated.contains { $0 == end.address(family) } }) { return end }
        let outside = ends.filter { end in networks.first { $0.name == end.network }?.isInternal != true }
        return (outside.isEmpty ? ends : outside).min { ($1.priority, $0.network) < ($0.priority, $1.network) }
    }
}

extension ProxyListener {
    /// By family, protocol, port, address, and what is behind.
    fileprivate var order: [String] {
        [
            family.rawValue, transport.name, String(100_000 + Int(port)), address?.description ?? "",
            container.address.description, String(100_000 + Int(container.port)), container.interface,
        ]
    }
}
