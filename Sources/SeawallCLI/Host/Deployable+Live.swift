internal import ArgumentParser
internal import Deployment
internal import Diagnostics
internal import FirewallIR
internal import IPTablesBackend
internal import JSONC
internal import NFTablesBackend
internal import PolicyLoading

extension Deployable {
    /// Where the rules stand in the policy, by what the kernel holds of them.
    var sources: LiveRules.Sources {
        guard case .nft(let document, _) = emission else { return LiveRules.Sources(origins: origins) }
        return LiveRules.Sources(origins: origins, elements: NFTElementSources(document))
    }

    private var origins: [String: SourceLocation] {
        let rules = pipeline.ruleset.scopes.flatMap(\.chains).flatMap(\.rules)
        return Dictionary(rules.map { ($0.id, $0.origin) }) { first, _ in first }
    }

    /// The policy that is in force on this host, to be compared with what the kernel holds: it was proved when it was applied.
    ///
    /// - Returns: the state and its policy; nothing, if none of Seawall's is in force.
    /// - Throws: `DiagnosticError` if what is kept of it cannot be read.
    static func inForce(_ store: StateStore) async throws -> (state: AppliedState, deployable: Deployable)? {
        guard let state = try store.current() else { return nil }
        let bytes = Array(try store.document(of: state.number).text().utf8)
        let loader = PolicyLoader(options: .init(), installation: .find())
        let policy = try loader.load(document: bytes, named: store.documentPath(of: state.number))
        var watch = Stopwatch()
        let deployable = try await make(
            CompilationPipeline(.policy(policy)), state.settings, try EmissionProofOptions.parse(["--no-proof"]),
            &watch)
        return (state, deployable)
    }
}

extension DeploymentSettings {
    /// The layout that was asked for.
    var namedLayout: IPTablesLayout? { layout.flatMap { IPTablesLayout(rawValue: $0) } }
}
