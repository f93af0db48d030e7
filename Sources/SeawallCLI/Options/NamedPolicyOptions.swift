internal import ArgumentParser
internal import Deployment
internal import Diagnostics
internal import FirewallIR
internal import IPTablesBackend
internal import PacketModel
internal import PolicyLoading

/// The policy that is expected on a host: the one that was applied, unless one is named.
struct NamedPolicyOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The policy to expect, with --backend, in place of the one that was applied.", valueName: "policy"),
        completion: .file())
    var policy: String?

    @Option(help: "With --policy: iptables or nft.")
    var backend: Backend?

    @Option(help: "With --policy: the iptables that holds Docker's rules.")
    var variant = ApplyCommand.Variant.auto

    @Option(help: "With --policy: where its rules begin.")
    var layout = ApplyCommand.Layout.auto

    @OptionGroup var setOptions: SetOptions
    @OptionGroup var backendOptions: BackendOptions
    @OptionGroup var optimization: OptimizationOptions
    @OptionGroup var evaluation: EvaluationOptions

    func validate() throws {
        guard (policy == nil) == (backend == nil) else {
            throw ValidationError(
                "--policy and --backend go together: without both, the policy that was applied is meant")
        }
    }

    /// The policy, compiled as it is expected on the host, and the state in which it was applied, unless it was named.
    ///
    /// - Throws: `DiagnosticError` if none was named, and none is in force.
    func load(
        _ host: ManagedHost, netns: String?, listeners: [ProxyListener]? = nil
    ) async throws -> (deployable: Deployable, state: AppliedState?) {
        guard let policy, let backend else {
            guard let found = try await Deployable.inForce(host.store, listeners: listeners) else {
                throw DiagnosticError.noPolicyInForce()
            }
            return (found.deployable, found.state)
        }
        let source = try await RulesSource.load(
            policy, evaluation,
            ReadingOptions.parse([]).options(
                family: backendOptions.family?.family, acceptMark: backendOptions.acceptMark))
        var watch = Stopwatch()
        let deployable = try await Deployable.make(
            CompilationPipeline(source), settings(backend, netns), listeners: listeners ?? [],
            guards: backend == .nft ? try host.store.readyNow().guards : [],
            try EmissionProofOptions.parse(["--no-proof"]), &watch)
        return (deployable, nil)
    }

    private func settings(_ backend: Backend, _ netns: String?) -> DeploymentSettings {
        var settings = DeploymentSettings(backend == .nft ? .nft : .iptables)
        if backend == .iptables { settings.families = backendOptions.families }
        settings.variant = IPTablesVariantChoice(rawValue: variant.rawValue) ?? .auto
        settings.layout = IPTablesLayout(rawValue: layout.rawValue)?.rawValue
        settings.acceptMark = backendOptions.acceptMark?.text
        settings.usesSets = setOptions.ipset
        settings.isLineByLine = optimization.noOptimize
        settings.countsRules = optimization.counters == .rule
        settings.hasTwin = true
        settings.namespace = netns
        return settings
    }
}

extension DiagnosticError {
    fileprivate static func noPolicyInForce() -> DiagnosticError {
        DiagnosticError(
            .host, "no-policy-in-force",
            "by what Seawall keeps of this host no policy of its is in force: there is nothing that it could be compared with",
            notes: [
                "`seawall history` lists what was applied; --policy and --backend name what is expected",
                "SEAWALL_STATE_DIR names another folder for what Seawall keeps of this host",
            ])
    }
}
