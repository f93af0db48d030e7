internal import FirewallIR
internal import Importing
internal import JSONC
internal import PolicyLoading
internal import Seawall

extension CompilationPipeline {
    /// The same as it is kept in the state directory: rules that somebody else wrote as a policy document.
    ///
    /// So rules bear the same identifiers when they are loaded and when they are looked for later.
    ///
    /// - Throws: `DiagnosticError` if the document cannot be compiled.
    func asKept() throws -> CompilationPipeline {
        guard case .rules(let rules) = source else { return self }
        let bytes = Array(document.json.text().utf8)
        let loader = PolicyLoader(options: .init(), installation: .find())
        let policy = try loader.load(document: bytes, named: rules.ruleset.name + ".json")
        return try CompilationPipeline(.policy(policy)).warning(warnings)
    }
}
