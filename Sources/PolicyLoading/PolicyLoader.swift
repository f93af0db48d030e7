internal import Diagnostics
internal import FoundationEssentials
internal import Seawall
internal import SystemPackage

/// What a user names on the command line -> a policy document with all that it reads.
///
/// 1. `PolicyInput`: name → document, Swift files, or package.
/// 2. `PolicyCache`: Swift files → the document that they came to before, or
/// 3. `SourceCompiler`, `PackageBuilder`: Swift files → program;
/// 4. `PolicyRunner`: program → document, in a child process that is closed off;
/// 5. `PolicyDocument.read`, `readFiles`: text → document → document with the files that it names.
package struct PolicyLoader: Sendable {
    private let options: Options
    private let installation: Installation
    private let version: String
    private let environment: [String: String]

    /// A loader.
    ///
    /// - Parameters:
    ///   - options: what a policy may see and use.
    ///   - installation: what a policy is compiled and run with.
    package init(options: Options = Options(), installation: Installation) {
        self.init(
            options: options, installation: installation, version: seawallVersion,
            environment: ProcessInfo.processInfo.environment)
    }

    /// A loader of another version, in another environment: what tests vary.
    init(options: Options, installation: Installation, version: String, environment: [String: String]) {
        self.options = options
        self.installation = installation
        self.version = version
        self.environment = environment
    }

    /// Loads a policy.
    ///
    /// - Parameter name: a Swift file, a folder of them, a policy package, a document, or `-` for one on standard input.
    /// - Returns: the policy, complete.
    /// - Throws: `DiagnosticError`, with all paths as the user would type them.
    package func load(_ name: String) async throws -> LoadedPolicy {
        let input = try PolicyInput(named: name)
        do {
            if case .document(let bytes) = input.kind { return try document(bytes, input) }
            return try await program(input)
        } catch let error as Errno {
            throw DiagnosticError.inputUnreadable(name, error)
        }
    }

    /// Loads a policy document whose text was read before.
    ///
    /// - Parameters:
    ///   - bytes: the text.
    ///   - name: the file that it came from, or `-` for standard input.
    /// - Returns: the policy, complete.
    /// - Throws: `DiagnosticError`, with all paths as the user would type them.
    package func load(document bytes: [UInt8], named name: String) throws -> LoadedPolicy {
        try document(bytes, PolicyInput(document: bytes, named: name))
    }

    private func document(_ bytes: [UInt8], _ input: PolicyInput) throws -> LoadedPolicy {
        var document = try PolicyDocument.read(bytes, shown: input.shown)
        try document.readFiles(in: input.folder) { $0 }
        return LoadedPolicy(document: document, warnings: [], wasCached: false, locator: nil)
    }

    private func program(_ input: PolicyInput) async throws -> LoadedPolicy {
        let evaluator = PolicyEvaluator(
            options: options, installation: installation, version: version, environment: environment)
        let result = try await evaluator.evaluate(input)
        var document = try PolicyDocument.read(result.evaluation.document.utf8, shown: input.shown)
        let sources = result.sources.swiftSources
        let locator = Locator(shown: input.shown, sources: sources, content: document.content)
        try document.readFiles(in: input.folder, located: locator.located)
        let root = if case .package = input.kind { input.folder.string + "/" } else { "" }
        let words = CompilerOutput(shown: input.shown, root: root, files: sources.map(\.path))
        return LoadedPolicy(
            document: document, warnings: result.warnings + result.evaluation.warnings(input.shown, words: words),
            wasCached: result.wasCached, locator: locator)
    }
}
