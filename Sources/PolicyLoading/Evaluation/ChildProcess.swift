internal import Diagnostics
internal import Subprocess
internal import SystemPackage

/// A child process that is waited for, with a limit in time; what it writes goes to files, so that it can neither block on a
/// full pipe nor outlive its limit by handing the pipe on.
enum ChildProcess {
    /// What to run.
    struct Command: Sendable {
        var program: FilePath
        var arguments: [String]
        var environment: Subprocess.Environment = .inherit
        var folder: FilePath?
        /// Seconds.
        var timeLimit: Int
        /// What comes before the kill at the limit in time.
        var teardown: [TeardownStep] = []
        /// How many bytes of each stream are kept.
        var outputLimit = 1 << 16

        init(_ program: FilePath, arguments: [String], timeLimit: Int) {
            self.program = program
            self.arguments = arguments
            self.timeLimit = timeLimit
        }
    }

    /// How it ended.
    enum End: Hashable, Sendable {
        case exited(Int32)
        case signaled(Int32)
        case timedOut
    }

    /// How it ended, and the beginning of what it wrote.
    struct Run: Sendable {
        let end: End
        let output: String
        let errors: String
    }

    /// Runs a program to its end, or to its limit in time.
    ///
    /// - Throws: `DiagnosticError` if it cannot be started.
    static func run(_ command: Command, in scratch: ScratchFolder) async throws -> Run {
        do {
            let (output, errors) = (try scratch.create("output"), try scratch.create("errors"))
            defer {
                try? output.close()
                try? errors.close()
            }
            let end = try await limited(command, output: output, errors: errors)
            return Run(
                end: end, output: FileReading.beginning(of: scratch.file("output"), limit: command.outputLimit),
                errors: FileReading.beginning(of: scratch.file("errors"), limit: command.outputLimit))
        } catch let error as SubprocessError {
            throw DiagnosticError.cannotStart(command.program.string, "\(error)")
        }
    }

    private static func limited(
        _ command: Command, output: FileDescriptor, errors: FileDescriptor
    ) async throws -> End {
        try await withThrowingTaskGroup(of: End?.self) { group in
            group.addTask { try await spawn(command, output: output, errors: errors) }
            group.addTask {
                try await Task.sleep(for: .seconds(command.timeLimit))
                return nil
            }
            defer { group.cancelAll() }
            return try await (group.next() ?? nil) ?? .timedOut
        }
    }

    // Cancelling ends the process, by the steps of its teardown and then by a kill.
    private static func spawn(
        _ command: Command, output: FileDescriptor, errors: FileDescriptor
    ) async throws -> End {
        var options = PlatformOptions()
        options.teardownSequence = command.teardown
        let result = try await Subprocess.run(
            .path(command.program), arguments: Arguments(command.arguments), environment: command.environment,
            workingDirectory: command.folder, platformOptions: options, input: .none,
            output: .fileDescriptor(output, closeAfterSpawningProcess: false),
            error: .fileDescriptor(errors, closeAfterSpawningProcess: false))
        return switch result.terminationStatus {
        case .exited(let code): .exited(code)
        case .signaled(let signal): .signaled(signal)
        }
    }
}
