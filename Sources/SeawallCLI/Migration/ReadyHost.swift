internal import Deployment
internal import Diagnostics
internal import FirewallIR
internal import JSONC

/// Makes a host ready for Docker's own nft backend, or undoes that: one change, with its journal, its watchdog and its way back.
struct ReadyHost {
    let host: ManagedHost
    var confirmWithin: Duration?

    /// Does what was planned; signals that ask for an end are not heard meanwhile.
    ///
    /// - Throws: `DiagnosticError`; the host is as it was before then, or the error says that it is not.
    func run(_ plan: ReadyPlan) async throws -> AppliedState {
        let deployable = plan.deployable
        let places = plan.added.places
        var request = try request(
            plan.state, .dockerNFTables,
            load: { snapshot in
                try await MakeReady(host).requireUntouched(places)
                var watch = Stopwatch()
                // What the policies stopped has to be stopped before they go.
                let loaded = try await LoadRules(deployable: deployable, host: host).run(basis: snapshot, &watch)
                try await LiveProof(deployable: deployable, host: host).run()
                try await host.steps.reached(.tableProved)
                try await MakeReady(host).run(places)
                return ChangeHost.Loaded(rules: loaded.count)
            },
            prove: {
                try await LiveProof(deployable: deployable, host: host).run()
                try await MakeReady(host).require(places)
            })
        request.readied = places
        request.ready = plan.record
        return try await run(request)
    }

    /// Puts all back: first the policies of FORWARD stop again, then our table needs not.
    ///
    /// - Parameter state: the state in force.
    /// - Returns: the state that follows it.
    /// - Throws: `DiagnosticError`; the host is as it was before then, or the error says that it is not.
    func undo(_ state: AppliedState) async throws -> AppliedState {
        let places = try host.store.ready(of: state.number).places
        var watch = Stopwatch()
        let deployable = try await Deployable.stored(state, host.store, guards: [], &watch)
        var request = try request(
            state, .dockerNFTablesBack,
            load: { snapshot in
                try await MakeReady(host).undo(places)
                var watch = Stopwatch()
                let loaded = try await LoadRules(deployable: deployable, host: host).run(basis: snapshot, &watch)
                return ChangeHost.Loaded(rules: loaded.count)
            },
            prove: { try await LiveProof(deployable: deployable, host: host).run() })
        request.readied = places
        return try await run(request)
    }

    private func request(
        _ state: AppliedState, _ cause: AppliedState.Cause,
        load: @escaping @Sendable (HostSnapshot) async throws -> ChangeHost.Loaded,
        prove: @escaping @Sendable () async throws -> Void
    ) throws -> ChangeHost.Request {
        var next = state
        next.cause = cause
        next.time = host.clock.now
        next.user = DeployRules.user
        next.window = nil
        return ChangeHost.Request(
            next, document: try host.store.document(of: state.number), source: try host.store.source(of: state.number),
            listeners: try host.store.listeners(of: state.number), confirmWithin: confirmWithin, load: load,
            prove: prove)
    }

    private func run(_ request: ChangeHost.Request) async throws -> AppliedState {
        try await Interruption.heldOff { try await ChangeHost(host).run(request) }
    }
}

extension ReadyRecord {
    /// Sees to it that the policies of FORWARD may come back.
    ///
    /// - Throws: `DiagnosticError` if they would stop all that Docker forwards.
    func requireComesBack(_ view: HostView) throws {
        guard view.facts.docker.backend.backend == .nftables, let place = places.first(where: \.opensPolicy) else {
            return
        }
        throw DiagnosticError.dockerSwitched(place)
    }
}
