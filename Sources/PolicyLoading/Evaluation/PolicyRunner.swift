internal import Diagnostics
internal import Subprocess
internal import SystemPackage

/// A policy's program -> its document, in a child process that has no network, and limits in time and memory.
struct PolicyRunner: Sendable {
    let executable: FilePath
    let options: PolicyLoader.Options

    /// Runs the program.
    ///
    /// - Throws: `DiagnosticError` if it did not end well.
    func run(_ program: FilePath, of input: PolicyInput, in scratch: ScratchFolder) async throws -> Evaluation {
        try scratch.create("document").close()
        let run = try await ChildProcess.run(command(program, of: input, in: scratch), in: scratch)
        if let failure = PolicyFailure(run, options: options, shown: input.shown).error { throw failure }
        let bytes = try FileReading.bytes(of: scratch.file("document"))
        guard !bytes.isEmpty else { throw DiagnosticError.noDocument(input.shown) }
        guard let document = String(validating: bytes, as: UTF8.self) else {
            throw DiagnosticError.documentNotText(input.shown)
        }
        return Evaluation(document: document, output: run.output, errors: run.errors)
    }

    private func command(_ program: FilePath, of input: PolicyInput, in scratch: ScratchFolder) -> ChildProcess.Command
    {
        // Processor time only ends what the clock does not, a policy that keeps several processors busy.
        let limits = ["--memory", String(options.memoryLimit), "--cpu", String(options.timeLimit + 1)]
        var command = ChildProcess.Command(
            executable, arguments: [PolicySandbox.command] + limits + ["--", program.string] + options.arguments,
            timeLimit: options.timeLimit)
        command.folder = input.folder
        command.environment = environment(of: input, document: scratch.file("document"))
        return command
    }

    private func environment(of input: PolicyInput, document: FilePath) -> Subprocess.Environment {
        var variables = options.environment
        variables["SEAWALL_DOCUMENT"] = document.string
        variables["SEAWALL_POLICY_ROOT"] =
            switch input.kind {
            case .package: input.folder.string
            default: "."
            }
        // The same order of sets and dictionaries in each run, so that the same policy has the same document.
        variables["SWIFT_DETERMINISTIC_HASHING"] = "1"
        // A crash is described by its message; the tool that would describe it further may not be started.
        variables["SWIFT_BACKTRACE"] = "enable=no"
        var custom: [Subprocess.Environment.Key: String] = [:]
        for (name, value) in variables {
            if let key = Subprocess.Environment.Key(rawValue: name) { custom[key] = value }
        }
        return .custom(custom)
    }
}
