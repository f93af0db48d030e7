internal import CLinux
internal import Glibc
internal import PacketLab

/// A client, a router and a server in namespaces of their own, joined by veth; the router publishes all ports of one address.
///
/// ```
/// client c0 ── eth0 router br0 ── s0 server
///              192.0.2.1  172.18.0.1   172.18.0.2
/// ```
///
/// DNAT is two rules of iptables-legacy, one for TCP and one for UDP, so that it costs the same whatever is filtered.
final class Road {
    /// The interface where packets enter.
    static let outside = "eth0"
    /// The interface where they leave.
    static let inside = "br0"
    /// The address that clients dial: 192.0.2.1.
    static let router: UInt32 = 0xc000_0201
    /// The address behind DNAT: 172.18.0.2.
    static let container: UInt32 = 0xac12_0002
    /// The port behind DNAT.
    static let containerPort: UInt16 = 80

    private let namespaces: ScratchNamespaces
    private let socket: Int32
    /// The router's address on the client's link.
    let linkAddress: [UInt8]

    private var client: Namespace { namespaces[0] }
    /// The router, where rules are loaded.
    var router: Namespace { namespaces[1] }
    private var server: Namespace { namespaces[2] }

    /// Builds a road; if that fails half way, nothing stays.
    init(_ name: String) throws {
        let namespaces = try ScratchNamespaces(["client", "router", "server"].map { "\(name)-\($0)" })
        self.namespaces = namespaces
        do {
            linkAddress = try Self.build(namespaces)
            socket = try namespaces[0].run {
                var file: Int32 = -1
                let failed = seawall_open_frame_socket("c0", &file)
                guard failed == 0 else { throw BenchError("no packet socket: \(String(cString: strerror(failed)))") }
                return file
            }
        } catch {
            namespaces.close()
            throw error
        }
    }

    /// Removes it.
    func close() {
        _ = Glibc.close(socket)
        namespaces.close()
    }

    /// Forgets all connections, sends frames, and says how long each took, in nanoseconds, and how many arrived.
    func send(_ frames: inout Frames, times: Int = 1, forgetting: Bool = true) throws -> (time: Double, arrived: Int) {
        if forgetting { _ = try router.run { try Measurement.run("conntrack", ["-F"]) } }
        let before = try arrivals()
        let time = try Undisturbed.run { try frames.send(by: socket, times: times) }
        return (time, try settled() - before)
    }

    /// How many packets have come to the server once no more do.
    private func settled() throws -> Int {
        var last = try arrivals()
        for _ in 0..<100 {
            usleep(2000)
            let now = try arrivals()
            if now == last { break }
            last = now
        }
        return last
    }

    private func arrivals() throws -> Int {
        let text = try server.run { try TextFile.read("/proc/thread-self/net/dev") }
        let line = text.split(separator: "\n").first { $0.drop { $0 == " " }.hasPrefix("s0:") }
        let numbers = line?.split(separator: ":").last?.split(separator: " ") ?? []
        guard numbers.count > 1, let packets = Int(numbers[1]) else { throw BenchError("s0 does not count") }
        return packets
    }

    private static func build(_ namespaces: ScratchNamespaces) throws -> [UInt8] {
        let (client, router, server) = (namespaces[0], namespaces[1], namespaces[2])
        for namespace in [client, router, server] {
            // Nothing but what is sent may move on these links.
            try namespace.setParameter("net.ipv6.conf.all.disable_ipv6", to: "1")
            try namespace.setParameter("net.ipv6.conf.default.disable_ipv6", to: "1")
        }
        try ip(
            router,
            [
                "link add eth0 type veth peer name c0 netns \(client.name)",
                "link add br0 type veth peer name s0 netns \(server.name)",
                "link set lo up", "link set eth0 up", "link set br0 up", "addr add 192.0.2.1/24 dev eth0",
                "addr add 172.18.0.1/16 dev br0", "route add default via 192.0.2.2",
                "neigh add 192.0.2.2 lladdr 02:02:02:02:02:02 dev eth0 nud permanent",
            ])
        try ip(client, ["link set c0 up"])
        try ip(server, ["link set s0 up"])
        let address = try linkAddress(of: "s0", in: server)
        try ip(router, ["neigh add 172.18.0.2 lladdr \(text(address)) dev br0 nud permanent"])
        for name in ["ip_forward": "1", "conf.all.rp_filter": "0", "conf.eth0.rp_filter": "0"].sorted(by: <) {
            try router.setParameter("net.ipv4.\(name.key)", to: name.value)
        }
        for proto in ["tcp", "udp"] {
            try Program.demand(
                [
                    "iptables-legacy", "-w", "-t", "nat", "-A", "PREROUTING", "-i", "eth0", "-d", "192.0.2.1", "-p",
                    proto,
                    "-j", "DNAT", "--to-destination", "172.18.0.2:\(containerPort)",
                ], in: router)
        }
        return try linkAddress(of: "eth0", in: router)
    }

    private static func ip(_ namespace: Namespace, _ commands: [String]) throws {
        try Program.demand(["ip", "-batch", "-"], in: namespace, input: commands.map { $0 + "\n" }.joined())
    }

    /// The address behind `link/ether` of `ip -o link show`.
    private static func linkAddress(of interface: String, in namespace: Namespace) throws -> [UInt8] {
        let words = try Program.demand(["ip", "-o", "link", "show", interface], in: namespace).split(separator: " ")
        guard let place = words.firstIndex(of: "link/ether"), place + 1 < words.count else {
            throw BenchError("\(interface) has no link address")
        }
        let bytes = words[place + 1].split(separator: ":").compactMap { UInt8($0, radix: 16) }
        guard bytes.count == 6 else { throw BenchError("\(interface) has no link address") }
        return bytes
    }

    private static func text(_ address: [UInt8]) -> String {
        address.map { String(256 + Int($0), radix: 16).dropFirst() }.joined(separator: ":")
    }
}
