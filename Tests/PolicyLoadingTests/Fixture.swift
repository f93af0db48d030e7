import Diagnostics
import Glibc
import Seawall
import SystemPackage
import Testing

@testable import PolicyLoading

/// A folder of a test's own, with a cache beside it; removed at the end.
final class Fixture: Sendable {
    let folder: FilePath
    let cache: FilePath

    init() throws {
        scratch = try ScratchFolder(environment: [:])
        folder = scratch.file("policies")
        cache = scratch.file("cache")
        try #require(mkdir(folder.string, 0o755) == 0)
    }

    private let scratch: ScratchFolder

    deinit { scratch.remove() }

    /// A path in the folder.
    func path(_ name: String) -> String { folder.appending(name).string }

    /// Writes a file below the folder.
    @discardableResult
    func write(_ name: String, _ text: String) throws -> String { try write(name, Array(text.utf8)) }

    /// Writes a file below the folder.
    @discardableResult
    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = folder.appending(name)
        var parent = folder
        for component in FilePath(name).removingLastComponent().components {
            parent.append(component)
            mkdir(parent.string, 0o755)
        }
        let descriptor = try FileDescriptor.open(
            file, .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWrite, .groupRead, .otherRead])
        try descriptor.closeAfter { _ = try descriptor.writeAll(bytes) }
        return file.string
    }

    /// Writes `Policy.swift` with rules in a scope, from line 6 on.
    @discardableResult
    func policy(_ rules: String = "Allow(.tcp(443))", before: String = "", name: String = "Policy.swift") throws
        -> String
    {
        try write(name, Fixture.source(rules, before: before))
    }

    static func source(_ rules: String, before: String = "") -> String {
        """
        import Seawall
        \(before)
        @main struct Host: Policy {
            var body: PolicyContent {
                Inbound(on: "eth0") {
                    \(rules)
                }
            }
        }

        """
    }

    /// The options of a test, with the cache of the fixture, and time for a machine with much else to do.
    var options: PolicyLoader.Options {
        var options = PolicyLoader.Options(cacheDirectory: cache)
        options.timeLimit = 120
        options.compileTimeLimit = 600
        return options
    }

    /// A loader with the modules that were built with the tests.
    func loader(
        _ options: PolicyLoader.Options? = nil, version: String = seawallVersion, environment: [String: String] = [:]
    ) throws -> PolicyLoader {
        PolicyLoader(
            options: options ?? self.options, installation: try Fixture.installation(), version: version,
            environment: Fixture.environment.merging(environment) { $1 })
    }

    func load(_ name: String = "Policy.swift", _ options: PolicyLoader.Options? = nil) async throws -> LoadedPolicy {
        try await loader(options).load(path(name))
    }

    /// The error of a load, with the fixture's folder as `DIR`.
    func failure(_ name: String = "Policy.swift", _ options: PolicyLoader.Options? = nil) async throws -> Failure {
        let error = try #require(await #expect(throws: DiagnosticError.self) { _ = try await self.load(name, options) })
        return failure(error)
    }

    func failure(_ error: DiagnosticError) -> Failure {
        Failure(outcome: error.outcome, text: shortened(error.diagnostics))
    }

    /// The lines of messages, with the fixture's folder as `DIR`.
    func shortened(_ diagnostics: [Diagnostic]) -> String {
        diagnostics.map(\.text).joined(separator: "\n").replacing(folder.string, with: "DIR")
    }

    struct Failure {
        let outcome: DiagnosticError.Outcome
        let text: String
    }

    static func installation() throws -> Installation {
        try #require(Installation(build: FileReading.realPath("/proc/self/exe").removingLastComponent()))
    }

    /// The variables of the tests that decide which compiler is used.
    static let environment: [String: String] = ["PATH", "SEAWALL_SWIFTC", "TMPDIR"].reduce(into: [:]) { result, name in
        if let value = getenv(name) { result[name] = String(cString: value) }
    }
}

extension String {
    func replacing(_ part: String, with other: String) -> String {
        var rest = self[...]
        var result = ""
        while let range = rest.firstRange(of: part) {
            result += rest[..<range.lowerBound] + other
            rest = rest[range.upperBound...]
        }
        return result + rest
    }
}
