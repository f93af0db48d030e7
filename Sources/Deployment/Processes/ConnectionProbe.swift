internal import Diagnostics
internal import Glibc
package import NFTablesBackend
package import PacketModel

/// Opens a TCP connection from this host, to see whether one can be opened.
package struct ConnectionProbe: Sendable {
    /// The first argument by which our executable knows that it is to open one: address, port and milliseconds follow.
    package static let command = "__probe"

    private let address: IPAddress
    private let port: UInt16
    private let timeout: Duration
    private let executable: String

    /// A probe of an address and a port.
    package init(
        _ address: IPAddress, _ port: UInt16, within timeout: Duration, executable: String = OwnExecutable.path
    ) {
        self.address = address
        self.port = port
        self.timeout = timeout
        self.executable = executable
    }

    /// Opens the connection and closes it.
    ///
    /// - Parameter namespace: where from, if not from the namespace of the process.
    /// - Throws: `DiagnosticError` if it cannot be opened in time.
    package func run(in namespace: NetworkNamespace?) async throws {
        let own = [Self.command, address.description, String(port), String(timeout.milliseconds)]
        var process = HostProcess(executable: executable, arguments: own, timeout: timeout + .seconds(5))
        if let namespace {
            process.arguments = NamespaceChild.arguments(namespace, program: executable, own)
        }
        let outcome = try await process.runOnHost(named: "seawall \(Self.command)")
        if case .exited(let code) = outcome.termination {
            if code == 0 { return }
            if let failure = NamespaceChild.failure(code: code, errors: outcome.errors) {
                throw DiagnosticError.namespace(failure)
            }
        }
        let reason = outcome.errors.split(separator: "\n").first.map(String.init) ?? "no answer"
        throw DiagnosticError.probeFailed(address, port, reason: reason)
    }

    /// Opens the connection in this process, which ends with 0 if it could be opened.
    package static func serve(_ arguments: [String]) -> Never {
        guard arguments.count == 3, let address = IPAddress(arguments[0]), let port = UInt16(arguments[1]),
            let milliseconds = Int32(arguments[2])
        else { end("usage: \(command) ADDRESS PORT MILLISECONDS") }
        let family = address.family == .ip ? AF_INET : AF_INET6
        let socket = Glibc.socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard socket >= 0 else { end(text(errno)) }
        if connect(socket, address, port) != 0 && errno != EINPROGRESS { end(text(errno)) }
        var poll = pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)
        guard Glibc.poll(&poll, 1, milliseconds) == 1 else { end("no answer within \(milliseconds) ms") }
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(socket, SOL_SOCKET, SO_ERROR, &code, &length)
        if code != 0 { end(text(code)) }
        exit(0)
    }

    private static func connect(_ socket: Int32, _ address: IPAddress, _ port: UInt16) -> Int32 {
        if address.family == .ip {
            var target = sockaddr_in()
            target.sin_family = sa_family_t(AF_INET)
            target.sin_port = port.bigEndian
            inet_pton(AF_INET, address.description, &target.sin_addr)
            return withUnsafePointer(to: &target) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
        var target = sockaddr_in6()
        target.sin6_family = sa_family_t(AF_INET6)
        target.sin6_port = port.bigEndian
        inet_pton(AF_INET6, address.description, &target.sin6_addr)
        return withUnsafePointer(to: &target) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        }
    }

    private static func text(_ code: Int32) -> String { strerror(code).map { String(cString: $0) } ?? "error \(code)" }

    private static func end(_ message: String) -> Never {
        let bytes = Array((message + "\n").utf8)
        _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
        exit(1)
    }
}
