internal import Diagnostics
internal import JSONC

/// Results as JSON.
enum Report {
    /// A value as the text that a command writes.
    static func text(_ value: JSONValue) -> String { value.text(.pretty) + "\n" }

    /// Messages as a member of a result.
    static func diagnostics(_ diagnostics: [Diagnostic]) -> JSONValue { .array(diagnostics.map(\.json)) }
}
