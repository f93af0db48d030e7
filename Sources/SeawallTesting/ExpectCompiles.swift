internal import Compiler
internal import Diagnostics
internal import FirewallIR
public import Seawall

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
    do throws(DiagnosticError) {
        try document.fill(files)
        _ = try CompilePolicy.run(document)
    } catch {
        throw PolicyTestFailure(error)
    }
}
