internal import JSONC
internal import NFTablesBackend
internal import PacketModel

/// A network that the host reaches through an interface.
struct HostRoute: Hashable, Sendable {
    /// The network.
    var network: IPPrefix
    /// The interface.
    var interface: String
}

extension HostRoute {
    /// Reads the routes of both families; none, where they cannot be read.
    static func readAll(_ sources: FactSources) async throws -> [HostRoute] {
        guard sources.tools.path(of: "ip") != nil else { return [] }
        var routes: [HostRoute] = []
        for option in ["-4", "-6"] {
            let call = HostToolCall("ip", ["-j", option, "route", "show"], in: sources.namespace)
            let result = try await sources.fact { try await sources.tools.run(call) }
            let objects = result.value.flatMap { try? JSONValue.parse($0.output) }?.array ?? []
            routes += objects.compactMap { HostRoute($0) }
        }
        return routes
    }

    private init?(_ object: JSONValue) {
        guard let interface = object["dev"]?.string, let text = object["dst"]?.string else { return nil }
        let parts = text.split(separator: "/")
        guard let first = parts.first, let address = IPAddress(first) else { return nil }
        let length = parts.count > 1 ? Int(parts[1]) : address.family.addressBits
        guard let length, let network = IPPrefix(holding: address, length: length) else { return nil }
        self.init(network: network, interface: interface)
    }

    /// The interface through which an address is reached; not the way out, which leads everywhere.
    static func interface(to address: IPAddress, in routes: [HostRoute]) -> String? {
        routes.filter { $0.network.length > 0 && $0.network.holds(address) }.max {
            $0.network.length < $1.network.length
        }?.interface
    }
}

extension IPPrefix {
    /// Whether an address is in the network.
    func holds(_ other: IPAddress) -> Bool {
        address.family == other.family && other.masked(to: length) == address
    }
}
