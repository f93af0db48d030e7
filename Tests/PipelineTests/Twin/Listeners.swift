import FirewallIR
import PacketModel
import RulesetLab

/// Sockets of docker-proxy.
enum Listeners {
    /// Two containers behind four sockets: one without IPv6 that is published on all addresses, and one at an address of the
    /// host.
    static let four = [
        listener(.ip, nil, .tcp, 8080, "172.17.0.2", 80, "docker0"),
        listener(.ip6, nil, .tcp, 8080, "172.17.0.2", 80, "docker0"),
        listener(.ip, "198.51.100.1", .tcp, 5432, "172.18.0.2", 5432, "br-db"),
        listener(.ip6, "2001:db8:1::1", .udp, 443, "fd00:18::2", 443, "br-db"),
    ]

    static func listener(
        _ family: AddressFamily, _ address: String?, _ transport: IPProtocol, _ port: UInt16, _ container: String,
        _ containerPort: UInt16, _ interface: String
    ) -> ProxyListener {
        ProxyListener(
            family: family, address: address.flatMap { IPAddress($0) }, transport: transport, port: port,
            container: ProxyListener.Container(
                address: IPAddress(container) ?? .v4(0), port: containerPort, interface: interface))
    }

    /// The socket that a packet gets to, as the kernel looks for it: one that is bound to the address before others.
    static func socket(of packet: (AddressFamily, IPAddress, IPProtocol, UInt16), _ listeners: [ProxyListener])
        -> ProxyListener?
    {
        let fitting = listeners.filter {
            $0.family == packet.0 && $0.transport == packet.2 && $0.port == packet.3
                && ($0.address == nil || $0.address == packet.1)
        }
        return fitting.first { $0.address != nil } ?? fitting.first
    }
}

extension SeededGenerator {
    /// Some sockets, one for each triple; some at addresses besides one of all addresses.
    mutating func listeners() -> [ProxyListener] {
        var found: [String: ProxyListener] = [:]
        for _ in 0..<number(1...8) {
            let family = pick(AddressFamily.allCases)
            let hosts = Vocabulary.addresses(family)
            let listener = ProxyListener(
                family: family, address: oneIn(2) ? pick(hosts) : nil, transport: pick([.tcp, .tcp, .udp, .sctp]),
                port: pick([22, 80, 443, 8080]),
                container: ProxyListener.Container(
                    address: pick(Vocabulary.addresses(oneIn(4) ? pick(AddressFamily.allCases) : family)),
                    port: pick(Vocabulary.ports), interface: pick(["docker0", "br-app", "br-db"])))
            let address = listener.address.map { "\($0)" } ?? "any"
            found["\(family) \(address) \(listener.transport.name) \(listener.port)"] = listener
        }
        return found.sorted { $0.key < $1.key }.map(\.value)
    }
}
