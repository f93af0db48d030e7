internal import Diagnostics
internal import Glibc
internal import SystemPackage

/// The Swift compiler that policies are compiled with.
struct Toolchain: Sendable {
    /// The compiler.
    let swiftc: FilePath
    /// What tells it from another one, without starting it.
    let identity: FileIdentity

    /// The compiler named by `SEAWALL_SWIFTC`, or else the first `swiftc` in `PATH`.
    ///
    /// - Throws: `DiagnosticError` if there is none.
    init(environment: [String: String]) throws {
        if let named = environment["SEAWALL_SWIFTC"], !named.isEmpty {
            guard Self.isProgram(FilePath(named)), let identity = FileIdentity(of: FilePath(named)) else {
                throw DiagnosticError.compilerNotThere(named)
            }
            self.init(swiftc: FilePath(named), identity: identity)
            return
        }
        for folder in (environment["PATH"] ?? "").split(separator: ":") {
            let candidate = FilePath(String(folder)).appending("swiftc")
            guard Self.isProgram(candidate), let identity = FileIdentity(of: candidate) else { continue }
            self.init(swiftc: candidate, identity: identity)
            return
        }
        throw DiagnosticError.noCompiler()
    }

    private init(swiftc: FilePath, identity: FileIdentity) {
        self.swiftc = FileReading.absolute(swiftc)
        self.identity = identity
    }

    /// `swift` of the same toolchain.
    var swift: FilePath {
        let beside = swiftc.removingLastComponent().appending("swift")
        return Self.isProgram(beside) ? beside : folder.appending("swift")
    }

    /// Whether LLVM's linker is beside the compiler; it links several times as fast as the system's.
    var hasLLD: Bool {
        Self.isProgram(folder.appending("ld.lld"))
    }

    private var folder: FilePath { FileReading.realPath(swiftc).removingLastComponent() }

    /// Compares the compiler with the one that Seawall was built with: modules are readable by the same version only.
    ///
    /// - Throws: `DiagnosticError` that names both versions.
    func check(against file: FilePath?, scratch: ScratchFolder) async throws {
        guard let file, let bytes = try? FileReading.bytes(of: file) else { return }
        let wanted = Self.firstLine(String(decoding: bytes, as: UTF8.self))
        let run = try await ChildProcess.run(.init(swiftc, arguments: ["--version"], timeLimit: 60), in: scratch)
        let found = Self.firstLine(run.output)
        if found != wanted { throw DiagnosticError.otherCompiler(swiftc.string, found: found, wanted: wanted) }
    }

    private static func firstLine(_ text: String) -> String { text.split(separator: "\n").first.map(String.init) ?? "" }

    private static func isProgram(_ path: FilePath) -> Bool {
        (try? path.stat().type) == .regular && access(path.string, X_OK) == 0
    }
}
