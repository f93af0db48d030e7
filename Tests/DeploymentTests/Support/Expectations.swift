import Diagnostics
import Testing

/// The error that a body ends with.
func diagnostics(_ body: () async throws -> Void) async throws -> DiagnosticError {
    do {
        try await body()
    } catch let error as DiagnosticError {
        return error
    }
    Issue.record("no error was thrown")
    return DiagnosticError(.host, [])
}

extension DiagnosticError {
    /// The text of all messages.
    var text: String { diagnostics.map(\.text).joined(separator: "\n") }
}
