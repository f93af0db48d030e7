import FoundationEssentials
import Glibc
import Subprocess
import SystemPackage

/// What a program answered.
struct ToolResult: Sendable {
    let code: Int32
    let output: String
    let errors: String
}

/// A program that is run to its end.
enum Tool {
    /// Runs the `seawall` that was built beside the tests, with a cache of its own.
    static func seawall(_ arguments: [String], cache: TemporaryFolder) async throws -> ToolResult {
        let runner = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let seawall = URL(filePath: runner).deletingLastPathComponent().appending(path: "seawall").path
        return try await run(seawall, arguments, variables: ["SEAWALL_CACHE_DIR": cache.file("cache")])
    }

    /// Runs a program.
    static func run(_ program: String, _ arguments: [String], variables: [Environment.Key: String?] = [:]) async throws
        -> ToolResult
    {
        let result = try await Subprocess.run(
            program.hasPrefix("/") ? .path(FilePath(program)) : .name(program), arguments: Arguments(arguments),
            environment: .inherit.updating(variables), output: .string(limit: 1 << 22), error: .string(limit: 1 << 20))
        let code: Int32 = if case .exited(let code) = result.terminationStatus { code } else { -1 }
        return ToolResult(code: code, output: result.standardOutput, errors: result.standardError)
    }
}

/// A folder that lives as long as a test.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/seawall-test-\(UInt64.random(in: 0...UInt64.max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A path in the folder.
    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file.
    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        try text.write(toFile: file(name), atomically: false, encoding: .utf8)
        return file(name)
    }
}
