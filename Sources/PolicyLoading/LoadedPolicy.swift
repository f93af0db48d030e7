package import Diagnostics
package import Seawall

/// A policy with all that it reads.
package struct LoadedPolicy: Sendable {
    /// The policy; each of its files has its contents.
    package var document: PolicyDocument
    /// What the user should know although the policy was read.
    package var warnings: [Diagnostic]
    /// Whether neither the compiler nor the policy had to be run.
    package var wasCached: Bool

    private let locator: Locator?

    init(document: PolicyDocument, warnings: [Diagnostic], wasCached: Bool, locator: Locator?) {
        self.document = document
        self.warnings = warnings
        self.wasCached = wasCached
        self.locator = locator
    }

    /// Messages about the document, shown in the user's source.
    ///
    /// Paths are as the user would type them, and a message about a literal is moved to the line that holds it. A document's
    /// own locations stay as they are. What `PolicyLoader` throws or warns of is located already.
    ///
    /// - Parameter diagnostics: messages with the locations of the document.
    /// - Returns: the same messages, in the same order.
    package func located(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
        locator.map { diagnostics.map($0.located) } ?? diagnostics
    }

    /// A place in the document, with its path as the user would type it.
    package func shown(_ location: SourceLocation) -> SourceLocation { locator?.shown(location) ?? location }
}
