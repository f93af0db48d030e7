internal import Deployment
internal import Diagnostics
internal import FirewallIR
internal import IPTablesBackend

/// What Seawall sees of a host before it changes anything.
struct HostView {
    /// The facts.
    let facts: HostFacts

    /// The sockets on which docker-proxy listens.
    var listeners: [ProxyListener] { facts.proxyListeners }

    /// Reads the facts of a host.
    static func read(_ host: ManagedHost) async throws -> HostView {
        HostView(facts: try await HostFacts.read(.host(namespace: host.namespace)))
    }

    /// What the policy and the host say of each other.
    ///
    /// - Parameters:
    ///   - deployable: the policy.
    ///   - variant: the variant of iptables that is written, if it is iptables.
    /// - Returns: warnings at the user's own lines.
    func findings(_ deployable: Deployable, _ variant: IPTablesVariant?) -> [Diagnostic] {
        let settings = deployable.settings
        let target: HostFindings.Target = settings.backend == .nft ? .nft : .iptables(variant ?? .legacy)
        let found = HostFindings.find(
            policy: deployable.pipeline.ruleset, facts: facts, target: target, acceptMark: settings.mark,
            hasTwin: settings.hasTwin)
        return deployable.pipeline.source.located(found)
    }
}
