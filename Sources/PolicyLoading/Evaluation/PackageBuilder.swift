internal import Diagnostics
internal import JSONC
internal import SystemPackage

/// A policy package -> its program.
struct PackageBuilder: Sendable {
    let toolchain: Toolchain
    /// Seconds.
    let timeLimit: Int
    /// The build folder, which is kept so that the next build has less to do.
    let build: FilePath

    /// Builds the one program of the package.
    ///
    /// - Returns: the program, what the compiler said, and the local packages that went into it.
    /// - Throws: `DiagnosticError` with the compiler's words, or what the package's programs are called if it is not one.
    func build(
        _ input: PolicyInput, sources: [String], in scratch: ScratchFolder
    ) async throws -> (program: FilePath, output: String, dependencies: [Evaluation.Dependency]) {
        let words = CompilerOutput(shown: input.shown, root: input.folder.string + "/", files: sources)
        // Fetching is a step of its own, so that what the build says is the compiler's alone.
        _ = try await run(["package"], ["resolve"], input, words, in: scratch)
        let description = try await run(["package"], ["describe", "--type", "json"], input, words, in: scratch)
        let product = try Self.product(described: description.output, input)
        // Before the build: what is edited while it runs is then seen to have changed.
        let dependencies = dependencies()
        let built = try await run(["build", "--quiet"], ["--product", product], input, words, in: scratch)
        let program = FileReading.realPath(build.appending("debug").appending(product))
        return (program, built.output + built.errors, dependencies)
    }

    /// The local packages that the package was built with, each with the digest of its files.
    private func dependencies() -> [Evaluation.Dependency] {
        guard let bytes = try? FileReading.bytes(of: build.appending("workspace-state.json")),
            let state = try? JSONValue.parse(bytes), let list = state["object"]?["dependencies"]?.array
        else { return [] }
        return list.compactMap { $0["state"] }.filter { $0["name"]?.string == "fileSystem" }
            .compactMap { $0["path"]?.string }.sorted()
            .map { Evaluation.Dependency(path: $0, digest: (try? SourceTree(below: FilePath($0)))?.digest ?? "") }
    }

    private func run(
        _ command: [String], _ arguments: [String], _ input: PolicyInput, _ words: CompilerOutput,
        in scratch: ScratchFolder
    ) async throws -> ChildProcess.Run {
        let folders = ["--package-path", input.folder.string, "--scratch-path", build.string]
        var child = ChildProcess.Command(
            toolchain.swift, arguments: command + folders + arguments, timeLimit: timeLimit)
        child.teardown = SourceCompiler.interrupt
        child.outputLimit = 1 << 24
        let run = try await ChildProcess.run(child, in: scratch)
        switch run.end {
        case .exited(0): return run
        case .timedOut: throw DiagnosticError.compilerTimedOut(input.shown, seconds: timeLimit)
        default: throw DiagnosticError.doesNotCompile(input.shown, transcript: words.asTyped(run.output + run.errors))
        }
    }

    private static func product(described text: String, _ input: PolicyInput) throws -> String {
        let products = (try? JSONValue.parse(text))?["products"]?.array ?? []
        let names = products.filter { $0["type"]?["executable"] != nil }.compactMap { $0["name"]?.string }.sorted()
        guard let name = names.first, names.count == 1 else { throw DiagnosticError.notOneProgram(input.shown, names) }
        return name
    }
}
