internal import ArgumentParser
internal import Deployment
internal import Diagnostics
internal import FirewallIR
internal import PacketModel
internal import Semantics

/// The command `seawall plan`.
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Say what applying a policy would change on this host.",
        discussion: """
            What the kernel holds now is compared with what it would hold: which traffic changes, by the port that is dialled, \
            and by which rule. Rules of others in DOCKER-USER are part of both. Nothing is changed. Needs root.

            The exit code is 0 if there is nothing to do; 1 if traffic changes, or if rules would be loaded that change none; 5 if \
            rules would be loaded and it could not be found out whether traffic changes.
            """)

    @OptionGroup var policy: PolicyOptions
    @OptionGroup var target: HostTargetOptions

    @Flag(help: "Show the lines that would go and come, and what would be handed to the tools.")
    var text = false

    @Option(help: ArgumentHelp("How many changes are listed; the others are counted.", valueName: "number"))
    var limit = 100

    @Option(
        help: """
            What counts as a change: the verdict, where a reject counts as a drop (verdict); and how a rejected packet is \
            answered (reject); and log lines and marks (effects).
            """)
    var strictness = Strictness.reject

    @Flag(help: "Say how long each part took.")
    var timings = false

    @OptionGroup var proofOptions: EmissionProofOptions
    @OptionGroup var kernel: KernelOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        _ = try target.required()
        guard limit > 0 else { throw ValidationError("--limit: expected at least 1 change") }
    }

    func run() async throws {
        var watch = Stopwatch()
        let host = ManagedHost(kernel.namespace)
        let options = target.backendOptions
        let seen = Task { try await HostView.read(host) }
        let pipeline = try await watch.during("compile") {
            try await CompilationPipeline(policy, family: options.family?.family, acceptMark: options.acceptMark)
        }
        let view = try await watch.during("facts") { try await seen.value }
        let ready = try host.store.readyNow()
        if target.backend == .iptables, !ready.isEmpty {
            throw DiagnosticError.readyInForce(try host.store.head().current)
        }
        let deployable = try await Deployable.make(
            pipeline, target.settings, listeners: view.listeners, guards: ready.guards, proofOptions, &watch)
        let plan = try await HostPlan.make(
            deployable, on: host, withoutDocker: target.withoutDocker, comparesLines: text, &watch)
        let comparison = await watch.during("comparing") {
            await Progress.during("comparing what is live with '\(pipeline.ruleset.name)'") {
                LiveComparison.run(
                    plan.live.before, plan.live.after, named: pipeline.ruleset.name,
                    ProofOptions(strictness: strictness, budget: proofOptions.budget), limit: limit)
            }
        }
        var report = HostPlanReport(plan: plan, comparison: comparison)
        report.showsText = text
        report.findings =
            try await watch.during("leftovers") { try await findings(host) } + view.findings(deployable, plan.variant)
        if timings { report.watch = watch }
        if output.json {
            try Terminal.write(Report.text(report.json))
        } else {
            Terminal.show(report.warnings)
            try Terminal.write(report.text)
        }
        if report.outcome != .nothing { throw ExitCode(report.outcome.exitCode) }
    }

    /// What is said of the host besides: what the other backend still holds.
    private func findings(_ host: ManagedHost) async throws -> [Diagnostic] {
        try await LoadedState.leftovers(
            besides: target.backend == .nft, tools: host.tools, nft: host.nft, in: host.namespace)
    }
}
