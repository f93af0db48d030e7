internal import Glibc
internal import PacketModel

/// How far an exchange came at whose end the client's kernel reports a closed port.
package enum ErrorExchange: Hashable, Sendable {
    /// The question did not reach the container.
    case questionLost
    /// The container was not told that its answer met a closed port.
    case errorLost
    /// The ICMP error reached the container.
    case errorArrived
}

extension Lab {
    /// Asks a container over UDP, closes the client's socket, and has the container answer.
    ///
    /// The client's kernel answers that with an ICMP error, which is related to the connection and travels in its original
    /// direction. It is seen as `ECONNREFUSED` at the container's socket.
    package func exchangeWithError(
        _ connection: Connection, servedBy host: Host, at port: UInt16, timeout: Int = 250
    ) throws -> ErrorExchange {
        guard let server = servers.listener(host, .udp, port) else { throw LabError("nobody serves port \(port)") }
        while server.receive() != nil {}
        guard let peer = try ask(connection, server: server, timeout: timeout) else { return .questionLost }
        let socket = try self[host].run { try openSocket(.ip6, SOCK_DGRAM) }
        try socket.setOption(SOL_SOCKET, SO_REUSEADDR, to: 1)
        try socket.setOption(Int32(IPPROTO_IPV6), IPV6_V6ONLY, to: 0)
        try socket.bind(to: SocketAddress(.v6(0), port: port))
        let failed = socket.connect(to: peer)
        if failed != 0 { throw LabError(call: "connect", errno: failed) }
        socket.send(Array("answer".utf8))
        _ = wait([socket.readEntry], until: Deadline(in: timeout))
        return socket.pendingError == ECONNREFUSED ? .errorArrived : .errorLost
    }

    /// Sends a question from a socket that is closed afterwards; gives the address that the server saw.
    private func ask(_ connection: Connection, server: Descriptor, timeout: Int) throws -> SocketAddress? {
        let client = try self[connection.client].run { try openSocket(connection.address.family, SOCK_DGRAM) }
        client.send(Array("ask".utf8), to: SocketAddress(connection.address, port: connection.port))
        _ = waitReadable([server], until: Deadline(in: timeout))
        return server.receive()?.from
    }
}
