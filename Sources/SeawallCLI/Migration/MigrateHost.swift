internal import Deployment
internal import Diagnostics
internal import FirewallIR
internal import Glibc
internal import IPTablesBackend
internal import JSONC
internal import NFTablesBackend
internal import Seawall
internal import Synchronization

/// Moves the rules of a host from iptables to nft: one change, with its journal, its watchdog and its way back.
struct MigrateHost {
    let host: ManagedHost
    let plan: MigrationPlan
    var confirmWithin: Duration?

    /// What became of it.
    struct Outcome {
        var state: AppliedState
        var rules: Int
        var observation: Observation?
        var watch: Stopwatch
    }

    /// Does it; signals that ask for an end are not heard meanwhile.
    ///
    /// - Throws: `DiagnosticError`; the host is as it was before then, or the error says that it is not.
    func run(_ watch: Stopwatch) async throws -> Outcome {
        let work = Mutex<(Observation?, Stopwatch)>((nil, watch))
        let pipeline = plan.deployable.pipeline
        let state = AppliedState(
            number: 0, cause: .migrate, policy: pipeline.ruleset.name, time: host.clock.now, user: DeployRules.user,
            settings: plan.deployable.settings, outcome: .begun)
        var request = ChangeHost.Request(
            state, document: pipeline.document.json, source: KeptSource(pipeline.source)?.json,
            listeners: plan.deployable.listeners, confirmWithin: confirmWithin,
            load: { snapshot in
                var watch = work.withLock { $0.1 }
                let (rules, observation) = try await self.move(snapshot, &watch)
                work.withLock { $0 = (observation, watch) }
                return ChangeHost.Loaded(rules: rules)
            },
            prove: {
                try await LiveProof(deployable: plan.deployable, host: host).run()
                try await TakeRulesOut(host).require(plan.taken, isOut: true)
            })
        request.taken = plan.taken
        let applied = try await Interruption.heldOff { try await ChangeHost(host).run(request) }
        let (observation, timings) = work.withLock { $0 }
        return Outcome(state: applied, rules: applied.rules, observation: observation, watch: timings)
    }

    private func move(_ snapshot: HostSnapshot, _ watch: inout Stopwatch) async throws -> (Int, Observation?) {
        try await TakeRulesOut(host).requireUnchanged(plan.taken)
        let load = LoadRules(deployable: plan.deployable, host: host)
        let loaded = try await load.run(basis: snapshot, &watch)
        try await watch.during("proof of live") {
            try await LiveProof(deployable: plan.deployable, host: host).run()
        }
        try await host.steps.reached(.tableProved)
        var observation: Observation?
        if plan.observation > .zero {
            observation = try await Observation.run(plan, on: host)
            try await host.steps.reached(.observed)
        }
        try await watch.during("taking out") {
            try await TakeRulesOut(host).run(plan.taken)
            if plan.movesPolicy { try await RemoveOwnRules(host).fromIPTables() }
        }
        return (loaded.count, observation)
    }
}
