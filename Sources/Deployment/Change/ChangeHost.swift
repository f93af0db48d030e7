internal import Diagnostics
package import FirewallIR
package import JSONC
package import NFTablesBackend

/// Brings a host into a new state, or leaves it in the former one.
///
/// What is done is written down before it is done, so that after a crash at any step `RecoverHost` knows what to finish or
/// to undo; and the watchdog runs before anything is changed.
package struct ChangeHost: Sendable {
    /// What is to be done.
    package struct Request: Sendable {
        /// The new state; its number is given to it here.
        package var state: AppliedState
        /// The policy document.
        package var document: JSONValue
        /// From what the policy was read, if that was no policy.
        package var source: JSONValue?
        /// The sockets of docker-proxy for which its twin at input was made.
        package var listeners: [ProxyListener]
        /// How long a person has to confirm it; nothing, if it is confirmed at once.
        package var confirmWithin: Duration?
        /// The rules of others that are taken out of `DOCKER-USER`, so that they can be put back.
        package var taken: [TakenRules] = []
        /// Where FORWARD gets another policy, or its jump to `DOCKER-USER` goes or comes back.
        package var readied: [ReadiedPlace] = []
        /// What is done to the host so that it is ready for Docker's own nft backend, once the state is in force.
        package var ready = ReadyRecord()
        /// Which states are in force at the end, if nobody has to confirm it; the new one, if nothing else is said.
        package var head: StateStore.Head?
        /// Loads the rules; what was live before is known.
        package var load: @Sendable (HostSnapshot) async throws -> Loaded
        /// Reads back what is live, and proves that it is what was meant.
        package var prove: @Sendable () async throws -> Void

        /// What is to be done.
        package init(
            _ state: AppliedState, document: JSONValue, source: JSONValue? = nil, listeners: [ProxyListener] = [],
            confirmWithin: Duration? = nil,
            load: @escaping @Sendable (HostSnapshot) async throws -> Loaded,
            prove: @escaping @Sendable () async throws -> Void
        ) {
            self.state = state
            self.document = document
            self.source = source
            self.listeners = listeners
            self.confirmWithin = confirmWithin
            self.load = load
            self.prove = prove
        }
    }

    /// What was loaded.
    package struct Loaded: Hashable, Sendable {
        /// How many rules.
        package var rules: Int
        /// The variant of iptables that was written, if it was iptables.
        package var variant: IPTablesVariant?

        /// Rules, and where they went.
        package init(rules: Int, variant: IPTablesVariant? = nil) {
            self.rules = rules
            self.variant = variant
        }
    }

    let host: ManagedHost

    /// Changes of a host.
    package init(_ host: ManagedHost) { self.host = host }

    /// Does it.
    ///
    /// - Returns: the state in which the host is now.
    /// - Throws: `DiagnosticError` if another change is under way, if the rules cannot be loaded, or if what is live
    ///   afterwards is not what was meant; the host is in its former state then, or the error says that it is not.
    package func run(_ request: Request) async throws -> AppliedState {
        let lock = try await StateLock.take(host.store.directory)
        defer { lock.release() }
        try await host.steps.reached(.locked)
        try requireNoChange()
        var snapshot = try await host.reader.read()
        snapshot.taken = request.taken
        snapshot.readied = request.readied
        try await host.steps.reached(.snapshotTaken)
        var (state, change) = try await begin(request, snapshot)
        do {
            try await arm(&change)
            let loaded = try await request.load(snapshot)
            state.rules = loaded.rules
            // A later start of the host finds no Docker to tell the variants apart by.
            if let variant = loaded.variant { state.settings.variant = variant == .legacy ? .legacy : .nft }
            try await request.prove()
            try await host.steps.reached(.proved)
            try await commit(&state, &change, request.head)
        } catch {
            throw await UndoChange(host).after(error, change)
        }
        // From here on the state stays, or goes back at its time; that old ones cannot be forgotten is no reason to fail.
        if change.deadline == nil { try host.store.endChange() }
        try await host.steps.reached(.changeEnded)
        try? host.store.prune()
        return state
    }

    // MARK: - Steps

    private func requireNoChange() throws {
        guard let change = try host.store.pendingChange() else { return }
        if change.bootID != host.clock.bootID { return try host.store.dropChangeOfFormerBoot(change) }
        guard change.phase == .unconfirmed, let left = change.left(host.clock), left > .zero else {
            throw DiagnosticError.changeUnfinished(change)
        }
        throw DiagnosticError.changeUnconfirmed(change, left: left)
    }

    private func begin(_ request: Request, _ snapshot: HostSnapshot) async throws -> (AppliedState, PendingChange) {
        var state = request.state
        state.number = try host.store.nextNumber()
        state.outcome = .begun
        state.window = request.confirmWithin
        try host.store.add(
            state, document: request.document, source: request.source, listeners: request.listeners,
            taken: request.taken, ready: request.ready)
        try await host.steps.reached(.stateKept)
        try host.store.keep(snapshot)
        try await host.steps.reached(.snapshotKept)
        let change = PendingChange(
            target: state.number, phase: .changing, former: try host.store.head(), bootID: host.clock.bootID,
            applier: ProcessIdentity.own, deadline: request.confirmWithin.map { host.clock.sinceBoot + $0 },
            window: request.confirmWithin, namespace: host.namespace?.name)
        try host.store.keep(change)
        try await host.steps.reached(.changeBegun)
        return (state, change)
    }

    private func arm(_ change: inout PendingChange) async throws {
        guard let window = change.window else { return }
        try await host.watchdog.arm(change, host.store.directory)
        // The time runs from here; the watchdog reads the journal again and again.
        change.deadline = host.clock.sinceBoot + window
        try host.store.keep(change)
        try await host.steps.reached(.watchdogArmed)
    }

    /// Writes down which state is in force.
    private func commit(
        _ state: inout AppliedState, _ change: inout PendingChange, _ head: StateStore.Head?
    ) async throws {
        let isConfirmed = change.deadline == nil
        state.outcome = isConfirmed ? .confirmed : .unconfirmed
        try host.store.update(state)
        let confirmed = isConfirmed ? state.number : change.former.confirmed
        let own = StateStore.Head(current: state.number, confirmed: confirmed)
        try host.store.setHead(isConfirmed ? head ?? own : own)
        try await host.steps.reached(.headWritten)
        guard !isConfirmed else { return }
        // Who confirms has all of the time, however long the rules took to load.
        change.deadline = change.window.map { host.clock.sinceBoot + $0 }
        change.phase = .unconfirmed
        try host.store.keep(change)
    }
}

/// A host with all that it takes to change it.
package struct ManagedHost: Sendable {
    /// What was done to it.
    package var store: StateStore
    /// Its tools.
    package var tools: any HostToolRunner
    /// Its nftables.
    package var nft: any NFTRunner
    /// The network namespace, if it is not that of the process.
    package var namespace: NetworkNamespace?
    /// Its clocks.
    package var clock: any HostClock
    /// What brings it back if a change is not confirmed.
    package var watchdog: any Watchdog
    /// Who is told of each step.
    package var steps: any DeploymentSteps

    /// A host.
    package init(
        store: StateStore, tools: any HostToolRunner, nft: any NFTRunner, namespace: NetworkNamespace?,
        clock: any HostClock = KernelClock(), watchdog: any Watchdog, steps: any DeploymentSteps = NoDeploymentSteps()
    ) {
        self.store = store
        self.tools = tools
        self.nft = nft
        self.namespace = namespace
        self.clock = clock
        self.watchdog = watchdog
        self.steps = steps
    }

    var reader: HostSnapshotReader { HostSnapshotReader(tools: tools, nft: nft, namespace: namespace) }
    var restore: RestoreHost { RestoreHost(tools: tools, nft: nft, namespace: namespace, steps: steps) }
}
