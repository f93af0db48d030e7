internal import Deployment
internal import Diagnostics
internal import FirewallIR
internal import IPTablesBackend
internal import NFTablesBackend
internal import Semantics

/// What of a policy is in force on a host, and what is not.
struct HostStatus {
    /// The policy, compiled as it was applied.
    let deployable: Deployable
    /// The state in which it was applied; nothing, if the policy was named by the user.
    let state: AppliedState?
    /// What is live as the state before, what is meant as the one after.
    let live: LivePlan
    /// The traffic that is treated otherwise than meant: the first side is what is meant.
    let comparison: LiveComparison
    /// What the other backend holds besides.
    let leftovers: [Diagnostic]
    /// Whether docker-proxy listens elsewhere than the twin at input was made for.
    var hasStaleTwin = false

    /// Reads the host.
    ///
    /// - Parameters:
    ///   - deployable: the policy, compiled.
    ///   - state: the state in which it was applied.
    ///   - host: the host.
    ///   - options: what counts as a difference.
    ///   - limit: how many differences are listed.
    /// - Returns: what was found.
    /// - Throws: `DiagnosticError` if the host cannot be read.
    static func read(
        _ deployable: Deployable, _ state: AppliedState?, on host: ManagedHost, _ options: ProofOptions, limit: Int
    ) async throws -> HostStatus {
        let live = try await deployable.meant(on: host)
        let comparison = LiveComparison.run(
            live.after, live.before, named: deployable.pipeline.ruleset.name, options, limit: limit)
        let known = try state.map { try host.store.listeners(of: $0.number) } ?? deployable.listeners
        return HostStatus(
            deployable: deployable, state: state, live: live, comparison: comparison,
            leftovers: try await LoadedState.leftovers(
                besides: deployable.settings.backend == .nft, tools: host.tools, nft: host.nft, in: host.namespace),
            hasStaleTwin: known != deployable.listeners)
    }
}

extension HostStatus {
    /// Whether the host holds what was applied, and nothing of ours besides.
    static func isInSync(_ deployable: Deployable, _ state: AppliedState, on host: ManagedHost) async throws -> Bool {
        let status = try await read(
            deployable, state, on: host, ProofOptions(strictness: .effects, budget: ProofOptions.usualBudget), limit: 1)
        return status.live.changesNothing && status.comparison.difference.changes.isEmpty
            && StatusProblem.all(status.live, reapply: "", prefix: "").isEmpty
    }
}

extension Deployable {
    /// What is live, and what is meant.
    fileprivate func meant(on host: ManagedHost) async throws -> LivePlan {
        switch emission {
        case .iptables(let programs):
            let programs = programs.sorted { $0.family < $1.family }
            let filters = try await LiveRules.filters(
                programs.map(\.family), variant: settings.variant, tools: host.tools, in: host.namespace)
            return try await LivePlan.meantIPTables(
                programs, layout: settings.namedLayout, filters: filters, tools: host.tools, in: host.namespace,
                sources: sources)
        case .nft(let document, let mark):
            return try await LivePlan.nft(
                document, runner: host.nft, wasMark: mark, willMark: mark, was: sources, will: sources)
        }
    }
}
