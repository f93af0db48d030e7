internal import ArgumentParser
internal import Deployment
internal import Diagnostics
internal import FirewallIR
internal import IPTablesBackend
internal import JSONC
internal import NFTablesBackend

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
}

extension DeploymentSettings {
    /// The layout that was asked for.
    var namedLayout: IPTablesLayout? { layout.flatMap { IPTablesLayout(rawValue: $0) } }
}
