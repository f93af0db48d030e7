internal import Glibc
package import PacketModel

/// A TCP connection that somebody opens to see who answers.
package struct Knock: Hashable, Sendable {
    /// Who opens it.
    package enum Caller: Hashable, Sendable {
        case outside(DockerLab.Outside)
        case container(DockerLab.Container)
        case host
    }

    /// Who opens it.
    package let caller: Caller
    /// What is dialled.
    package let address: IPAddress
    /// The port that is dialled.
    package let port: UInt16

    /// A connection.
    package init(from caller: Caller, to address: IPAddress, _ port: UInt16) {
        (self.caller, self.address, self.port) = (caller, address, port)
    }
}

/// What came of a connection.
package enum Reply: Hashable, Sendable {
    /// Somebody answered, and saw it come from an address.
    case answer(name: String, peer: String)
    /// It stands, and nobody says anything.
    case mute
    /// A reset came back, or an ICMP error; the errno value that Linux makes of it.
    case refused(Int32)
    /// Nothing came back in time.
    case silence

    /// Whether somebody answered.
    package var isAnswer: Bool { if case .answer = self { true } else { false } }
}

/// A connection under way.
struct Knocking {
    /// For how many milliseconds a connection is waited for: the kernel's answer takes none, and below a second no packet is
    /// sent twice.
    static let patience = 500
    /// For how many milliseconds a greeting is waited for.
    static let greetingPatience = 10_000

    private let socket: Descriptor
    private(set) var isConnected = false
    private var greeting: [UInt8] = []
    private var end: Deadline
    private let greetingPatience: Int
    private(set) var reply: Reply?

    /// Begins, in the namespace of this thread.
    init(
        to address: IPAddress, port: UInt16, patience: Int = Knocking.patience,
        greetingPatience: Int = Knocking.greetingPatience
    ) throws {
        self.greetingPatience = greetingPatience
        socket = try openSocket(address.family, SOCK_STREAM)
        // What is over leaves nothing behind: thousands of connections have no time to wait.
        var lingers = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket.number, SOL_SOCKET, SO_LINGER, &lingers, socklen_t(MemoryLayout<linger>.size))
        end = Deadline(in: patience)
        let failed = socket.connect(to: SocketAddress(address, port: port))
        if failed != 0 && failed != EINPROGRESS { reply = .refused(failed) }
    }

    var entry: pollfd {
        pollfd(fd: socket.number, events: Int16(isConnected ? POLLIN : POLLOUT), revents: 0)
    }

    /// The milliseconds for which it is still waited for.
    var left: Int32 { end.left }

    /// Takes note of an event.
    mutating func step() {
        if !isConnected {
            let error = socket.pendingError
            if error != 0 { return reply = .refused(error) }
            isConnected = true
            end = Deadline(in: greetingPatience)
        }
        guard let (bytes, _) = socket.receive() else { return }
        greeting += bytes
        if bytes.isEmpty || greeting.last == UInt8(ascii: "\n") { reply = Self.read(greeting) }
    }

    /// Ends the waiting.
    mutating func expire() { if reply == nil, end.left == 0 { reply = isConnected ? .mute : .silence } }

    private static func read(_ bytes: [UInt8]) -> Reply {
        let words = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        return words.count == 2 ? .answer(name: String(words[0]), peer: String(words[1])) : .mute
    }

    /// The connection itself, to be kept.
    var descriptor: Descriptor { socket }
}

extension DockerLab {
    /// Opens connections, all at once, and says what came of each.
    ///
    /// - Parameter knocks: the connections.
    /// - Returns: the replies, in the same order.
    /// - Throws: `LabError` if there is no socket to be had.
    package func knock(_ knocks: [Knock]) throws -> [Reply] {
        var namespaces: [Knock.Caller: Namespace] = [:]
        for caller in Set(knocks.map(\.caller)) { namespaces[caller] = try namespace(of: caller) }
        var underWay = try knocks.map { knock in
            guard let namespace = namespaces[knock.caller] else { throw LabError("nobody knocks") }
            return try namespace.run { try Knocking(to: knock.address, port: knock.port) }
        }
        while case let open = underWay.indices.filter({ underWay[$0].reply == nil }), !open.isEmpty {
            let patience = open.map { underWay[$0].left }.min() ?? 0
            let events = wait(open.map { underWay[$0].entry }, until: Deadline(in: Int(patience)))
            for (index, event) in zip(open, events) {
                if event != 0 { underWay[index].step() }
                underWay[index].expire()
            }
        }
        return underWay.map { $0.reply ?? .silence }
    }

    /// The namespace of somebody who opens connections.
    func namespace(of caller: Knock.Caller) throws -> Namespace {
        switch caller {
        case .outside(let machine): self[machine]
        case .container(let container): try namespace(of: container)
        case .host: daemon.host
        }
    }
}
