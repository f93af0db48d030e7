internal import Deployment
internal import Diagnostics
internal import FirewallIR
internal import IPTablesBackend
internal import JSONC
internal import NFTablesBackend
internal import Seawall
internal import Semantics

/// What would become of a host if a policy were applied to it; nothing is changed to find that out.
struct HostPlan {
    /// The policy, compiled.
    let deployable: Deployable
    /// What is live, and what would be.
    let live: LivePlan
    /// What would be loaded, and where.
    let targets: [PlannedTarget]
    /// What the user should know of it.
    let warnings: [Diagnostic]
    /// The variant of iptables that would be written.
    var variant: IPTablesVariant?

    /// Makes the plan.
    ///
    /// - Parameters:
    ///   - deployable: the policy, compiled.
    ///   - host: the host.
    ///   - withoutDocker: whether `DOCKER-USER` and its jump would be made where they are missing.
    ///   - comparesLines: whether the lines that would go and come are wanted.
    ///   - watch: is told how long each part takes.
    /// - Returns: the plan.
    /// - Throws: `DiagnosticError` where applying it would end with it.
    static func make(
        _ deployable: Deployable, on host: ManagedHost, withoutDocker: Bool, comparesLines: Bool,
        _ watch: inout Stopwatch
    ) async throws -> HostPlan {
        let applied = try await watch.during("applied policy") { try await Self.applied(deployable, host.store) }
        let was = Self.sources(applied, deployable)
        switch deployable.emission {
        case .iptables(let programs):
            let plan = try await watch.during("listing") {
                try await host.plan(programs, deployable, withoutDocker: withoutDocker)
            }
            let live = try await watch.during("reading") {
                try await LivePlan.iptables(
                    plan, tools: host.tools, in: host.namespace, was: was, will: deployable.sources)
            }
            return HostPlan(
                deployable: deployable, live: live, targets: .iptables(plan, live, comparesLines: comparesLines),
                warnings: plan.warnings, variant: plan.variant)
        case .nft(let document, let mark):
            let live = try await watch.during("listing") {
                try await LivePlan.nft(
                    document, runner: host.nft, wasMark: applied?.state.settings.mark ?? mark, willMark: mark, was: was,
                    will: deployable.sources)
            }
            let header = deployable.pipeline.header(nil)
            return HostPlan(
                deployable: deployable, live: live,
                targets: [.nft(document, live, header: header, comparesLines: comparesLines)], warnings: [])
        }
    }
}

extension HostPlan {
    /// What is known of the rules that are live: their places bear the number of the state, where they could be taken for
    /// those of the new policy.
    private static func sources(
        _ applied: (state: AppliedState, deployable: Deployable)?, _ deployable: Deployable
    ) -> LiveRules.Sources {
        guard let applied else { return deployable.sources }
        let own = applied.deployable.sources
        let isSame = own.origins == deployable.sources.origins
        return (isSame ? own : own.prefixed(statePrefix(applied.state.number))).completed(by: deployable.sources)
    }

    /// The policy in force; the planned one itself, if it is the same document.
    private static func applied(
        _ planned: Deployable, _ store: StateStore
    ) async throws -> (state: AppliedState, deployable: Deployable)? {
        guard let state = try store.current() else { return nil }
        let isSame = try store.document(of: state.number).text() == planned.pipeline.document.json.text()
        if isSame, state.settings.backend == planned.settings.backend { return (state, planned) }
        return try await Deployable.inForce(store)
    }

    /// The form `state 3: ` before the name of a file.
    private static func statePrefix(_ number: Int) -> String { "state \(number): " }

    /// A place as the user would write it: of the policy, of a former state, or of a chain in the kernel.
    func shown(_ location: SourceLocation, _ rules: LiveRules) -> SourceLocation {
        let isOfPolicy = !location.file.hasPrefix("state ") && !rules.places.contains { $0.owns(location) }
        return isOfPolicy ? deployable.pipeline.source.shown(location) : location
    }
}

extension ManagedHost {
    fileprivate func plan(
        _ programs: [IPTablesProgram], _ deployable: Deployable, withoutDocker: Bool
    ) async throws -> IPTablesPlan {
        let settings = deployable.settings
        let options = IPTablesOptions(
            layout: settings.namedLayout, withoutDocker: withoutDocker,
            header: ["seawall apply: policy \(deployable.pipeline.ruleset.name)"])
        return try await IPTablesApplier(tools: tools, variant: settings.variant, namespace: namespace)
            .plan(programs, options: options)
    }
}

extension LiveRules.Sources {
    /// The same, with what another policy knows of rules that this one does not.
    fileprivate func completed(by other: LiveRules.Sources) -> LiveRules.Sources {
        LiveRules.Sources(
            origins: origins.merging(other.origins) { own, _ in own }, elements: elements ?? other.elements)
    }
}
