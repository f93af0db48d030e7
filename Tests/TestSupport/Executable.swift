internal import FoundationEssentials

/// The executable `seawall` that was built beside the tests.
package enum Executable {
    /// Its path.
    package static let path: String = {
        let runner = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return String(runner[..<(runner.lastIndex(of: "/") ?? runner.endIndex)]) + "/seawall"
    }()

    /// Runs it.
    package static func run(
        _ arguments: String..., input: String = "", environment: [String: String] = [:], folder: String? = nil
    ) async throws -> ShellOutcome {
        try await TestSupport.run(path, arguments, input: input, environment: environment, folder: folder)
    }
}
