/// The end of a task, with all messages that led to it.
package struct DiagnosticError: Error, Hashable, Sendable {
    /// What kind of end it is; decides the exit code of the command line (see the exit codes in the README).
    package enum Outcome: Int32, Hashable, Sendable {
        /// The input was understood and has errors: exit 1.
        case findings = 1
        /// The input could not be read, or the command was used wrongly: exit 2.
        case unreadable = 2
        /// Something cannot be expressed exactly: exit 3.
        case refused = 3
        /// The host is not as it has to be, or a tool failed: exit 4.
        case host = 4
    }

    /// The kind.
    package let outcome: Outcome
    /// The messages, in the order of the input.
    package let diagnostics: [Diagnostic]

    /// An end with its messages.
    package init(_ outcome: Outcome, _ diagnostics: [Diagnostic]) {
        self.outcome = outcome
        self.diagnostics = diagnostics
    }

    /// An end with one message.
    package init(
        _ outcome: Outcome, _ id: String, at location: SourceLocation? = nil, _ message: String, notes: [String] = []
    ) {
        self.init(outcome, [Diagnostic(id, at: location, message, notes: notes.map { Diagnostic.Note($0) })])
    }
}
