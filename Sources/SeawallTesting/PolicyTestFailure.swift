internal import Diagnostics

/// A policy that does not do what its test asks for; the text says why, with the policy's own file and line.
public struct PolicyTestFailure: Error, CustomStringConvertible {
    /// The messages, one below the other.
    public let description: String

    init(_ error: DiagnosticError) {
        description = error.diagnostics.filter { $0.severity == .error }.map(\.text).joined(separator: "\n")
    }
}
