internal import Glibc
package import PacketModel

/// A socket on which somebody in the lab listens, as long as it is held.
package final class Listener: Sendable {
    private let socket: Descriptor
    private let isDatagram: Bool

    init(_ socket: Descriptor, isDatagram: Bool) {
        self.socket = socket
        self.isDatagram = isDatagram
    }

    /// How many connections, or datagrams, have come in since this was last asked.
    package func arrivals() -> Int {
        var count = 0
        while true {
            if isDatagram {
                if socket.receive() == nil { return count }
            } else {
                let number = accept(socket.number, nil, nil)
                if number < 0 { return count }
                _ = Glibc.close(number)
            }
            count += 1
        }
    }
}

extension Lab {
    /// Listens for TCP connections, or UDP datagrams: a service of a machine itself, or what docker-proxy does.
    ///
    /// - Parameters:
    ///   - host: which machine.
    ///   - transport: TCP or UDP.
    ///   - port: the port.
    ///   - family: the family of the clients.
    ///   - address: one of the machine's addresses; nothing for all of the family.
    /// - Returns: the socket.
    /// - Throws: `LabError` if it is taken.
    package func listen(
        _ host: Host, _ transport: IPProtocol, _ port: UInt16, _ family: AddressFamily, address: IPAddress? = nil
    ) throws -> Listener {
        let isDatagram = transport == .udp
        let socket = try self[host].run { try openSocket(family, isDatagram ? SOCK_DGRAM : SOCK_STREAM) }
        try socket.setOption(SOL_SOCKET, SO_REUSEADDR, to: 1)
        if family == .ip6 { try socket.setOption(Int32(IPPROTO_IPV6), IPV6_V6ONLY, to: 1) }
        try socket.bind(to: SocketAddress(address ?? (family == .ip ? .v4(0) : .v6(0)), port: port))
        if !isDatagram { _ = try check(Glibc.listen(socket.number, 64), "listen") }
        return Listener(socket, isDatagram: isDatagram)
    }
}
