internal import JSONC
internal import PacketModel

extension DockerNetwork {
    /// A network of `docker network inspect`.
    init?(_ object: JSONValue) {
        guard let id = object["Id"]?.string, let name = object["Name"]?.string else { return nil }
        let options = object["Options"]
        let driver = object["Driver"]?.string ?? ""
        self.init(id: id, name: name, driver: driver)
        if driver == "bridge" {
            // Docker names a bridge by the identifier of its network.
            bridge = options?["com.docker.network.bridge.name"]?.string ?? "br-" + id.prefix(12)
        }
        subnets = (object["IPAM"]?["Config"]?.array ?? []).compactMap { $0["Subnet"]?.string }.compactMap(Self.prefix)
        hasIPv6 = object["EnableIPv6"]?.flag ?? false
        isInternal = object["Internal"]?.flag ?? false
        gatewayMode = GatewayMode(options?["com.docker.network.bridge.gateway_mode_ipv4"]?.string ?? "")
        gatewayMode6 = GatewayMode(options?["com.docker.network.bridge.gateway_mode_ipv6"]?.string ?? "")
    }

    private static func prefix(_ text: String) -> IPPrefix? {
        let parts = text.split(separator: "/")
        guard parts.count == 2, let address = IPAddress(parts[0]), let length = Int(parts[1]) else { return nil }
        return IPPrefix(holding: address, length: length)
    }

    /// Whether an address is of one of the subnets.
    func holds(_ address: IPAddress) -> Bool {
        subnets.contains { $0.holds(address) }
    }
}

extension DockerContainer {
    /// A container of `docker inspect`; nothing, if it does not run.
    init?(_ object: JSONValue, networks: [DockerNetwork]) {
        guard let id = object["Id"]?.string, let name = object["Name"]?.string,
            object["State"]?["Running"]?.flag != false
        else { return nil }
        self.init(id: id, name: name.hasPrefix("/") ? String(name.dropFirst()) : name)
        networkMode = object["HostConfig"]?["NetworkMode"]?.string ?? ""
        let settings = object["NetworkSettings"]
        if case .object(let members)? = settings?["Networks"] {
            endpoints = members.map { Endpoint($0.key, $0.value, networks) }.sorted { $0.network < $1.network }
        }
        if case .object(let members)? = settings?["Ports"] {
            ports = members.flatMap { member in
                (member.value.array ?? []).flatMap { ports(member.key, $0) }
            }.sorted()
        }
    }

    /// What a binding of `"80/tcp"` publishes.
    private func ports(_ key: String, _ binding: JSONValue) -> [PublishedPort] {
        let parts = key.split(separator: "/")
        guard parts.count == 2, let port = UInt16(parts[0]), let transport = IPProtocol(name: String(parts[1])) else {
            return []
        }
        let host = binding["HostIp"]?.string ?? ""
        let address = IPAddress(host)
        // Docker writes `0.0.0.0` and `::` for the addresses of a family, and nothing for those of both.
        let families = address.map { [$0.family] } ?? AddressFamily.allCases
        let number = binding["HostPort"]?.string.flatMap { UInt16($0) }
        return families.map { family in
            PublishedPort(
                family: family, transport: transport, hostAddress: address.flatMap { $0.isUnspecified ? nil : $0 },
                hostPort: number == 0 ? nil : number, container: name, containerPort: port)
        }
    }
}

extension DockerContainer.Endpoint {
    fileprivate init(_ name: String, _ object: JSONValue, _ networks: [DockerNetwork]) {
        let id = object["NetworkID"]?.string
        let network = networks.first { $0.id == id } ?? networks.first { $0.name == name }
        self.init(network: name, bridge: network?.bridge)
        address = object["IPAddress"]?.string.flatMap { IPAddress($0) }
        address6 = object["GlobalIPv6Address"]?.string.flatMap { IPAddress($0) }
        priority = Int(object["GwPriority"]?.integer ?? 0)
    }
}

extension JSONValue {
    /// The truth, if this is one.
    var flag: Bool? { if case .bool(let flag) = self { flag } else { nil } }
}

extension IPAddress {
    /// Whether it is `0.0.0.0` or `::`, which stand for every address.
    var isUnspecified: Bool {
        switch self {
        case .v4(let value): value == 0
        case .v6(let value): value == 0
        }
    }
}
