internal import Compiler
internal import Deployment
internal import Diagnostics
internal import FirewallIR
internal import IPTablesBackend
internal import Importing
internal import JSONC
internal import NFTablesBackend
internal import PacketModel
internal import Semantics

/// All that a migration would do: worked out and proved without touching anything.
struct MigrationPlan {
    /// The families that are moved, IPv4 first.
    var parts: [MigrationPart]
    /// What nft is given.
    let deployable: Deployable
    /// The rules as they were imported; nothing where a policy of Seawall's is moved.
    let imported: ImportedRules?
    /// What was proved of each family.
    var proofs: [MigrationProof]
    /// How long both are in force.
    let observation: Duration
    /// What there is to say.
    var warnings: [Diagnostic]
    /// What was found in the rules.
    let lints: [Diagnostic]

    /// What is taken out of `DOCKER-USER`.
    var taken: [TakenRules] { parts.map(\.taken).filter { !$0.isEmpty } }
    /// Whether our own rules in iptables go as well.
    var movesPolicy: Bool { imported == nil }
}

extension MigrationPlan {
    /// The plan for rules that somebody else wrote.
    ///
    /// - Parameters:
    ///   - filters: the tables as they are.
    ///   - view: what is known of the host; nothing, if dumps are read.
    ///   - options: what is wanted.
    ///   - watch: is told how long it takes.
    /// - Returns: the plan, proved.
    /// - Throws: `DiagnosticError` if nothing can be moved, or if it cannot be proved that all stays as it is.
    static func importing(
        _ filters: [IPTablesFilter], _ view: HostView?, _ options: MigrationOptions, _ watch: inout Stopwatch
    ) async throws -> MigrationPlan {
        var warnings: [Diagnostic] = []
        var parts = try MigrationPart.all(filters, isOffline: view == nil, &warnings)
        try requireForeign(parts)
        guard parts.contains(where: { !DockerUserRules($0.filter.table).rules(of: .foreign).isEmpty }) else {
            throw DiagnosticError.nothingToMigrate()
        }
        do {
            return try await importing(&parts, view, options, &warnings, &watch)
        } catch let error as DiagnosticError {
            throw RulePlaces(parts).located(error)
        }
    }

    private static func importing(
        _ parts: inout [MigrationPart], _ view: HostView?, _ options: MigrationOptions, _ warnings: inout [Diagnostic],
        _ watch: inout Stopwatch
    ) async throws -> MigrationPlan {
        var importing = ImportOptions()
        importing.keepsUnsupported = true
        importing.passesOver = true
        importing.policyName = options.name
        importing.othersChains = othersChains(parts, options)
        importing.acceptMark = options.acceptMark
        let texts = parts.map(\.text)
        var rules = try ImportRules.read(texts, importing)
        for index in parts.indices { parts[index].take(rules) }
        guard parts.contains(where: { $0.movedCount > 0 }) else { throw DiagnosticError.nothingMoves(parts) }
        if rules.ruleset.accepts, options.acceptMark == nil {
            importing.acceptLeaves = true
            rules = try ImportRules.read(texts, importing)
        }
        let mark = rules.ruleset.accepts ? options.acceptMark : nil
        if let mark { try arrange(mark, &parts, view, options) }
        var settings = DeploymentSettings(.nft)
        settings.acceptMark = mark?.text
        settings.hasTwin = options.hasTwin
        settings.countsRules = options.observation > .zero
        settings.namespace = options.namespace
        let deployable = try await Deployable.make(
            try CompilationPipeline(.rules(rules)), settings, listeners: view?.listeners ?? [], options.proof, &watch)
        var plan = MigrationPlan(
            parts: parts, deployable: deployable, imported: rules, proofs: [], observation: options.observation,
            warnings: warnings, lints: ImportResult.lints(of: rules))
        try await plan.prove(options, acceptLeaves: importing.acceptLeaves, &watch)
        return plan
    }

    /// The plan for a policy of Seawall's that is in force under iptables.
    static func moving(
        _ state: AppliedState, on host: ManagedHost, _ filters: [IPTablesFilter], _ view: HostView,
        _ options: MigrationOptions, _ watch: inout Stopwatch
    ) async throws -> MigrationPlan {
        var warnings: [Diagnostic] = []
        var parts = try MigrationPart.all(filters, isOffline: false, &warnings)
        for index in parts.indices {
            parts[index].fates = DockerUserRules(parts[index].filter.table).owners.map { owner in
                switch owner {
                case .seawall: .moves
                case .docker: .stays("it is Docker's")
                case .foreign: .stays("it is no rule of the policy")
                }
            }
        }
        var kept = state
        kept.settings = DeploymentSettings(.nft)
        kept.settings.hasTwin = state.settings.hasTwin || options.hasTwin
        kept.settings.namespace = options.namespace
        kept.settings.countsRules = options.observation > .zero
        // A family that no packet was judged of is left alone by nft, too.
        kept.settings.families = state.settings.families.filter { family in parts.contains { $0.family == family } }
        warnings += AddressFamily.allCases.filter { !kept.settings.families.contains($0) }.map { .familyLeftOut($0) }
        if try CompilationPipeline.accepts(state, host.store) {
            guard let mark = options.acceptMark else { throw DiagnosticError.acceptNeedsMark(view, nil) }
            kept.settings.acceptMark = mark.text
            try arrange(mark, &parts, view, options)
        }
        let listeners = options.hasTwin ? view.listeners : nil
        let deployable = try await Deployable.stored(kept, host.store, listeners: listeners, &watch)
        var plan = MigrationPlan(
            parts: parts, deployable: deployable, imported: nil, proofs: [], observation: options.observation,
            warnings: warnings, lints: [])
        try await plan.prove(options, acceptLeaves: false, &watch)
        return plan
    }

    /// The chains that stay because others fill them, and whose they are.
    private static func othersChains(_ parts: [MigrationPart], _ options: MigrationOptions) -> [String: String] {
        var chains: [String: String] = [:]
        for chain in parts.flatMap({ $0.filter.table.reached(from: IPTablesNames.dockerUser) })
        where chain.name != IPTablesNames.dockerUser && !options.movedChains.contains(chain.name) {
            if options.keptChains.contains(chain.name) { chains[chain.name] = "somebody else" }
            if let owner = OthersChains.owner(of: chain.name) { chains[chain.name] = owner }
        }
        return chains
    }

    /// Rules of ours that no state knows are nobody's to move.
    private static func requireForeign(_ parts: [MigrationPart]) throws {
        for part in parts where !DockerUserRules(part.filter.table).rules(of: .seawall).isEmpty {
            throw DiagnosticError.ownRulesWithoutState(part)
        }
    }
}

extension MigrationPart {
    /// The families that packets come to `DOCKER-USER` of.
    ///
    /// - Throws: `DiagnosticError` where packets come there only under a condition.
    fileprivate static func all(
        _ filters: [IPTablesFilter], isOffline: Bool, _ warnings: inout [Diagnostic]
    ) throws -> [MigrationPart] {
        var parts: [MigrationPart] = []
        for filter in filters {
            let contents = DockerUserRules(filter.table)
            let part = MigrationPart(
                filter: filter, fates: contents.rules.map { _ in .moves }, isOffline: isOffline)
            let hasForward = filter.table.chain("FORWARD")?.rules.isEmpty == false
            switch filter.reach {
            case .reached: parts.append(part)
            case .missing: continue
            case .unreached where isOffline && !hasForward: parts.append(part)
            case .unreached, .blocked:
                if !contents.others.isEmpty { warnings.append(.deadRules(part)) }
            case .conditional(let rule): throw DiagnosticError.reachedUnderCondition(part, rule)
            }
        }
        return parts
    }
}

extension Ruleset {
    /// Whether a rule accepts for good.
    var accepts: Bool { scopes.contains { $0.chains.contains { $0.rules.contains { $0.verdict == .accept } } } }
}

extension CompilationPipeline {
    /// Whether the policy of a state accepts for good.
    fileprivate static func accepts(_ state: AppliedState, _ store: StateStore) throws -> Bool {
        try Deployable.pipeline(of: state, store).ruleset.accepts
    }
}
