package import PacketModel

/// A machine of the lab; each is a network namespace.
package enum Host: String, CaseIterable, Hashable, Sendable {
    /// The outside client that the policies of the classic examples allow.
    case client
    /// An outside client that no policy names, on the same link.
    case stranger
    /// A client on another outside link of the router, its `eth1`.
    case neighbour
    /// What joins `client`, `stranger` and the router's `eth0` to one link.
    case wire
    /// The Docker host, whose firewall is judged.
    case router
    /// The container with the published ports, at the bridge `docker0`.
    case web
    /// Another container at the bridge `docker0`.
    case peer
    /// A container at the bridge `br-db`.
    case database

    /// The address of the machine; of the router, the one at `eth0`.
    package func address(_ family: AddressFamily) -> IPAddress {
        // The texts below are addresses, as the first test of the lab sees to.
        IPAddress(addressText(family)) ?? .v4(0)
    }

    /// The address as text.
    package func addressText(_ family: AddressFamily) -> String { family == .ip ? addresses.ip : addresses.ip6 }

    private var addresses: (ip: String, ip6: String) {
        switch self {
        case .client: ("192.168.0.1", "fd00:0:0:1::1")
        case .stranger: ("192.168.0.99", "fd00:0:0:1::99")
        case .router, .wire: ("192.168.0.254", "fd00:0:0:1::fe")
        case .neighbour: ("192.168.1.1", "fd00:0:0:2::1")
        case .web: ("172.18.0.2", "fd00:0:0:18::2")
        case .peer: ("172.18.0.3", "fd00:0:0:18::3")
        case .database: ("172.19.0.2", "fd00:0:0:19::2")
        }
    }
}

/// A network of the lab, with the router's address in it.
struct Network: Sendable {
    /// The interface of the router.
    let interface: String
    /// Whether the interface is a bridge that the router holds, as Docker's are.
    let isBridge: Bool
    /// Who is in it.
    let members: [Host]
    /// The networks and the router's addresses: `192.168.0.254/24`.
    let routerAddresses: [AddressFamily: String]
    /// The length of the prefix of each family.
    let prefixLength: [AddressFamily: Int]

    static let outside = Network(
        interface: "eth0", isBridge: false, members: [.client, .stranger],
        routerAddresses: [.ip: "192.168.0.254", .ip6: "fd00:0:0:1::fe"], prefixLength: [.ip: 24, .ip6: 64])
    static let other = Network(
        interface: "eth1", isBridge: false, members: [.neighbour],
        routerAddresses: [.ip: "192.168.1.254", .ip6: "fd00:0:0:2::fe"], prefixLength: [.ip: 24, .ip6: 64])
    static let docker = Network(
        interface: "docker0", isBridge: true, members: [.web, .peer],
        routerAddresses: [.ip: "172.18.0.1", .ip6: "fd00:0:0:18::fe"], prefixLength: [.ip: 16, .ip6: 64])
    static let databases = Network(
        interface: "br-db", isBridge: true, members: [.database],
        routerAddresses: [.ip: "172.19.0.1", .ip6: "fd00:0:0:19::fe"], prefixLength: [.ip: 16, .ip6: 64])

    static let all = [outside, other, docker, databases]
}
