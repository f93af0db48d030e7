internal import Compiler
internal import Diagnostics
internal import FirewallIR
internal import Glibc
public import Seawall

/// A policy, and what is to be expected of it.
///
/// ```swift
/// let policy = PolicyUnderTest(WebHost.self, files: ["blocklist.txt": "192.0.2.1"])
///
/// @Test func `the database is for the office`() {
///     policy.expectAllowed(tcp: 5432, from: "192.0.2.7", on: "eth0")
///     policy.provesNever(.allowed, .tcp(5432), from: .not(office), on: "eth0")
/// }
/// ```
///
/// Nothing is sent and no kernel is asked: the rules are looked at, all of them, for every packet that is meant. Each call
/// records its failures at its own line, with a packet and the rule that decides about it.
///
/// The packets are those that a scope judges as parts of a connection: what the side sends that opened it, the first
/// packet and all later ones. Replies and ICMP errors are not among them, nor packets without a connection (invalid,
/// untracked).
public struct PolicyUnderTest: Sendable {
    let outcome: Result<Ruleset, PolicyTestFailure>
    let files: [PolicyDocument.File]
    let now: Int64

    /// Compiles a policy; its errors are recorded by each expectation.
    ///
    /// - Parameters:
    ///   - policy: the policy.
    ///   - files: the contents of the files that the policy and the expectations name, by the paths that they use.
    public init<P: Policy>(_ policy: P.Type, files: [String: String] = [:]) {
        var document = policy.makeDocument(relativeTo: nil)
        self.files = files.sorted { $0.key < $1.key }.map { PolicyDocument.File(path: $0.key, contents: $0.value) }
        now = Int64(time(nil))
        do throws(DiagnosticError) {
            try document.fill(files)
            outcome = .success(try CompilePolicy.run(document).ruleset)
        } catch {
            outcome = .failure(PolicyTestFailure(error))
        }
    }
}
