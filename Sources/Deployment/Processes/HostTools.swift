internal import Diagnostics
internal import Glibc
internal import NFTablesBackend

/// The tools of this host, found in `PATH` and in `/usr/sbin` and `/sbin`.
package struct HostTools: HostToolRunner {
    private let executable: String
    private let timeout: Duration

    /// Tools that are run directly, or in a namespace through our own executable.
    ///
    /// - Parameters:
    ///   - executable: the path of `seawall`; its hidden command `__netns` enters the namespace.
    ///   - timeout: how long one tool may take.
    package init(executable: String = OwnExecutable.path, timeout: Duration = .seconds(120)) {
        self.executable = executable
        self.timeout = timeout
    }

    package var isPrivileged: Bool { Privileges.hasNetworkAdmin }

    package func path(of tool: String) -> String? {
        let folders = getenv("PATH").map { String(cString: $0) }?.split(separator: ":").map(String.init) ?? []
        return (folders + ["/usr/sbin", "/sbin"]).lazy.map { "\($0)/\(tool)" }.first { access($0, X_OK) == 0 }
    }

    package func run(_ call: HostToolCall) async throws -> HostToolResult {
        guard let path = path(of: call.tool) else { throw DiagnosticError.toolMissing(call.tool) }
        var process = HostProcess(
            executable: path, arguments: call.arguments, input: Array(call.input.utf8), timeout: timeout)
        if let namespace = call.namespace {
            process.executable = executable
            process.arguments = NamespaceChild.arguments(namespace, program: path, call.arguments)
        }
        let outcome = try await process.runOnHost(named: call.tool)
        switch outcome.termination {
        case .exited(let code):
            if call.namespace != nil, let failure = NamespaceChild.failure(code: code, errors: outcome.errors) {
                throw DiagnosticError.namespace(failure)
            }
            return HostToolResult(code: code, output: outcome.output, errors: outcome.errors)
        case .signalled(let signal): throw DiagnosticError.toolDied(call.tool, signal: signal, errors: outcome.errors)
        case .timedOut: throw DiagnosticError.toolTimedOut(call.tool, after: timeout)
        }
    }
}

extension HostProcess {
    /// Runs the program, and says by which name it could not be started.
    func runOnHost(named name: String) async throws -> Outcome {
        do {
            return try await run()
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw DiagnosticError.notStarted(name, path: executable, reason: "\(error)")
        }
    }
}
