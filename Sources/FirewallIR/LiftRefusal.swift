package import Diagnostics

/// Something in a backend's syntax of which the intermediate representation cannot say the meaning.
package struct LiftRefusal: Error, Hashable, Sendable {
    /// What, and why.
    package var reason: String

    /// A reason.
    package init(_ reason: String) { self.reason = reason }

    /// The message about a rule, with its text.
    package func diagnostic(_ backend: String, at location: SourceLocation, rule: String) -> Diagnostic {
        Diagnostic(
            "not-liftable", at: location, "the meaning of a rule of \(backend) is not known: \(reason)",
            notes: [Diagnostic.Note("the rule is: \(rule)")])
    }
}
