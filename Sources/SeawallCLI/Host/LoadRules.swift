internal import Deployment
internal import Diagnostics
internal import FirewallIR
internal import IPTablesBackend
internal import NFTablesBackend
internal import PacketModel

/// Loads what a policy became into the kernel of a host.
struct LoadRules {
    /// What was loaded, or would be.
    struct Outcome {
        var rules: [LoadedRules]
        var warnings: [Diagnostic]
        /// The variant of iptables that was written.
        var variant: IPTablesVariant?

        /// How many rules there are.
        var count: Int { rules.reduce(0) { $0 + ($1.sets == nil ? $1.rules : 0) } }
    }

    let deployable: Deployable
    let host: ManagedHost
    /// Makes `DOCKER-USER` and its jump where they are missing.
    var withoutDocker = false
    /// Loads the whole table, also where changing elements would do.
    var isReplacing = false
    /// Takes our rules out of the other backend afterwards, so that the state is the only one in force.
    var isAlone = false
    /// Changes nothing.
    var dryRun = false

    private var settings: DeploymentSettings { deployable.settings }

    /// Loads it.
    ///
    /// - Parameters:
    ///   - basis: what the host held when it was decided to load it.
    ///   - watch: is told how long each part takes.
    /// - Returns: what was loaded.
    /// - Throws: `DiagnosticError`, also if the host is not as in the basis any more.
    func run(basis: HostSnapshot?, _ watch: inout Stopwatch) async throws -> Outcome {
        let outcome =
            switch deployable.emission {
            case .iptables(let programs): try await load(programs, basis, &watch)
            case .nft(let document, _): try await load(document, basis, &watch)
            }
        if isAlone, !dryRun { try await removeOtherBackend() }
        return outcome
    }

    private func removeOtherBackend() async throws {
        switch settings.backend {
        case .iptables: try await RemoveOwnRules(host).fromNFTables()
        case .nft: try await RemoveOwnRules(host).fromIPTables()
        }
    }

    private func load(
        _ programs: [IPTablesProgram], _ basis: HostSnapshot?, _ watch: inout Stopwatch
    ) async throws -> Outcome {
        let applier = IPTablesApplier(
            tools: host.tools, variant: settings.variant, namespace: host.namespace, steps: host.steps)
        let options = IPTablesOptions(
            layout: settings.layout.flatMap { IPTablesLayout(rawValue: $0) }, withoutDocker: withoutDocker,
            header: ["seawall apply: policy \(deployable.pipeline.ruleset.name)"])
        let plan = try await watch.during("listing") { try await applier.plan(programs, options: options) }
        if let basis { try plan.require(basis) }
        let documents = try await watch.during("loading") { try await applier.apply(plan, dryRun: dryRun) }
        let rules = zip(plan.families, documents).map { family, document in
            LoadedRules(
                target: "\(plan.variant.name(family.family)), \(family.layout.entryChain)", family: family.family,
                rules: document.lines.count(where: \.isRule), kept: family.keptRules.count, text: document.text)
        }
        return Outcome(
            rules: sets(programs, plan) + rules,
            warnings: deployable.pipeline.notes(deployable.emission) + deployable.proof.warnings + plan.warnings,
            variant: plan.variant)
    }

    private func sets(_ programs: [IPTablesProgram], _ plan: IPTablesPlan) -> [LoadedRules] {
        let sets = programs.flatMap(\.sets)
        guard !sets.isEmpty else { return [] }
        let entries = sets.reduce(0) { $0 + $1.entries.count }
        let text = IPSetDocument(making: plan.sets.made).text
        return [LoadedRules(target: "ipset", family: nil, rules: entries, text: text, sets: sets.count)]
    }

    private func load(
        _ document: NFTDocument, _ basis: HostSnapshot?, _ watch: inout Stopwatch
    ) async throws -> Outcome {
        let outcome = try await NFTApplier(runner: host.nft, steps: host.steps).apply(
            document.json, dryRun: dryRun, isReplacing: isReplacing, basis: basis)
        watch.add(outcome.timings)
        let text = dryRun ? document.text(header: deployable.pipeline.header(nil)) : ""
        let rules = LoadedRules(
            target: "nft, table inet \(document.table.name)", family: nil, rules: outcome.rules, text: text,
            change: outcome.change)
        let notes = deployable.pipeline.notes(deployable.emission)
        return Outcome(rules: [rules], warnings: notes + deployable.proof.warnings)
    }
}

extension IPTablesLayout {
    /// The chain in which the rules begin.
    fileprivate var entryChain: String { self == .dockerUser ? IPTablesNames.dockerUser : IPTablesNames.ownChain }
}

extension IPTablesLine {
    /// Whether the line adds a rule that the policy became: the jumps that lead to it are none, as in `seawall show`.
    fileprivate var isRule: Bool {
        switch self {
        case .append(_, let rule), .insert(_, position: _, let rule):
            ![IPTablesProgram.ownChainJump, IPTablesProgram.inputJump, IPTablesProgram.forwardJump].contains(rule)
        default: false
        }
    }
}
