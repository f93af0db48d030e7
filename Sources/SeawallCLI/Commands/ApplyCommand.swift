internal import ArgumentParser
internal import Deployment
internal import Diagnostics
internal import FirewallIR
internal import IPTablesBackend
internal import JSONC
internal import NFTablesBackend
internal import PacketModel

/// The command `seawall apply`.
struct ApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Load a policy into the kernel.",
        discussion: """
            One transaction for each family (iptables) or for the table (nft), read back afterwards. With iptables the rules \
            go into DOCKER-USER, which has to be there and to be reached from FORWARD; rules of others in it stay. With nft \
            nothing is done if the table is as wanted, and if only elements of sets differ, only these are changed. Needs root.
            """)

    /// Which iptables holds Docker's rules.
    enum Variant: String, ExpressibleByArgument, CaseIterable { case auto, legacy, nft }

    /// Where the rules of iptables begin.
    enum Layout: String, ExpressibleByArgument, CaseIterable {
        case auto
        case dockerUser = "docker-user"
        case ownChain = "own-chain"

        var layout: IPTablesLayout? { IPTablesLayout(rawValue: rawValue) }
    }

    @OptionGroup var policy: PolicyOptions

    @Option(help: "iptables or nft.")
    var backend: Backend

    @Option(help: "The iptables that holds Docker's rules: auto finds it by DOCKER-USER and its jump.")
    var variant = Variant.auto

    @Option(
        help: "DOCKER-USER itself (docker-user), a chain SEAWALL (own-chain), or as others' rules in it ask for (auto)."
    )
    var layout = Layout.auto

    @Flag(help: "Make DOCKER-USER and its jump where they are missing: for machines whose Docker starts later.")
    var withoutDocker = false

    @Flag(help: "Show what would be loaded, check it, and change nothing.")
    var dryRun = false

    @Flag(help: "Load the whole nft table, also where changing elements of its sets would do.")
    var replace = false

    @Flag(help: "Say how long each part took.")
    var timings = false

    @OptionGroup var setOptions: SetOptions
    @OptionGroup var backendOptions: BackendOptions
    @OptionGroup var optimization: OptimizationOptions
    @OptionGroup var proofOptions: EmissionProofOptions
    @OptionGroup var kernel: KernelOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard backend == .nft else {
            if replace { throw ValidationError("--replace is for nft: iptables' chains are always loaded whole") }
            return
        }
        if backendOptions.family != nil {
            throw ValidationError("--family is for iptables: our nft table serves both families")
        }
        if setOptions.ipset { throw ValidationError("--ipset is for iptables: nft has sets of its own") }
        if variant != .auto || layout != .auto || withoutDocker {
            throw ValidationError("--variant, --layout and --without-docker are for iptables")
        }
    }

    func run() async throws {
        var watch = Stopwatch()
        let pipeline = try await watch.during("compile") {
            try await CompilationPipeline(
                policy, family: backendOptions.family?.family, acceptMark: backendOptions.acceptMark)
        }
        let families = backend == .nft ? AddressFamily.allCases : backendOptions.families
        let preparation = ProofPreparation(pipeline.ruleset, families, proofOptions)
        switch backend {
        case .iptables:
            let programs = try await watch.during("compile") {
                try pipeline.iptables(
                    backendOptions.families, sets: setOptions.sets, lineByLine: optimization.noOptimize)
            }
            let proof = try await watch.during("proof") {
                try await EmissionProof.run(.iptables(programs), of: pipeline, preparation, proofOptions)
            }
            try await Progress.during("loading the rules") { try await applyIPTables(programs, pipeline, proof, watch) }
        case .nft:
            let mark = backendOptions.acceptMark
            let document = try await watch.during("compile") {
                try pipeline.nft(acceptMark: mark, lineByLine: optimization.noOptimize, optimization.passes)
            }
            let proof = try await watch.during("proof") {
                try await EmissionProof.run(.nft(document, acceptMark: mark), of: pipeline, preparation, proofOptions)
            }
            try await Progress.during("loading the rules") { try await applyNFT(document, pipeline, proof, watch) }
        }
    }

    // MARK: - iptables

    private func applyIPTables(
        _ programs: [IPTablesProgram], _ pipeline: CompilationPipeline, _ proof: EmissionProof, _ watch: Stopwatch
    ) async throws {
        var watch = watch
        let applier = IPTablesApplier(
            tools: HostTools(), variant: IPTablesVariantChoice(rawValue: variant.rawValue) ?? .auto,
            namespace: kernel.namespace)
        let options = IPTablesOptions(
            layout: layout.layout, withoutDocker: withoutDocker,
            header: ["seawall apply: policy \(pipeline.ruleset.name)"])
        let plan = try await watch.during("listing") { try await applier.plan(programs, options: options) }
        let documents = try await watch.during("loading") {
            try await Interruption.heldOff { try await applier.apply(plan, dryRun: dryRun) }
        }
        let sets = programs.flatMap(\.sets)
        let setText = IPSetDocument(making: plan.sets.made).text
        let setResult = Result(
            target: "ipset", rules: sets.reduce(0) { $0 + $1.entries.count }, kept: 0, text: setText, sets: sets.count)
        let results =
            (sets.isEmpty ? [] : [setResult])
            + zip(plan.families, documents).map { family, document in
                Result(
                    target: "\(plan.variant.name(family.family)), \(family.layout.entryChain)", family: family.family,
                    rules: document.lines.count(where: \.isRule), kept: family.keptRules.count, text: document.text)
            }
        let warnings =
            pipeline.warnings + pipeline.notes(.iptables(programs)) + proof.warnings + plan.warnings
            + (try await watch.during("leftovers", leftovers))
        try report(results, warnings: warnings, policy: pipeline.ruleset.name, proof, watch)
    }

    // MARK: - nft

    private func applyNFT(
        _ document: NFTDocument, _ pipeline: CompilationPipeline, _ proof: EmissionProof, _ watch: Stopwatch
    ) async throws {
        var watch = watch
        let outcome = try await NFTApplier(runner: NFTProcessRunner(namespace: kernel.namespace)).apply(
            document.json, dryRun: dryRun, isReplacing: replace)
        watch.add(outcome.timings)
        let result = Result(
            target: "nft, table inet \(document.table.name)", family: nil, rules: outcome.rules, kept: 0,
            text: dryRun ? document.text(header: pipeline.header(nil)) : "", change: outcome.change)
        let notes = pipeline.notes(.nft(document, acceptMark: backendOptions.acceptMark))
        let warnings = pipeline.warnings + notes + proof.warnings + (try await watch.during("leftovers", leftovers))
        try report([result], warnings: warnings, policy: pipeline.ruleset.name, proof, watch)
    }

    /// What the other backend still holds of a former policy.
    private func leftovers() async throws -> [Diagnostic] {
        let nft = NFTProcessRunner(namespace: kernel.namespace)
        let state = try await LoadedState.read(tools: HostTools(), nft: nft, namespace: kernel.namespace)
        return state.leftovers(besides: backend == .nft)
    }

    // MARK: - What is said

    /// What was loaded, or would be, in one place.
    private struct Result {
        var target: String
        var family: AddressFamily?
        var rules: Int
        var kept: Int
        var text: String
        var change: NFTTableChange?
        /// How many sets of addresses, whose entries are counted in the place of rules.
        var sets: Int?

        /// The form `iptables-legacy, DOCKER-USER: 13 rules`, and what of it changed.
        func line(of policy: String, dryRun: Bool) -> String {
            let count = rules == 1 ? "1 rule" : "\(rules) rules"
            if let sets {
                let verb = dryRun ? "would load" : "loaded"
                let entries = rules == 1 ? "1 entry" : "\(rules) entries"
                return "\(verb) \(policy) into \(target): \(sets == 1 ? "1 set" : "\(sets) sets") with \(entries)\n"
            }
            switch change {
            case .nothing: return "nothing to change for \(policy) in \(target): \(count)\n"
            case .elements(let sets):
                let verb = dryRun ? "would change" : "changed"
                return "\(verb) elements for \(policy) in \(target): \(count)\n"
                    + sets.map { "  \($0)\n" }.joined()
            case .replacement, nil:
                let verb = dryRun ? "would load" : "loaded"
                return "\(verb) \(policy) into \(target): \(count)" + (kept == 0 ? "" : ", \(kept) of others kept")
                    + "\n" + (change.map { "  \($0)\n" } ?? "")
            }
        }

        func json(withText: Bool) -> JSONValue {
            var members = [JSONMember("target", .string(target))]
            if let sets {
                members += [
                    JSONMember("sets", .integer(Int64(sets))), JSONMember("entries", .integer(Int64(rules))),
                ]
            } else {
                members.append(JSONMember("rules", .integer(Int64(rules))))
            }
            if let family { members.insert(JSONMember("family", .string(family.rawValue)), at: 0) }
            if sets == nil { members.append(JSONMember("kept", .integer(Int64(kept)))) }
            if let change { members.append(JSONMember("change", change.json)) }
            if withText { members.append(JSONMember("text", .string(text))) }
            return .object(members)
        }
    }

    private func report(
        _ results: [Result], warnings: [Diagnostic], policy: String, _ proof: EmissionProof, _ watch: Stopwatch
    ) throws {
        if output.json {
            var members = [
                JSONMember("outcome", .string(dryRun ? "checked" : "applied")), JSONMember("policy", .string(policy)),
                JSONMember("backend", .string(backend.rawValue)),
                JSONMember("results", .array(results.map { $0.json(withText: dryRun) })),
                JSONMember("proof", proof.json),
            ]
            if timings { members.append(JSONMember("timings", watch.json)) }
            members.append(JSONMember("diagnostics", Report.diagnostics(warnings)))
            try Terminal.write(Report.text(.object(members)))
            return
        }
        Terminal.show(warnings)
        if dryRun { try Terminal.write(results.map(\.text).joined(separator: "\n")) }
        try Terminal.write(results.map { $0.line(of: policy, dryRun: dryRun) }.joined())
        if timings { try Terminal.write(watch.text) }
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
            rule != IPTablesProgram.ownChainJump && rule != IPTablesProgram.forwardJump
        default: false
        }
    }
}
