package import FirewallIR
package import Seawall

/// Turns rules back into the source of a policy: `Ruleset -> PolicyDocument -> Swift`.
///
/// Nothing is promised about the source but that it was made with care: whoever uses it compiles it, and proves that it is
/// the rule set.
package enum Decompile {
    /// The policy of a rule set.
    ///
    /// - Parameters:
    ///   - ruleset: valid, with one scope for each hook and family; the places of its rules lead to where they were read.
    ///   - name: what the policy is to be called; made a name of a type.
    ///   - notes: lines for the beginning of the policy: where it comes from.
    /// - Returns: the policy as a document and as source.
    package static func policy(_ ruleset: Ruleset, name: String, notes: [String] = []) -> DecompiledPolicy {
        let document = DocumentFromRuleset.run(ruleset, name: SwiftNames.type(name))
        return DecompiledPolicy(document: document, files: PrintPolicy.run(document, notes: notes))
    }
}

/// A policy that was made from rules.
package struct DecompiledPolicy: Sendable {
    /// A file of the policy's folder.
    package struct File: Hashable, Sendable {
        /// The path in the folder.
        package var path: String
        /// The whole text.
        package var contents: String

        /// A file.
        package init(path: String, contents: String) {
            self.path = path
            self.contents = contents
        }
    }

    /// The policy as a document; its identifiers are those that the source gives, and `imported` leads back.
    package var document: PolicyDocument
    /// `Policy.swift` first, then tables and lists.
    package var files: [File]
}
