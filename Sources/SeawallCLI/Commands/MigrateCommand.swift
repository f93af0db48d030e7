internal import ArgumentParser
internal import Deployment
internal import Diagnostics
internal import FirewallIR
internal import IPTablesBackend
internal import JSONC
internal import NFTablesBackend
internal import PacketModel

/// The command `seawall migrate`.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Move the rules of DOCKER-USER from iptables to nft.",
        discussion: """
            What stands in DOCKER-USER, for IPv4 and IPv6, becomes our nft table, proved to mean the same. The table is loaded \
            first and the rules are taken out afterwards; in between a packet has to pass both, so that nothing is ever left \
            open. Rules that cannot be moved, and those of programs that fill their chains again and again (fail2ban), stay, by \
            name; what nft and iptables then mean together is proved to be what iptables meant alone. It is one change: it is \
            undone if anything fails, 'seawall recover' ends one that was cut short, and --back puts the rules back.

            With --from the rules of a dump are moved on paper: -o DIR gets the policy, the table, the proof and the steps. \
            Needs root, but for that.
            """)

    @Flag(help: "Say what would be done, and touch nothing.")
    var plan = false

    @Flag(help: "Put the rules of the last migration back into iptables, and remove the table.")
    var back = false

    @Option(
        help:
            "Say what stands in the way of Docker's own nft backend on this host (docker-nftables), and touch nothing; exit code 1 if anything does."
    )
    var check: ReadinessGoal?

    @Flag(
        help:
            "With --check: take away of it what is Seawall's to take away, the policy DROP of FORWARD and a DOCKER-USER without rules; our nft table stops what the policy stopped."
    )
    var fix = false

    @Option(
        help: ArgumentHelp(
            "How long both are in force, and their counters are compared, before the rules are taken out; 0 for not at all.",
            valueName: "time"))
    var observe = ObservationArgument(.seconds(30))

    @Option(help: "The iptables that is moved: auto finds it by DOCKER-USER and its jump.")
    var variant = ApplyCommand.Variant.auto

    @Option(
        help: ArgumentHelp(
            "A mark that nothing on this host uses, by which ACCEPT is kept: nft sets it, and one rule in DOCKER-USER accepts it.",
            valueName: "value/mask"))
    var acceptMark: MarkArgument?

    @Option(help: ArgumentHelp("A further chain that others fill: rules that lead there stay.", valueName: "chain"))
    var keep: [String] = []

    @Option(
        help: ArgumentHelp(
            "A chain that is moved although its name is that of a program that fills its chains: where nobody fills it any more.",
            valueName: "chain"))
    var move: [String] = []

    @Flag(help: "Judge at the input hook as well what docker-proxy accepts: more than DOCKER-USER did.")
    var twin = false

    @Option(
        help: ArgumentHelp(
            "Read what iptables-save printed, and no host; once for each family.", valueName: "file"),
        completion: .file())
    var from: [String] = []

    @Option(
        name: [.customShort("o"), .long],
        help: ArgumentHelp(
            "A folder for the policy, the table as JSON and as text, the proof and the steps.", valueName: "folder"),
        completion: .directory)
    var output: String?

    @Option(help: ArgumentHelp("The name of the policy's type.", valueName: "name"))
    var name = "Migrated"

    @Option(
        help: ArgumentHelp(
            "How many edges the decision diagrams of the proofs may have before they are given up, and nothing is moved.",
            valueName: "edges"))
    var budget = 60_000_000

    @Flag(help: "Say how long each part took.")
    var timings = false

    @Flag(help: "Write no systemd units: a start of the host does not load the table then.")
    var noInstall = false

    @OptionGroup var target: UnitOptions
    @OptionGroup var wayBack: WayBackOptions
    @OptionGroup var kernel: KernelOptions
    @OptionGroup var outputOptions: OutputOptions

    func validate() throws {
        guard budget > 0 else { throw ValidationError("--budget: expected at least 1 edge") }
        if !from.isEmpty {
            guard output != nil else { throw ValidationError("--from writes files: name a folder with -o") }
            guard !back, !plan, kernel.netns == nil, wayBack.confirmWithin == nil, !twin else {
                throw ValidationError(
                    "--from reads no host: leave out --back, --plan, --netns, --twin and --confirm-within")
            }
        }
        try validateCheck()
        if back,
            output != nil || wayBack.confirmWithin != nil || acceptMark != nil || twin || !keep.isEmpty || !move.isEmpty
        {
            throw ValidationError("--back goes to what was before: of the other options it takes --plan and --netns")
        }
        if let chain = keep.first(where: move.contains) {
            throw ValidationError("--keep and --move both name the chain '\(chain)'")
        }
        if plan, wayBack.confirmWithin != nil {
            throw ValidationError("--plan changes nothing that could be confirmed: leave out --confirm-within")
        }
    }

    private func validateCheck() throws {
        guard check != nil else {
            if fix { throw ValidationError("--fix is for what --check docker-nftables finds: name that as well") }
            return
        }
        if back || !from.isEmpty || output != nil {
            throw ValidationError("--check is about Docker's own nft backend: leave out --back, --from and -o")
        }
        if !fix, plan || wayBack.confirmWithin != nil {
            throw ValidationError("--check touches nothing, and takes --netns and --json alone, or --fix")
        }
    }

    func run() async throws {
        if fix { return try await makeReady() }
        if check != nil { return try await sayWhatStandsInTheWay() }
        if !from.isEmpty { return try await offline() }
        if back { return try await moveBack() }
        var watch = Stopwatch()
        let host = ManagedHost(kernel.namespace)
        let view = try await watch.during("facts") { try await HostView.read(host) }
        let made = try await make(host, view, &watch)
        var report = MigrationReport(plan: made, timings: timings)
        report.findings = view.findings(made.deployable, nil)
        report.paths = try await write(report)
        report.writesUnits = writesUnits
        if !plan {
            let migrate = MigrateHost(host: host, plan: made, confirmWithin: wayBack.confirmWithin?.duration)
            report.outcome = try await Progress.during("moving the rules") { try await migrate.run(watch) }
            try await writeUnits(host, &report)
        }
        try say(report)
    }

    /// Whether the systemd units are written: those of this host, or below another root.
    private var writesUnits: Bool {
        !noInstall && (target.root != "/" || kernel.netns == nil && UnitOptions.systemdRuns)
    }

    /// Writes the units; the rules have moved by then, so that a failure is said and undoes nothing.
    private func writeUnits(_ host: ManagedHost, _ report: inout MigrationReport) async throws {
        guard writesUnits else { return }
        do {
            report.units = try MigrationUnits(target.units, host.store.directory).write()
            _ = try await target.reload()
        } catch let error as DiagnosticError {
            report.findings += error.diagnostics.map { Diagnostic.bootFilesNotWritten($0) }
        }
    }

    private func make(_ host: ManagedHost, _ view: HostView, _ watch: inout Stopwatch) async throws -> MigrationPlan {
        var options = try self.options
        if options.acceptMark != nil {
            let marked = try await MarkedTables.read(host)
            (options.tables, options.markUses) = (marked.tables, marked.uses)
        }
        let filters = try await watch.during("listing") {
            try await LiveRules.filters(
                AddressFamily.allCases, variant: options.variant, tools: host.tools, in: host.namespace)
        }
        guard let state = try host.store.current() else {
            return try await MigrationPlan.importing(filters, view, options, &watch)
        }
        guard state.settings.backend == .iptables else { throw DiagnosticError.nftInForce(state) }
        return try await MigrationPlan.moving(state, on: host, filters, view, options, &watch)
    }

    private var options: MigrationOptions {
        get throws {
            var options = MigrationOptions(proof: try EmissionProofOptions.parse(["--budget", String(budget)]))
            options.variant = IPTablesVariantChoice(rawValue: variant.rawValue) ?? .auto
            options.name = name
            options.acceptMark = acceptMark?.mark
            options.keptChains = keep
            options.movedChains = move
            options.hasTwin = twin
            options.observation = observe.duration
            options.namespace = kernel.netns
            return options
        }
    }

    // MARK: - On paper

    private func offline() async throws {
        var watch = Stopwatch()
        let dump = try MigrationDump.read(from, variant == .nft ? .nft : .legacy)
        var options = try self.options
        options.tables = dump.tables
        let made = try await MigrationPlan.importing(dump.filters, nil, options, &watch)
        var report = MigrationReport(plan: made)
        report.paths = try await write(report)
        try say(report)
    }

    private func write(_ report: MigrationReport) async throws -> [String] {
        guard let output else { return [] }
        let files = try await MigrationFiles.make(report, name: name, from: from.isEmpty ? ["this host"] : from)
        let paths = try OutputFiles.paths(of: files, named: output.hasSuffix("/") ? output : output + "/")
        for file in from { try OutputFiles.check(paths, keep: file) }
        try OutputFiles.write(zip(paths, files).map { ($0, $1.text) })
        return paths
    }

    private func say(_ report: MigrationReport) throws {
        if outputOptions.json { return try Terminal.write(Report.text(report.json)) }
        Terminal.show(report.warnings)
        try Terminal.write(report.text)
    }

    private func sayWhatStandsInTheWay() async throws {
        let report = try await ReadinessReport.read(ManagedHost(kernel.namespace))
        if outputOptions.json {
            try Terminal.write(Report.text(report.json))
        } else {
            Terminal.show(report.findings)
            try Terminal.write(report.text)
        }
        if report.obstacles > 0 { throw ExitCode(1) }
    }

    private func makeReady() async throws {
        let host = ManagedHost(kernel.namespace)
        var watch = Stopwatch()
        let leftovers = try await DockerLeftovers.read(host, try await HostView.read(host).facts)
        var report = ReadyReport(left: leftovers.left)
        if !leftovers.parts.isEmpty {
            let made = try await ReadyPlan.make(host, leftovers, &watch)
            report.plan = made
            if !plan {
                let ready = ReadyHost(host: host, confirmWithin: wayBack.confirmWithin?.duration)
                report.state = try await Progress.during("making the host ready") { try await ready.run(made) }
            }
        }
        let readiness = plan ? nil : try await ReadinessReport.read(host)
        report.readiness = readiness
        if outputOptions.json {
            try Terminal.write(Report.text(report.json))
        } else {
            Terminal.show(report.findings)
            try Terminal.write(report.text)
        }
        if let readiness, readiness.obstacles > 0 { throw ExitCode(1) }
    }

    // MARK: - The way back

    private func moveBack() async throws {
        let host = ManagedHost(kernel.namespace)
        let ready = try host.store.readyNow()
        if !ready.isEmpty { try ready.requireComesBack(try await HostView.read(host)) }
        if !ready.isEmpty, try MigrateBack.inForce(host) == nil { return try await undoReady(host, ready) }
        let way = try MigrateBack.find(host)
        if plan {
            let report: JSONValue = ["outcome": "planned", "steps": .array(way.steps.map(JSONValue.string))]
            let text = way.steps.enumerated().map { "  \($0 + 1). \($1)\n" }.joined()
            return try Terminal.write(outputOptions.json ? Report.text(report) : "steps\n" + text)
        }
        let state = try await way.run()
        let acts = try MigrationUnits(target.units, host.store.directory).takeBack()
        if !acts.isEmpty { _ = try await target.reload() }
        if outputOptions.json {
            return try Terminal.write(
                Report.text([
                    "outcome": "moved-back", "state": .integer(Int64(state.number)),
                    "files": InstallationReport.json(acts),
                ]))
        }
        try Terminal.write(
            "the rules are in DOCKER-USER again, and the table inet seawall is gone\n"
                + (way.former == nil ? "" : "state \(state.number) is in force\n") + InstallationReport.text(acts))
    }

    /// Nothing was moved to nft: what was done to make the host ready for Docker's own is undone alone.
    private func undoReady(_ host: ManagedHost, _ ready: ReadyRecord) async throws {
        guard let state = try host.store.current() else { throw DiagnosticError.nothingToMoveBack() }
        let names = ready.places.map(\.name)
        if plan {
            let steps = names.map { "put back what was taken out of \($0), in one transaction" }
            let report: JSONValue = ["outcome": "planned", "steps": .array(steps.map(JSONValue.string))]
            let text = steps.enumerated().map { "  \($0 + 1). \($1)\n" }.joined()
            return try Terminal.write(outputOptions.json ? Report.text(report) : "steps\n" + text)
        }
        let back = try await ReadyHost(host: host).undo(state)
        if outputOptions.json {
            return try Terminal.write(Report.text(["outcome": "moved-back", "state": .integer(Int64(back.number))]))
        }
        try Terminal.write(
            names.map { "\($0): FORWARD is as it was\n" }.joined() + "state \(back.number) is in force\n")
    }
}
