internal import ArgumentParser
internal import Compiler
internal import Deployment
internal import Diagnostics
internal import FirewallIR
internal import IPTablesBackend
internal import JSONC
internal import NFTablesBackend
internal import PacketModel
internal import PolicyLoading

/// A policy with all that is needed to load it on a host: compiled, and proved to be the policy.
struct Deployable {
    let pipeline: CompilationPipeline
    let settings: DeploymentSettings
    /// The sockets of docker-proxy for which there is a twin at input.
    let listeners: [ProxyListener]
    let emission: Emission
    let proof: EmissionProof
    /// How many edges the diagrams of a proof may have.
    let budget: Int

    /// Compiles a policy as the settings say.
    ///
    /// - Parameters:
    ///   - policy: the policy, without a twin.
    ///   - settings: how it is compiled.
    ///   - listeners: the sockets of docker-proxy, where the settings want a twin for them.
    ///   - guards: what our nft table stops in the place of policies of FORWARD.
    ///   - proofOptions: whether and how it is proved.
    ///   - watch: is told how long it takes.
    /// - Returns: what can be loaded.
    /// - Throws: `DiagnosticError` if it cannot be expressed, or if what came out is not the policy.
    static func make(
        _ policy: CompilationPipeline, _ settings: DeploymentSettings, listeners: [ProxyListener],
        guards: [ForwardGuard] = [], _ proofOptions: EmissionProofOptions, _ watch: inout Stopwatch
    ) async throws -> Deployable {
        let listeners = settings.hasTwin ? listeners : []
        let pipeline = try await watch.during("compile") {
            let policy = settings.onlyFamily.map(policy.restricted) ?? policy
            let judged = listeners.isEmpty ? policy : try policy.withTwin(listeners)
            return guards.isEmpty ? judged : try judged.withGuards(guards)
        }
        let families = settings.backend == .nft ? AddressFamily.allCases : settings.families
        let preparation = ProofPreparation(pipeline.ruleset, families, proofOptions)
        let emission = try await watch.during("compile") { try Self.emission(pipeline, settings) }
        let proof = try await watch.during("proof") {
            try await EmissionProof.run(emission, of: pipeline, preparation, proofOptions)
        }
        return Deployable(
            pipeline: pipeline, settings: settings, listeners: listeners, emission: emission, proof: proof,
            budget: proofOptions.budget)
    }

    private static func emission(_ pipeline: CompilationPipeline, _ settings: DeploymentSettings) throws -> Emission {
        switch settings.backend {
        case .iptables:
            return .iptables(
                try pipeline.iptables(
                    settings.families, sets: settings.usesSets ? IPSetOptions() : nil,
                    lineByLine: settings.isLineByLine))
        case .nft:
            let mark = settings.mark
            let passes = OptimizeRuleset.Options(countsRules: settings.countsRules)
            return .nft(
                try pipeline.nft(acceptMark: mark, lineByLine: settings.isLineByLine, passes), acceptMark: mark)
        }
    }
}

extension Deployable {
    /// Compiles the policy of a state that is kept, as it was compiled then.
    ///
    /// - Parameters:
    ///   - state: the state.
    ///   - store: where it is kept.
    ///   - listeners: the sockets of docker-proxy; those of the state, if there are none given.
    ///   - guards: what our table stops in the place of policies of FORWARD; that of the state, if nothing is given.
    ///   - isProved: whether what comes out is proved to be the policy once more.
    ///   - watch: is told how long it takes.
    /// - Returns: what can be loaded.
    /// - Throws: `DiagnosticError` if what is kept cannot be read, or cannot be expressed any more.
    static func stored(
        _ state: AppliedState, _ store: StateStore, listeners: [ProxyListener]? = nil, guards: [ForwardGuard]? = nil,
        isProved: Bool = true, _ watch: inout Stopwatch
    ) async throws -> Deployable {
        let pipeline = try await watch.during("compile") {
            try self.pipeline(of: state, store)
        }
        return try await make(
            pipeline, state.settings, listeners: try listeners ?? store.listeners(of: state.number),
            guards: try guards ?? store.ready(of: state.number).guards,
            try EmissionProofOptions.parse(isProved ? [] : ["--no-proof"]), &watch)
    }

    /// The policy of a state, without a twin.
    static func pipeline(of state: AppliedState, _ store: StateStore) throws -> CompilationPipeline {
        try CompilationPipeline(try source(of: state.number, store))
    }

    private static func source(of number: Int, _ store: StateStore) throws -> RulesSource {
        if let json = try store.source(of: number) {
            let kept: KeptSource
            do throws(JSONError) { kept = try KeptSource(json: json) } catch {
                throw DiagnosticError(
                    .host, "state-unreadable", "the rules of state \(number) are not readable: \(error)")
            }
            return try kept.load()
        }
        let path = store.documentPath(of: number)
        let bytes = Array(try store.document(of: number).text().utf8)
        return .policy(try PolicyLoader(options: .init(), installation: .find()).load(document: bytes, named: path))
    }

    /// The policy that is in force on this host, to be compared with what the kernel holds: it was proved when it was applied.
    ///
    /// - Returns: the state and its policy; nothing, if none of Seawall's is in force.
    /// - Throws: `DiagnosticError` if what is kept of it cannot be read.
    static func inForce(
        _ store: StateStore, listeners: [ProxyListener]? = nil
    ) async throws -> (state: AppliedState, deployable: Deployable)? {
        guard let state = try store.current() else { return nil }
        var watch = Stopwatch()
        return (state, try await stored(state, store, listeners: listeners, isProved: false, &watch))
    }
}

extension DeploymentSettings {
    /// The one family that a table of nft judges, where it does not judge both; iptables has its rules for each by itself.
    fileprivate var onlyFamily: AddressFamily? { backend == .nft && families.count == 1 ? families.first : nil }

    /// The mark that Docker accepts.
    var mark: AcceptMark? { acceptMark.flatMap { MarkArgument(argument: $0)?.mark } }
}

extension AcceptMark {
    /// `0x1/0x1`.
    var text: String { "0x\(String(value, radix: 16))/0x\(String(mask, radix: 16))" }
}
