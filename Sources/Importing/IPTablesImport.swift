internal import Diagnostics

/// Rules of iptables -> intermediate representation.
package enum IPTablesImport {
    package static func read(_ text: ImportText, _ options: ImportOptions) throws -> ImportedRules {
        throw DiagnosticError(.refused, "not-liftable", at: SourceLocation(file: text.name), "rules of iptables are not read yet")
    }
}
