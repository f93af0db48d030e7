internal import ArgumentParser
internal import Deployment
internal import Diagnostics
internal import FirewallIR
internal import JSONC

/// The command `seawall apply`.
struct ApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Load a policy into the kernel.",
        discussion: """
            One transaction for each family (iptables) or for the table (nft), read back and proved to be the policy afterwards; \
            if it is not, or if anything fails, the host goes back to what was before. With --confirm-within it also goes back \
            unless 'seawall confirm' comes in time: a process of its own sees to that, whatever becomes of this one.

            With iptables the rules go into DOCKER-USER, which has to be there and to be reached from FORWARD; rules of others in \
            it stay. With nft nothing is done if the table is as wanted, and if only elements of sets differ, only these are \
            changed. Every state is kept: see 'seawall history' and 'seawall rollback'. Needs root.
            """)

    /// Which iptables holds Docker's rules.
    enum Variant: String, ExpressibleByArgument, CaseIterable { case auto, legacy, nft }

    /// Where the rules of iptables begin.
    enum Layout: String, ExpressibleByArgument, CaseIterable {
        case auto
        case dockerUser = "docker-user"
        case ownChain = "own-chain"
    }

    @OptionGroup var policy: OptionalPolicyOptions
    @OptionGroup var target: HostTargetOptions

    @Flag(help: "Bring the twin at input of the state in force up to date with what docker-proxy listens on.")
    var refreshTwin = false

    @Flag(help: "Put right what has drifted from the state in force.")
    var repair = false

    @Flag(help: "Show what would be loaded, check it, and change nothing.")
    var dryRun = false

    @Flag(help: "Load the whole nft table, also where changing elements of its sets would do.")
    var replace = false

    @Flag(help: "Say how long each part took.")
    var timings = false

    @OptionGroup var wayBack: WayBackOptions
    @OptionGroup var proofOptions: EmissionProofOptions
    @OptionGroup var kernel: KernelOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if refreshTwin || repair {
            guard policy.policy == nil, target.backend == nil, refreshTwin != repair else {
                throw ValidationError(
                    "--refresh-twin and --repair are each about the state in force: leave out the policy, --backend and the other one"
                )
            }
            return
        }
        guard policy.policy != nil else { throw ValidationError("Missing expected argument '<policy>'") }
        let backend = try target.required()
        if dryRun, wayBack.confirmWithin != nil {
            throw ValidationError("--dry-run changes nothing that could be confirmed: leave out --confirm-within")
        }
        if backend == .iptables, replace {
            throw ValidationError("--replace is for nft: iptables' chains are always loaded whole")
        }
    }

    func run() async throws {
        if refreshTwin || repair { return try await maintain() }
        var watch = Stopwatch()
        let host = ManagedHost(kernel.namespace)
        let options = target.backendOptions
        let seen = Task { try await HostView.read(host) }
        let pipeline = try await watch.during("compile") {
            try await CompilationPipeline(
                try policy.load(family: options.family?.family, acceptMark: options.acceptMark))
        }
        let view = try await watch.during("facts") { try await seen.value }
        let ready = try host.store.readyNow()
        if target.backend == .iptables, !ready.isEmpty {
            throw DiagnosticError.readyInForce(try host.store.head().current)
        }
        let deployable = try await Deployable.make(
            pipeline, settings, listeners: view.listeners, guards: ready.guards, proofOptions, &watch)
        let load = LoadRules(
            deployable: deployable, host: host, withoutDocker: target.withoutDocker, isReplacing: replace,
            dryRun: dryRun)
        try await Progress.during("loading the rules") { try await deploy(load, view, .apply, watch) }
    }

    /// How the policy is compiled and loaded.
    private var settings: DeploymentSettings {
        var settings = target.settings
        settings.namespace = kernel.netns
        return settings
    }

    /// Brings the state in force up to date, or back.
    private func maintain() async throws {
        let host = ManagedHost(kernel.namespace)
        guard let state = try host.store.current() else { throw DiagnosticError.nothingInForce() }
        var watch = Stopwatch()
        let view = try await watch.during("facts") { try await HostView.read(host) }
        if refreshTwin, try !state.settings.hasTwin || host.store.listeners(of: state.number) == view.listeners {
            return try sayNothingToDo("the twin of state \(state.number) is up to date")
        }
        let deployable = try await Deployable.stored(state, host.store, listeners: view.listeners, &watch)
        if repair, try await HostStatus.isInSync(deployable, state, on: host) {
            return try sayNothingToDo("in sync with state \(state.number): nothing to repair")
        }
        let load = LoadRules(deployable: deployable, host: host, withoutDocker: repair, dryRun: dryRun)
        try await deploy(load, view, refreshTwin ? .refresh : .repair, watch)
    }

    private func sayNothingToDo(_ text: String) throws {
        try Terminal.write(
            output.json ? Report.text(["outcome": "nothing", "text": .string(text), "diagnostics": []]) : text + "\n")
    }

    /// Loads the rules, or shows what would be loaded, and says so.
    private func deploy(
        _ load: LoadRules, _ view: HostView, _ cause: AppliedState.Cause, _ watch: Stopwatch
    ) async throws {
        var watch = watch
        var report = DeploymentReport(load: load, timings: timings)
        if dryRun {
            report.loaded = try await load.run(basis: nil, &watch)
        } else {
            let deploy = DeployRules(
                load: load, cause: cause, confirmWithin: wayBack.confirmWithin?.duration,
                ready: try load.host.store.readyNow())
            let outcome = try await deploy.run(watch)
            (report.loaded, report.state, watch) = (outcome.loaded, outcome.state, outcome.watch)
        }
        report.leftovers = try await watch.during("leftovers") { try await load.leftovers() }
        report.findings = view.findings(load.deployable, report.loaded.variant)
        try report.write(json: output.json, watch)
    }
}

extension DiagnosticError {
    fileprivate static func nothingInForce() -> DiagnosticError {
        DiagnosticError(
            .host, "nothing-in-force",
            "no state of Seawall's is in force on this host: apply a policy first",
            notes: ["SEAWALL_STATE_DIR names another folder for what Seawall keeps of this host"])
    }
}
