internal import CLinux
internal import Glibc
internal import Subprocess
internal import SystemPackage

/// A program to be run to its end.
struct HostProcess: Sendable {
    /// The path of the program.
    var executable: String
    /// Its arguments, without its name.
    var arguments: [String]
    /// Its standard input.
    var input: [UInt8] = []
    /// What follows its standard input: apart, so that megabytes are not copied behind a few bytes.
    var moreInput: [UInt8] = []
    /// How long it may take.
    var timeout: Duration

    /// How it ended.
    enum Termination: Hashable, Sendable {
        case exited(Int32)
        case signalled(Int32)
        case timedOut
    }

    /// What it left behind.
    struct Outcome: Sendable {
        var termination: Termination
        var output: [UInt8]
        var errors: String
    }

    /// Runs the program; a program that takes too long is killed.
    ///
    /// The streams are files in memory: no pipe can fill up, and a program that ends before it has read its input
    /// neither costs us its exit status nor sends us SIGPIPE.
    func run() async throws -> Outcome {
        let streams = try [("input", [input, moreInput]), ("output", []), ("errors", [])].map {
            try MemoryFile($0.0, holding: $0.1)
        }
        defer { for stream in streams { stream.close() } }
        let termination = try await withThrowingTaskGroup(of: Termination.self) { group in
            group.addTask { try await spawn(streams) }
            group.addTask {
                try await Task.sleep(for: timeout)
                return .timedOut
            }
            // Leaving the group cancels the other task; a cancelled run kills its program and waits for it.
            defer { group.cancelAll() }
            return try await group.next() ?? .timedOut
        }
        return Outcome(
            termination: termination, output: try streams[1].contents(),
            errors: String(decoding: try streams[2].contents(), as: UTF8.self))
    }

    /// Messages and times that do not depend on the caller's locale and zone; no back trace of a child of our own
    /// that dies.
    private static let environment = Environment.inherit.updating([
        "LC_ALL": "C", "TZ": "UTC", "SWIFT_BACKTRACE": "enable=no",
    ])

    private func spawn(_ streams: [MemoryFile]) async throws -> Termination {
        let result = try await Subprocess.run(
            .path(FilePath(executable)), arguments: Arguments(arguments),
            environment: Self.environment,
            input: .fileDescriptor(streams[0].descriptor, closeAfterSpawningProcess: false),
            output: .fileDescriptor(streams[1].descriptor, closeAfterSpawningProcess: false),
            error: .fileDescriptor(streams[2].descriptor, closeAfterSpawningProcess: false))
        switch result.terminationStatus {
        case .exited(let code): return .exited(code)
        case .signaled(let signal): return .signalled(signal)
        }
    }
}

/// A file without a name, in memory.
private struct MemoryFile: Sendable {
    let descriptor: FileDescriptor

    init(_ name: String, holding parts: [[UInt8]]) throws {
        var file: Int32 = -1
        let code = seawall_memory_file(name, &file)
        guard code == 0 else { throw Errno(rawValue: code) }
        descriptor = FileDescriptor(rawValue: file)
        for part in parts { try descriptor.writeAll(part) }
        try descriptor.seek(offset: 0, from: .start)
    }

    func contents() throws -> [UInt8] {
        let size = try descriptor.seek(offset: 0, from: .end)
        var offset = 0
        return try [UInt8](unsafeUninitializedCapacity: Int(size)) { buffer, count in
            while offset < buffer.count {
                let read = try descriptor.read(
                    fromAbsoluteOffset: Int64(offset),
                    into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[offset...]))
                if read == 0 { break }
                offset += read
            }
            count = offset
        }
    }

    func close() { try? descriptor.close() }
}
