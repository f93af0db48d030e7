internal import ArgumentParser
internal import Deployment
internal import Diagnostics
internal import JSONC

/// The command `seawall rollback`.
struct RollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback", abstract: "Go back to a former state.",
        discussion: """
            While a change waits to be confirmed, it is taken back at once: the host is exactly as it was before. Otherwise the \
            state before the present one is applied again, or the one that --to names, as 'seawall history' numbers them. Needs \
            root.
            """)

    @Option(help: ArgumentHelp("The state to go back to.", valueName: "number"))
    var to: Int?

    @OptionGroup var wayBack: WayBackOptions
    @OptionGroup var kernel: KernelOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let host = ManagedHost(kernel.namespace)
        if to == nil, let undone = try await Interruption.heldOff({ try await UndoUnconfirmed(host).run() }) {
            if output.json {
                let report: JSONValue = ["outcome": "undone", "state": .integer(Int64(undone))]
                return try Terminal.write(Report.text(report))
            }
            return try Terminal.write("state \(undone) is taken back: the host is as it was before\n")
        }
        let state = try former(host.store)
        var watch = Stopwatch()
        let view = try await HostView.read(host)
        let former = try host.store.ready(of: state.number)
        let present = try host.store.readyNow()
        // What was done to make the host ready for Docker's own nft backend stays where the state has it as well.
        let undoing = former.isEmpty ? present.places : []
        let ready = former.isEmpty || !present.isEmpty ? present : ReadyRecord(guards: former.guards)
        if !undoing.isEmpty { try present.requireComesBack(view) }
        let deployable = try await Deployable.stored(
            state, host.store, listeners: view.listeners, guards: undoing.isEmpty ? ready.guards : [], &watch)
        let load = LoadRules(deployable: deployable, host: host, isAlone: true)
        let deploy = DeployRules(
            load: load, cause: .rollback(to: state.number), confirmWithin: wayBack.confirmWithin?.duration,
            ready: undoing.isEmpty ? ready : ReadyRecord(), undoing: undoing)
        let outcome = try await deploy.run(watch)
        var report = DeploymentReport(load: load)
        (report.loaded, report.state) = (outcome.loaded, outcome.state)
        report.leftovers = try await load.leftovers()
        report.findings = view.findings(deployable, outcome.loaded.variant)
        try report.write(json: output.json, outcome.watch)
    }

    /// The state that is named, or the last confirmed one before the present one.
    private func former(_ store: StateStore) throws -> AppliedState {
        if let to {
            guard let state = try store.state(to) else {
                throw DiagnosticError(
                    .unreadable, "no-such-state",
                    "there is no state \(to): `seawall history` lists those that are kept")
            }
            return state
        }
        let head = try store.head()
        let states = try store.states()
        let isReady = try !store.readyNow().isEmpty
        guard let present = head.current,
            let former = try states.last(where: { state in
                guard state.number < present, state.outcome == .confirmed, state.cause != .migrateBack else {
                    return false
                }
                return try isReady || store.ready(of: state.number).isEmpty
            })
        else {
            throw DiagnosticError(
                .unreadable, "no-former-state",
                "there is no former state to go back to: `seawall history` lists those that are kept")
        }
        return former
    }
}
