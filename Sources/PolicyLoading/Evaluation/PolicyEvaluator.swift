internal import Diagnostics
internal import SystemPackage

/// The source of a policy -> what it came to: from the cache, or by compiling and running it.
struct PolicyEvaluator: Sendable {
    /// What came of it.
    struct Result: Sendable {
        var evaluation: Evaluation
        /// The files that it was made of.
        var sources: SourceTree
        /// What the user should know of the cache.
        var warnings: [Diagnostic]
        var wasCached: Bool
    }

    let options: PolicyLoader.Options
    let installation: Installation
    let version: String
    let environment: [String: String]

    /// Evaluates.
    ///
    /// - Throws: `DiagnosticError`; `Errno` if the sources cannot be read.
    func evaluate(_ input: PolicyInput) async throws -> Result {
        try installation.check()
        let toolchain = try Toolchain(environment: environment)
        let sources = try SourceTree(of: input)
        let (cache, warnings) = openCache()
        if let evaluation = cache?.entry(for: key(sources, toolchain)) {
            return Result(evaluation: evaluation, sources: sources, warnings: warnings, wasCached: true)
        }
        let evaluation = try await run(input, sources, toolchain, cache)
        // What was edited in the meantime is not what was compiled, or may not be.
        let after = try SourceTree(of: input)
        if after.withoutResolution == sources.withoutResolution { cache?.store(evaluation, for: key(after, toolchain)) }
        return Result(evaluation: evaluation, sources: sources, warnings: warnings, wasCached: false)
    }

    private func openCache() -> (PolicyCache?, [Diagnostic]) {
        guard let folder = options.cacheDirectory.map(FileReading.absolute) else { return (nil, []) }
        do {
            return (try PolicyCache(folder: folder), [])
        } catch {
            return (nil, [.cacheUnusable(folder.string, error)])
        }
    }

    private func key(_ sources: SourceTree, _ toolchain: Toolchain) -> CacheKey {
        var key = CacheKey()
        key.add("seawall", [version, installation.identity])
        key.add("compiler", toolchain.identity.text)
        key.add("arguments", options.arguments)
        key.add("environment", options.environment.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] })
        key.add(sources)
        return key
    }

    private func run(
        _ input: PolicyInput, _ sources: SourceTree, _ toolchain: Toolchain, _ cache: PolicyCache?
    ) async throws -> Evaluation {
        let scratch: ScratchFolder
        do {
            scratch = try ScratchFolder(environment: environment)
        } catch let error as Errno {
            throw DiagnosticError.noScratch(error)
        }
        defer { scratch.remove() }
        try await toolchain.check(against: installation.compilerVersion, scratch: scratch)
        let runner = PolicyRunner(executable: installation.executable, options: options)
        guard case .sources(let files) = input.kind else {
            let builder = PackageBuilder(
                toolchain: toolchain, timeLimit: options.buildTimeLimit,
                build: cache?.packageBuild(of: input.folder) ?? scratch.file("build"))
            let built = try await builder.build(input, sources: sources.swiftSources.map(\.path), in: scratch)
            var evaluation = try await runner.run(built.program, of: input, in: scratch)
            evaluation.compiler = built.output
            evaluation.dependencies = built.dependencies
            return evaluation
        }
        let compiler = SourceCompiler(
            installation: installation, toolchain: toolchain, timeLimit: options.compileTimeLimit,
            clangModules: cache?.clangModules ?? scratch.file("clang-modules"))
        let compiled = try await compiler.compile(files, of: input, in: scratch)
        var evaluation = try await runner.run(compiled.program, of: input, in: scratch)
        evaluation.compiler = compiled.output
        return evaluation
    }
}

extension SourceTree {
    /// The files that a policy is made of.
    fileprivate init(of input: PolicyInput) throws {
        switch input.kind {
        case .document: try self.init([], in: input.folder)
        case .sources(let names): try self.init(names, in: input.folder)
        case .package: try self.init(below: input.folder)
        }
    }
}
