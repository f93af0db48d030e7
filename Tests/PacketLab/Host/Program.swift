internal import Glibc
internal import Synchronization

/// An external program that has run.
package struct Program: Hashable, Sendable {
    /// The exit status; 128 and the signal's number if a signal ended it.
    package let status: Int32
    /// What it wrote.
    package let output: String
    /// What it complained about.
    package let complaint: String

    /// Runs a program to its end.
    ///
    /// - Parameters:
    ///   - arguments: the program, looked up in `PATH`, and its arguments.
    ///   - namespace: where it runs.
    ///   - input: what it reads.
    ///   - environment: variables that differ from those of this process.
    /// - Returns: the program after its end, whatever its status.
    /// - Throws: `LabError` if it cannot be started, or does not end within a minute.
    package static func run(
        _ arguments: [String], in namespace: Namespace, input: String = "", environment: [String: String] = [:]
    ) throws -> Program {
        try namespace.run {
            var launch = try Launch(arguments, environment: environment, lifeline: namespace.lifeline)
            return try launch.finish(input: Array(input.utf8))
        }
    }

    /// Runs a program that has to succeed; gives what it wrote.
    @discardableResult
    package static func demand(
        _ arguments: [String], in namespace: Namespace, input: String = "", environment: [String: String] = [:]
    ) throws -> String {
        let program = try run(arguments, in: namespace, input: input, environment: environment)
        guard program.status == 0 else { throw LabError("\(arguments.joined(separator: " ")): \(program.complaint)") }
        return program.output
    }

    /// Runs a program that belongs to no namespace in particular, such as `ip netns add`.
    @discardableResult
    static func demandOutside(
        _ arguments: [String], input: String = "", environment: [String: String] = [:]
    ) throws -> String {
        var launch = try Launch(arguments, environment: environment, lifeline: nil)
        let program = try launch.finish(input: Array(input.utf8))
        guard program.status == 0 else { throw LabError("\(arguments.joined(separator: " ")): \(program.complaint)") }
        return program.output
    }
}

/// A program that is running, with the near ends of its three pipes.
private struct Launch {
    private let process: pid_t
    private let name: String
    private var streams: [Stream]

    private struct Stream {
        var descriptor: Descriptor?
        var bytes: [UInt8] = []
    }

    init(_ arguments: [String], environment: [String: String], lifeline: Lifeline?) throws {
        let pipes = try (0..<3).map { _ in try makePipe() }
        let near = [pipes[0].write, pipes[1].read, pipes[2].read]
        let far = [pipes[0].read, pipes[1].write, pipes[2].write, lifeline?.descriptor].compactMap { $0 }
        name = arguments.first ?? ""
        process = try spawn(arguments, environment: environment, inheriting: far)
        streams = near.map { Stream(descriptor: $0) }
    }

    /// Feeds the program, reads what it writes, and waits for its end.
    mutating func finish(input: [UInt8]) throws -> Program {
        streams[0].bytes = input
        if input.isEmpty { streams[0].descriptor = nil }
        let deadline = Deadline(in: 60_000)
        while streams.contains(where: { $0.descriptor != nil }) {
            if deadline.left == 0 { kill(process, SIGKILL) }
            Self.step(&streams, until: deadline)
        }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        if deadline.left == 0 { throw LabError("\(name) did not end within a minute") }
        let signal = status & 0x7f
        return Program(
            status: signal == 0 ? status >> 8 & 0xff : 128 + signal,
            output: String(decoding: streams[1].bytes, as: UTF8.self),
            complaint: String(decoding: streams[2].bytes, as: UTF8.self))
    }

    private static func step(_ streams: inout [Stream], until deadline: Deadline) {
        let open = streams.indices.filter { streams[$0].descriptor != nil }
        let events = wait(
            open.map { index in
                let event = index == 0 ? POLLOUT : POLLIN
                return pollfd(fd: streams[index].descriptor?.number ?? -1, events: Int16(event), revents: 0)
            }, until: deadline)
        for (index, event) in zip(open, events) where event != 0 {
            if index == 0 { feed(&streams[0]) } else { drain(&streams[index]) }
        }
    }

    private static func feed(_ stream: inout Stream) {
        guard let descriptor = stream.descriptor else { return }
        let count = write(descriptor.number, stream.bytes, min(stream.bytes.count, 4096))
        if count > 0 { stream.bytes.removeFirst(count) }
        if count < 0 || stream.bytes.isEmpty { stream.descriptor = nil }
    }

    private static func drain(_ stream: inout Stream) {
        guard let descriptor = stream.descriptor else { return }
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = read(descriptor.number, &buffer, buffer.count)
        if count > 0 { stream.bytes += buffer[..<count] } else { stream.descriptor = nil }
    }
}

/// Held while a pipe is made and while a program is started, so that no program inherits another's pipe: Glibc as Swift shows
/// it has no `pipe2`.
private let spawning = Mutex(())

/// A pipe that no other program inherits.
func makePipe() throws -> (read: Descriptor, write: Descriptor) {
    try spawning.withLock { _ in
        var ends: [Int32] = [-1, -1]
        _ = try check(pipe(&ends), "pipe")
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (Descriptor(ends[0]), Descriptor(ends[1]))
    }
}

/// Starts a program with some descriptors as its own 0, 1, 2 and so on.
func spawn(_ arguments: [String], environment: [String: String] = [:], inheriting: [Descriptor]) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (target, source) in inheriting.enumerated() {
        posix_spawn_file_actions_adddup2(&actions, source.number, Int32(target))
    }
    var process: pid_t = 0
    let failed = spawning.withLock { _ in
        withCStrings(arguments) { argv in
            withCStrings(merged(environment)) { posix_spawnp(&process, arguments[0], &actions, nil, argv, $0) }
        }
    }
    if failed != 0 { throw LabError(call: "start \(arguments[0])", errno: failed) }
    return process
}

private func merged(_ changes: [String: String]) -> [String] {
    var variables = changes
    var entry = environ
    while let text = entry.pointee {
        let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        if variables[name] == nil { variables[name] = parts.count > 1 ? String(parts[1]) : "" }
        entry += 1
    }
    variables["PATH"] = "/usr/sbin:/sbin:" + (variables["PATH"] ?? "/usr/bin:/bin")
    return variables.map { "\($0.key)=\($0.value)" }
}

private func withCStrings<Value>(
    _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Value
) -> Value {
    let copies = texts.map { strdup($0) } + [nil]
    defer { for copy in copies { free(copy) } }
    return copies.withUnsafeBufferPointer { buffer in
        // The buffer holds at least the terminating nil, so it has an address.
        buffer.baseAddress.map(body) ?? body(UnsafePointer(bitPattern: 8).unsafelyUnwrapped)
    }
}
