internal import Glibc
internal import PacketModel

/// A TCP connection that stands, held at both ends.
package final class Stream: Sendable {
    private let client: Descriptor
    private let server: Descriptor

    init(client: Descriptor, server: Descriptor) {
        self.client = client
        self.server = server
    }

    /// Whether data passes from the client to the server and back, each within a time in milliseconds.
    package func passes(timeout: Int = 250) -> Bool {
        Self.passes(from: client, to: server, timeout: timeout)
            && Self.passes(from: server, to: client, timeout: timeout)
    }

    private static func passes(from sender: Descriptor, to receiver: Descriptor, timeout: Int) -> Bool {
        while let (bytes, _) = receiver.receive(), !bytes.isEmpty {}
        sender.send([UInt8.random(in: 0 ... .max)])
        _ = waitReadable([receiver], until: Deadline(in: timeout))
        return receiver.receive()?.bytes.isEmpty == false
    }
}

extension Lab {
    /// Opens a TCP connection that stays open as long as it is held.
    package func open(_ connection: Connection, servedBy host: Host, at port: UInt16) throws -> Stream {
        guard let listener = servers.listener(host, .tcp, port) else { throw LabError("nobody serves port \(port)") }
        discardWaiting(at: listener)
        let client = try self[connection.client].run { try openSocket(connection.address.family, SOCK_STREAM) }
        _ = client.connect(to: SocketAddress(connection.address, port: connection.port))
        _ = waitReadable([listener], until: Deadline(in: 250))
        let server = Descriptor(try check(accept(listener.number, nil, nil), "accept"))
        _ = fcntl(server.number, F_SETFL, O_NONBLOCK)
        return Stream(client: client, server: server)
    }

    /// Closes the connections that nobody accepted.
    private func discardWaiting(at listener: Descriptor) {
        while true {
            let number = accept(listener.number, nil, nil)
            if number < 0 { return }
            _ = Glibc.close(number)
        }
    }
}
