internal import Deployment
internal import Diagnostics
internal import FirewallIR
internal import Glibc
internal import JSONC
internal import Seawall
internal import Synchronization

/// Brings a host into the state that a policy describes, and keeps what is needed to go back.
struct DeployRules {
    /// What became of it.
    struct Outcome {
        var state: AppliedState
        var loaded: LoadRules.Outcome
        var watch: Stopwatch
    }

    let load: LoadRules
    let cause: AppliedState.Cause
    var confirmWithin: Duration?
    /// What was done to the host so that it is ready for Docker's own nft backend, and stays done.
    var ready = ReadyRecord()
    /// What of that is undone first.
    var undoing: [ReadiedPlace] = []

    /// Does it; signals that ask for an end are not heard meanwhile.
    func run(_ watch: Stopwatch) async throws -> Outcome {
        let host = load.host
        let pipeline = load.deployable.pipeline
        let work = Mutex<(LoadRules.Outcome?, Stopwatch)>((nil, watch))
        let state = AppliedState(
            number: 0, cause: cause, policy: pipeline.ruleset.name, time: host.clock.now, user: Self.user,
            settings: load.deployable.settings, outcome: .begun)
        var request = ChangeHost.Request(
            state, document: pipeline.document.json, source: KeptSource(pipeline.source)?.json,
            listeners: load.deployable.listeners,
            confirmWithin: confirmWithin,
            load: { snapshot in
                var watch = work.withLock { $0.1 }
                try await MakeReady(host).undo(undoing)
                // Iptables is not as it was read any more then.
                let basis = undoing.isEmpty || load.deployable.settings.backend == .nft ? snapshot : nil
                let outcome = try await load.run(basis: basis, &watch)
                work.withLock { $0 = (outcome, watch) }
                return ChangeHost.Loaded(rules: outcome.count, variant: outcome.variant)
            },
            prove: {
                var watch = work.withLock { $0.1 }
                try await watch.during("proof of live") {
                    try await LiveProof(deployable: load.deployable, host: host).run()
                }
                work.withLock { $0.1 = watch }
            })
        request.ready = ready
        request.readied = undoing
        let final = request
        let applied = try await Interruption.heldOff { try await ChangeHost(host).run(final) }
        let (outcome, timings) = work.withLock { $0 }
        return Outcome(
            state: applied, loaded: outcome ?? LoadRules.Outcome(rules: [], warnings: []), watch: timings)
    }

    /// Who this is: behind `sudo` the person, else the owner of the process.
    static var user: String {
        if let name = getenv("SUDO_USER").map({ String(cString: $0) }), !name.isEmpty { return name }
        return getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? "uid \(getuid())"
    }
}
