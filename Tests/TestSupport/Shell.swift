internal import FoundationEssentials
internal import Glibc
internal import Subprocess
internal import SystemPackage

/// What a program left behind.
package struct ShellOutcome: Sendable {
    /// The exit status; a signal as 128 and its number.
    package var status: Int32
    /// Its standard output.
    package var output: String
    /// Its standard error.
    package var errors: String
}

/// A program that did not do what it had to.
package struct ShellFailure: Error, CustomStringConvertible {
    package var description: String

    /// A failure in words.
    package init(description: String) { self.description = description }
}

/// Runs a program to its end.
package func run(
    _ executable: String, _ arguments: [String], input: String = "", environment: [String: String] = [:],
    folder: String? = nil
) async throws -> ShellOutcome {
    // A program that ends without reading its input must not end the tests.
    signal(SIGPIPE, SIG_IGN)
    let usual = [
        "LC_ALL": "C", "TZ": "UTC", "SWIFT_BACKTRACE": "enable=no", "SEAWALL_STATE_DIR": TestEnvironment.stateFolder,
    ]
    let variables = usual.merging(environment) { $1 }
    // The input is a file: a pipe to a program that does not read it would send us SIGPIPE.
    var file = Array((FileManager.default.temporaryDirectory.path + "/seawall-test-XXXXXX").utf8CString)
    let descriptor = FileDescriptor(rawValue: mkstemp(&file))
    unlink(file)
    _ = fcntl(descriptor.rawValue, F_SETFD, FD_CLOEXEC)
    defer { try? descriptor.close() }
    try descriptor.writeAll(input.utf8)
    try descriptor.seek(offset: 0, from: FileDescriptor.SeekOrigin.start)
    let result = try await Subprocess.run(
        .path(FilePath(executable)), arguments: Arguments(arguments),
        environment: .inherit.updating(
            Dictionary(uniqueKeysWithValues: variables.map { (.init(stringLiteral: $0), $1) })),
        workingDirectory: folder.map { FilePath($0) },
        input: .fileDescriptor(descriptor, closeAfterSpawningProcess: false), output: .string(limit: 64 << 20),
        error: .string(limit: 16 << 20))
    let status: Int32 =
        switch result.terminationStatus {
        case .exited(let code): code
        case .signaled(let signal): 128 + signal
        }
    return ShellOutcome(status: status, output: result.standardOutput, errors: result.standardError)
}

/// A folder that lives as long as a test.
package struct TestFolder: Sendable {
    package let path: String

    /// A folder that exists.
    package init(path: String) { self.path = path }

    /// Writes a file, and gives its path.
    @discardableResult
    package func write(_ name: String, _ text: String) throws -> String {
        try text.write(toFile: "\(path)/\(name)", atomically: true, encoding: .utf8)
        return "\(path)/\(name)"
    }

    /// The text of a file; `nil` if there is none.
    package func read(_ name: String) -> String? { try? String(contentsOfFile: "\(path)/\(name)", encoding: .utf8) }

    /// The names of all files, sorted.
    package var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }
}

/// Makes a folder, and removes it whatever happens.
package func withFolder<T>(_ body: (TestFolder) async throws -> T) async throws -> T {
    let path = FileManager.default.temporaryDirectory.path + "/seawall-test-\(UInt64.random(in: 0...UInt64.max))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(TestFolder(path: path))
}

/// A network namespace that lives as long as a test.
package struct TestNamespace: Sendable {
    package let name: String

    /// Runs a shell script in it.
    package func shell(_ script: String, input: String = "") async throws -> ShellOutcome {
        try await run("/sbin/ip", ["netns", "exec", name, "sh", "-c", script], input: input)
    }

    /// Runs a shell script that has to succeed, and gives its output.
    @discardableResult
    package func must(_ script: String, input: String = "") async throws -> String {
        let outcome = try await shell("set -e\n" + script, input: input)
        guard outcome.status == 0 else {
            throw ShellFailure(description: "exit \(outcome.status) of \(script)\n\(outcome.errors)")
        }
        return outcome.output
    }
}

/// Makes a network namespace, and removes it whatever happens.
package func withNamespace<T>(_ body: (TestNamespace) async throws -> T) async throws -> T {
    let name = "seawall-test-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    let added = try await run("/sbin/ip", ["netns", "add", name])
    guard added.status == 0 else {
        throw ShellFailure(description: "no network namespace can be made: \(added.errors)")
    }
    let result: Result<T, any Error>
    do {
        result = .success(try await body(TestNamespace(name: name)))
    } catch {
        result = .failure(error)
    }
    _ = try await run("/sbin/ip", ["netns", "delete", name])
    try? FileManager.default.removeItem(atPath: "\(TestEnvironment.stateFolder)/netns/\(name)")
    return try result.get()
}
