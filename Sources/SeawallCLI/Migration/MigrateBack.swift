internal import Deployment
internal import Diagnostics
internal import FirewallIR
internal import JSONC

/// Puts the rules of a migration back into iptables: first they are there again, then the table goes.
struct MigrateBack {
    let host: ManagedHost
    /// The state that the migration led to.
    let migrated: AppliedState
    /// What it took out.
    let taken: [TakenRules]
    /// The state of Seawall's in iptables that was in force before; nothing, if none was.
    let former: AppliedState?
    /// What was done since so that the host is ready for Docker's own nft backend.
    var ready = ReadyRecord()

    /// The last migration of a host that nobody has gone back from.
    ///
    /// - Throws: `DiagnosticError` if there is none.
    static func find(_ host: ManagedHost) throws -> MigrateBack {
        guard let way = try inForce(host) else { throw DiagnosticError.nothingToMoveBack() }
        return way
    }

    /// The same; nothing, if there is none.
    static func inForce(_ host: ManagedHost) throws -> MigrateBack? {
        let states = try host.store.states()
        let ended = states.filter { $0.outcome == .confirmed }
        guard let migrated = ended.last(where: { $0.cause == .migrate || $0.cause == .migrateBack }),
            migrated.cause == .migrate, try host.store.current()?.settings.backend == .nft
        else { return nil }
        let taken = try host.store.taken(of: migrated.number)
        let before = ended.last { $0.number < migrated.number && $0.settings.backend == .iptables }
        return MigrateBack(
            host: host, migrated: migrated, taken: taken,
            former: taken.contains(where: \.holdsOwnRules) ? before : nil, ready: try host.store.readyNow())
    }

    /// Sees to it that no rules of others hang on our table: without it they would be gone.
    ///
    /// - Parameter host: the host.
    /// - Throws: `DiagnosticError` if a migration is in force.
    static func requireNone(on host: ManagedHost) throws {
        guard let way = try inForce(host), way.former == nil, !way.taken.isEmpty else { return }
        throw DiagnosticError.migrationInForce(way.migrated)
    }

    /// Does it; signals that ask for an end are not heard meanwhile.
    func run() async throws -> AppliedState {
        var watch = Stopwatch()
        var deployable: Deployable?
        if let former { deployable = try await Deployable.stored(former, host.store, &watch) }
        let formerDeployable = deployable
        var state = former ?? migrated
        state.cause = .migrateBack
        state.time = host.clock.now
        state.user = DeployRules.user
        var request = ChangeHost.Request(
            state, document: try host.store.document(of: state.number),
            source: try host.store.source(of: state.number),
            listeners: try host.store.listeners(of: state.number),
            load: { snapshot in try await self.load(formerDeployable, snapshot) },
            prove: {
                if let formerDeployable {
                    try await LiveProof(deployable: formerDeployable, host: host).run()
                } else {
                    try await TakeRulesOut(host).require(taken, isOut: false)
                }
            })
        request.taken = taken.map(\.reversed)
        request.readied = ready.places
        if former == nil { request.head = StateStore.Head() }
        let final = request
        return try await Interruption.heldOff { try await ChangeHost(host).run(final) }
    }

    private func load(_ former: Deployable?, _ snapshot: HostSnapshot) async throws -> ChangeHost.Loaded {
        try await MakeReady(host).undo(ready.places)
        var loaded = ChangeHost.Loaded(rules: taken.reduce(0) { $0 + $1.count })
        if let former {
            var watch = Stopwatch()
            let outcome = try await LoadRules(deployable: former, host: host).run(
                basis: ready.places.isEmpty ? snapshot : nil, &watch)
            loaded = ChangeHost.Loaded(rules: outcome.count, variant: outcome.variant)
            try await TakeRulesOut(host).removeAdded(taken)
        } else {
            try await TakeRulesOut(host).undo(taken)
        }
        try await RemoveOwnRules(host).fromNFTables()
        try await host.steps.reached(.tableRemoved)
        return loaded
    }

    /// The steps in words.
    var steps: [String] {
        let places = taken.map {
            "\($0.count == 1 ? "1 rule" : "\($0.count) rules") into DOCKER-USER of \($0.variant.name($0.family))"
        }
        let back =
            former.map { ["load state \($0.number) (\($0.policy)) into iptables"] }
            ?? places.map { "put \($0) back, in one transaction" }
        let policies = ready.places.map {
            "put back what `migrate --check docker-nftables --fix` took out of \($0.name), in one transaction"
        }
        return ["write down what is live, and that a change is under way"] + policies + back
            + ["remove the table inet seawall", "read iptables back, and compare"]
    }
}
