internal import Compiler
internal import Diagnostics
internal import FirewallIR
public import Seawall

/// A policy that does not do what its test asks for; the text says why, with the policy's own file and line.
public struct PolicyTestFailure: Error, CustomStringConvertible {
    /// The messages, one below the other.
    public let description: String
}

/// Checks that a policy compiles without an error, in the process of the test.
///
/// ```swift
/// @Test func thePolicyCompiles() throws { try expectCompiles(WebHost.self, files: ["blocklist.txt": "192.0.2.1"]) }
/// ```
///
/// - Parameters:
///   - policy: the policy.
///   - files: the contents of the files that the policy names, by the paths that it names them with.
/// - Throws: `PolicyTestFailure` with every error.
public func expectCompiles<P: Policy>(_ policy: P.Type, files: [String: String] = [:]) throws {
    var document = policy.makeDocument(relativeTo: nil)
    for index in document.files.indices { document.files[index].contents = files[document.files[index].path] }
    do throws(DiagnosticError) {
        _ = try CompilePolicy.run(document)
    } catch {
        let errors = error.diagnostics.filter { $0.severity == .error }
        throw PolicyTestFailure(description: errors.map(\.text).joined(separator: "\n"))
    }
}
