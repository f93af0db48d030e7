internal import Glibc
internal import PacketModel

extension Lab {
    /// Opens connections, all at once, and says what came of each.
    ///
    /// - Parameters:
    ///   - connections: what to open.
    ///   - timeout: how long to wait, in milliseconds; below a second, so that no packet is sent twice.
    /// - Returns: the answers, in the order of the connections.
    /// - Throws: `LabError` if there is no socket to be had.
    package func dial(_ connections: [Connection], timeout: Int = 250) throws -> [Answer] {
        var calls = try connections.map { try Call($0, in: self[$0.client]) }
        let deadline = Deadline(in: timeout)
        let questions = servers.all(.udp)
        while calls.contains(where: { $0.answer == nil }), deadline.left > 0 {
            let waiting = calls.indices.filter { calls[$0].answer == nil }
            let entries = waiting.map { calls[$0].entry } + questions.map(\.readEntry)
            let events = wait(entries, until: deadline)
            for (index, event) in zip(waiting, events) where event != 0 { calls[index].finish() }
            for (socket, event) in zip(questions, events.dropFirst(waiting.count)) where event != 0 { socket.echo() }
        }
        return calls.map { $0.answer ?? .timeout }
    }

    /// Opens one connection, and says what came of it.
    package func dial(_ connection: Connection, timeout: Int = 250) throws -> Answer {
        try dial([connection], timeout: timeout).first ?? .timeout
    }
}

/// A connection that is being opened.
private struct Call {
    private let socket: Descriptor
    private let isDatagram: Bool
    private(set) var answer: Answer?

    init(_ connection: Connection, in namespace: Namespace) throws {
        isDatagram = connection.transport == .udp
        let type = isDatagram ? SOCK_DGRAM : SOCK_STREAM
        socket = try namespace.run { try openSocket(connection.address.family, type) }
        let failed = socket.connect(to: SocketAddress(connection.address, port: connection.port))
        if failed != 0 && failed != EINPROGRESS { answer = Answer(errno: failed) }
        if isDatagram { socket.send(Array("ask".utf8)) }
    }

    var entry: pollfd { isDatagram ? socket.readEntry : pollfd(fd: socket.number, events: Int16(POLLOUT), revents: 0) }

    /// Reads what came of it, after an event.
    mutating func finish() {
        let error = socket.pendingError
        if error != 0 {
            answer = Answer(errno: error)
        } else if !isDatagram || socket.receive() != nil {
            answer = .connected
        }
    }
}

extension Answer {
    fileprivate init(errno number: Int32) { self = number == ECONNREFUSED ? .refused : .unreachable(number) }
}

extension Descriptor {
    /// For `poll`: that something can be read.
    var readEntry: pollfd { pollfd(fd: number, events: Int16(POLLIN), revents: 0) }

    /// Sends each datagram that has come in back to where it came from.
    func echo() {
        while let (bytes, peer) = receive() { send(bytes, to: peer) }
    }
}
