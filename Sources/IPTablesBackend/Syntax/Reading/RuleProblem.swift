internal import Diagnostics

/// Why a line, or a part of it, is not taken.
package struct RuleProblem: Error, Hashable, Sendable {
    /// What kind of reason it is.
    package enum Kind: Hashable, Sendable {
        /// The text has not the form of a rule.
        case syntax
        /// An extension, an option or a value that Seawall does not know.
        case unknown
        /// iptables itself takes no such rule.
        case rejected
        /// A name that each machine resolves in its own way: of a host, of a user.
        case name
        /// Something that a shell would do.
        case script
    }

    /// The kind.
    package let kind: Kind
    /// What is wrong, and what was expected: lower case, without a final stop.
    package let message: String
    /// The byte of the line that it is about, from 1.
    package let column: Int?

    /// A reason.
    package init(_ kind: Kind, _ message: String, column: Int? = nil) {
        self.kind = kind
        self.message = message
        self.column = column
    }

    /// The message of a rule.
    ///
    /// - Parameters:
    ///   - location: the file and the line.
    ///   - rule: the text of the line, shown below the message.
    func diagnostic(at location: SourceLocation, rule: String) -> Diagnostic {
        let place = SourceLocation(file: location.file, line: location.line, column: column)
        let notes = [Diagnostic.Note("in '\(rule.prefix(400))'")]
        switch kind {
        case .syntax: return Diagnostic("iptables-syntax", at: place, message, notes: notes)
        case .unknown: return Diagnostic("iptables-unknown", at: place, message, notes: notes)
        case .rejected: return Diagnostic("iptables-rejects", at: place, message, notes: notes)
        case .name: return Diagnostic("iptables-name", at: place, message, notes: notes)
        case .script: return Diagnostic("iptables-script", at: place, message, notes: notes)
        }
    }
}

/// Something in a rule that was written anew in another form, which means the same.
struct RuleNote: Hashable, Sendable {
    let message: String
    let column: Int
}
