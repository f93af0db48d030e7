internal import Diagnostics
internal import FirewallIR
internal import Glibc
internal import Importing
internal import PacketModel
internal import PolicyLoading
internal import Semantics

/// What imported rules become, proved to mean what was read.
struct ImportResult {
    let rules: ImportedRules
    let files: [CompiledFile]
    /// Warnings about the result.
    let warnings: [Diagnostic]
    let lints: [Diagnostic]
    let proof: [String]

    static func make(_ rules: ImportedRules, to result: ImportCommand.Result) async throws -> ImportResult {
        let files: [CompiledFile]
        switch result {
        case .ir: files = [CompiledFile(name: "rules.ir", text: rules.ruleset.text)]
        case .document, .policy:
            throw DiagnosticError(.refused, "not-a-policy", "rules that were read are no policy yet")
        }
        return ImportResult(
            rules: rules, files: files, warnings: rules.warnings, lints: lints(of: rules), proof: [])
    }

    /// What is to be said of the rules: those that never match, that nothing depends on, that contradict each other.
    private static func lints(of rules: ImportedRules) -> [Diagnostic] {
        let sources = rules.ruleset.scopes.flatMap(\.chains).flatMap(\.rules).map {
            RuleSource(id: $0.id, origin: $0.origin)
        }
        return FindLints.run(rules.ruleset, sources, now: Int64(time(nil))).findings.map(\.diagnostic)
    }
}
