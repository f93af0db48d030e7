internal import Diagnostics

/// Rules of nft -> intermediate representation.
enum NFTImport {
    static func read(_ text: ImportText, _ options: ImportOptions) async throws -> ImportedRules {
        throw DiagnosticError(.refused, "not-liftable", at: SourceLocation(file: text.name), "rules of nft are not read yet")
    }
}
