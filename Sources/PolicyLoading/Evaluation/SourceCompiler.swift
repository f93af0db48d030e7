internal import Diagnostics
internal import Subprocess
internal import SystemPackage

/// Swift files of one folder -> a program.
struct SourceCompiler: Sendable {
    let installation: Installation
    let toolchain: Toolchain
    /// Seconds.
    let timeLimit: Int
    /// Where the compiler keeps what it made of C headers.
    ///
    /// Its own place is below the home folder, which may be absent or not writable, for one where a service compiles.
    let clangModules: FilePath

    /// Compiles; the program has the toolchain's runtime in its run path.
    ///
    /// - Returns: the program, and what the compiler said.
    /// - Throws: `DiagnosticError` with the compiler's words.
    func compile(
        _ files: [String], of input: PolicyInput, in scratch: ScratchFolder
    ) async throws -> (program: FilePath, output: String) {
        let program = scratch.file("policy")
        // A name that begins with a dash would be an option, one that begins with an @ a file of options.
        let names = files.map { $0.hasPrefix("-") || $0.hasPrefix("@") ? "./" + $0 : $0 }
        var command = ChildProcess.Command(
            toolchain.swiftc, arguments: options + names + ["-o", program.string] + libraries, timeLimit: timeLimit)
        command.folder = input.folder
        command.teardown = Self.interrupt
        let run = try await ChildProcess.run(command, in: scratch)
        let words = run.output + run.errors
        guard run.end == .exited(0) else { throw failure(run.end, words, files: files, of: input) }
        return (program, words)
    }

    /// The name of the module that a policy's files become.
    static let moduleName = "SeawallPolicy"

    /// The driver ends its own children when it is interrupted, but not when it is killed.
    static let interrupt = [TeardownStep.send(signal: .interrupt, allowedDurationToNextStep: .seconds(2))]

    private var options: [String] {
        var options = ["-Onone", "-parse-as-library", "-module-name", Self.moduleName]
        options += ["-I", installation.modules.string]
        for map in installation.moduleMaps { options += ["-Xcc", "-fmodule-map-file=\(map.string)"] }
        options += ["-module-cache-path", clangModules.string]
        if toolchain.hasLLD { options.append("-use-ld=lld") }
        return options
    }

    private var libraries: [String] { ["-L", installation.archives.string, "-lSeawall", "-ljson-c", "-lswiftGlibc"] }

    private func failure(
        _ end: ChildProcess.End, _ words: String, files: [String], of input: PolicyInput
    ) -> DiagnosticError {
        if end == .timedOut { return .compilerTimedOut(input.shown, seconds: timeLimit) }
        // ld and lld have different words for it.
        let lacksMain = words.contains("undefined symbol: main\n") || words.contains("undefined reference to `main'")
        if lacksMain { return .withoutMain(input.shown, files: files) }
        return .doesNotCompile(
            input.shown, transcript: CompilerOutput(shown: input.shown, root: "", files: files).asTyped(words))
    }
}
