internal import ArgumentParser
internal import Deployment
internal import Diagnostics
internal import IPTablesBackend
internal import JSONC
internal import NFTablesBackend

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

    @OptionGroup var policy: PolicyOptions

    @Option(help: "iptables or nft.")
    var backend: Backend

    @Option(help: "The iptables that holds Docker's rules: auto finds it by DOCKER-USER and its jump.")
    var variant = Variant.auto

    @Option(
        help: "DOCKER-USER itself (docker-user), a chain SEAWALL (own-chain), or as others' rules in it ask for (auto)."
    )
    var layout = Layout.auto

    @Flag(help: "Make DOCKER-USER and its jump where they are missing: for machines whose Docker starts later.")
    var withoutDocker = false

    @Flag(help: "Show what would be loaded, check it, and change nothing.")
    var dryRun = false

    @Flag(help: "Load the whole nft table, also where changing elements of its sets would do.")
    var replace = false

    @Flag(help: "Say how long each part took.")
    var timings = false

    @OptionGroup var wayBack: WayBackOptions
    @OptionGroup var setOptions: SetOptions
    @OptionGroup var backendOptions: BackendOptions
    @OptionGroup var optimization: OptimizationOptions
    @OptionGroup var proofOptions: EmissionProofOptions
    @OptionGroup var kernel: KernelOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if dryRun, wayBack.confirmWithin != nil {
            throw ValidationError("--dry-run changes nothing that could be confirmed: leave out --confirm-within")
        }
        guard backend == .nft else {
            if replace { throw ValidationError("--replace is for nft: iptables' chains are always loaded whole") }
            return
        }
        if backendOptions.family != nil {
            throw ValidationError("--family is for iptables: our nft table serves both families")
        }
        if setOptions.ipset { throw ValidationError("--ipset is for iptables: nft has sets of its own") }
        if variant != .auto || layout != .auto || withoutDocker {
            throw ValidationError("--variant, --layout and --without-docker are for iptables")
        }
    }

    func run() async throws {
        var watch = Stopwatch()
        let host = ManagedHost(kernel.namespace)
        let pipeline = try await watch.during("compile") {
            try await CompilationPipeline(
                policy, family: backendOptions.family?.family, acceptMark: backendOptions.acceptMark)
        }
        let deployable = try await Deployable.make(pipeline, settings, proofOptions, &watch)
        let load = LoadRules(
            deployable: deployable, host: host, withoutDocker: withoutDocker, isReplacing: replace, dryRun: dryRun)
        try await Progress.during("loading the rules") { try await load.deploy(watch, self) }
    }

    /// How the policy is compiled and loaded.
    private var settings: DeploymentSettings {
        var settings = DeploymentSettings(backend == .nft ? .nft : .iptables)
        settings.families = backendOptions.families
        settings.variant = IPTablesVariantChoice(rawValue: variant.rawValue) ?? .auto
        settings.layout = IPTablesLayout(rawValue: layout.rawValue)?.rawValue
        settings.acceptMark = backendOptions.acceptMark?.text
        settings.usesSets = setOptions.ipset
        settings.isLineByLine = optimization.noOptimize
        settings.countsRules = optimization.counters == .rule
        settings.namespace = kernel.netns
        return settings
    }
}

extension LoadRules {
    /// Loads the rules, or shows what would be loaded, and says so.
    fileprivate func deploy(_ watch: Stopwatch, _ command: ApplyCommand) async throws {
        var watch = watch
        var report = DeploymentReport(load: self, timings: command.timings)
        if dryRun {
            report.loaded = try await run(basis: nil, &watch)
        } else {
            let deploy = DeployRules(
                load: self, cause: .apply, confirmWithin: command.wayBack.confirmWithin?.duration)
            let outcome = try await deploy.run(watch)
            (report.loaded, report.state, watch) = (outcome.loaded, outcome.state, outcome.watch)
        }
        report.leftovers = try await watch.during("leftovers") { try await leftovers() }
        try report.write(json: command.output.json, watch)
    }
}
