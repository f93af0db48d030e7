internal import Glibc
internal import PacketModel

/// The sockets on which the machines of a lab answer.
///
/// No thread serves them: TCP connections are opened by the kernel, and who asks over UDP reads the question and sends the
/// answer as well.
struct Servers: Sendable {
    struct Key: Hashable {
        let host: Host
        let transport: IPProtocol
        let port: UInt16
    }

    private let listeners: [Key: Descriptor]

    /// Each machine but the router answers at the ports of all containers, and at port 9000.
    init(published: [PublishedPort], namespace: (Host) -> Namespace) throws {
        var listeners: [Key: Descriptor] = [:]
        for host in Host.allCases where host != .router && host != .wire {
            for transport in [IPProtocol.tcp, .udp] {
                let ports = Set(published.filter { $0.transport == transport }.map(\.port) + [9000])
                for port in ports {
                    listeners[Key(host: host, transport: transport, port: port)] = try namespace(host).run {
                        try Self.listen(transport, port)
                    }
                }
            }
        }
        self.listeners = listeners
    }

    /// Those of one machine and protocol.
    func all(_ transport: IPProtocol) -> [Descriptor] {
        listeners.filter { $0.key.transport == transport }.map(\.value)
    }

    /// The one at a port.
    func listener(_ host: Host, _ transport: IPProtocol, _ port: UInt16) -> Descriptor? {
        listeners[Key(host: host, transport: transport, port: port)]
    }

    /// A socket for both families.
    private static func listen(_ transport: IPProtocol, _ port: UInt16) throws -> Descriptor {
        let socket = try openSocket(.ip6, transport == .tcp ? SOCK_STREAM : SOCK_DGRAM)
        try socket.setOption(SOL_SOCKET, SO_REUSEADDR, to: 1)
        try socket.setOption(Int32(IPPROTO_IPV6), IPV6_V6ONLY, to: 0)
        try socket.bind(to: SocketAddress(.v6(0), port: port))
        if transport == .tcp { _ = try check(Glibc.listen(socket.number, 4096), "listen") }
        return socket
    }
}
