/// One message about what a user wrote: what, where, what was expected, what to do.
package struct Diagnostic: Hashable, Sendable {
    /// How bad it is.
    package enum Severity: String, Hashable, Sendable {
        /// The result cannot be used.
        case error
        /// The result may not be what was meant.
        case warning
    }

    /// A line of explanation below a message.
    package struct Note: Hashable, Sendable {
        /// Where, if somewhere else.
        package var location: SourceLocation?
        /// What.
        package var message: String

        /// A note.
        package init(_ message: String, at location: SourceLocation? = nil) {
            self.message = message
            self.location = location
        }
    }

    /// A stable name for the kind of message: `bad-address`.
    package var id: String
    /// How bad it is.
    package var severity: Severity
    /// What is wrong, and what to do: lower case, without a final stop.
    package var message: String
    /// Where.
    package var location: SourceLocation?
    /// The text in the source that is meant, where a message speaks of a literal: lets the line be found that holds it.
    package var literal: String?
    /// Explanations.
    package var notes: [Note]
    /// What another tool said, a compiler for one: shown before the message, word for word.
    package var transcript: String?

    /// A message.
    package init(
        _ id: String, _ severity: Severity = .error, at location: SourceLocation?, _ message: String,
        literal: String? = nil, notes: [Note] = [], transcript: String? = nil
    ) {
        self.id = id
        self.severity = severity
        self.location = location
        self.message = message
        self.literal = literal
        self.notes = notes
        self.transcript = transcript
    }
}
