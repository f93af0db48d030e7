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
            go into DOCKER-USER, which has to be there and to be reached from FORWARD; rules of others in it stay. Needs root.
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

    @OptionGroup var backendOptions: BackendOptions
    @OptionGroup var optimization: OptimizationOptions
    @OptionGroup var proofOptions: EmissionProofOptions
    @OptionGroup var kernel: KernelOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard backend == .nft else { return }
        if backendOptions.family != nil {
            throw ValidationError("--family is for iptables: our nft table serves both families")
        }
        if variant != .auto || layout != .auto || withoutDocker {
            throw ValidationError("--variant, --layout and --without-docker are for iptables")
        }
    }

    func run() async throws {
        let pipeline = try await CompilationPipeline(
            policy, family: backendOptions.family?.family, acceptMark: backendOptions.acceptMark)
        switch backend {
        case .iptables:
            let programs = try pipeline.iptables(backendOptions.families)
            let proof = try await EmissionProof.run(.iptables(programs), of: pipeline, proofOptions)
            try await Progress.during("loading the rules") { try await applyIPTables(programs, pipeline, proof) }
        case .nft:
            let mark = backendOptions.acceptMark
            let document = try pipeline.nft(
                acceptMark: mark, lineByLine: optimization.noOptimize, optimization.passes)
            let proof = try await EmissionProof.run(.nft(document, acceptMark: mark), of: pipeline, proofOptions)
            try await Progress.during("loading the rules") { try await applyNFT(document, pipeline, proof) }
        }
    }

    // MARK: - iptables

    private func applyIPTables(
        _ programs: [IPTablesProgram], _ pipeline: CompilationPipeline, _ proof: EmissionProof
    ) async throws {
        let applier = IPTablesApplier(
            tools: HostTools(), variant: IPTablesVariantChoice(rawValue: variant.rawValue) ?? .auto,
            namespace: kernel.namespace)
        let options = IPTablesOptions(
            layout: layout.layout, withoutDocker: withoutDocker,
            header: ["seawall apply: policy \(pipeline.ruleset.name)"])
        let plan = try await applier.plan(programs, options: options)
        let documents = try await Interruption.heldOff { try await applier.apply(plan, dryRun: dryRun) }
        let results = zip(plan.families, documents).map { family, document in
            Result(
                target: "\(plan.variant.name(family.family)), \(family.layout.entryChain)", family: family.family,
                rules: document.lines.count(where: \.isRule), kept: family.keptRules.count, text: document.text)
        }
        let warnings =
            pipeline.warnings + pipeline.notes(.iptables(programs)) + proof.warnings + plan.warnings
            + (try await leftovers())
        try report(results, warnings: warnings, policy: pipeline.ruleset.name, proof)
    }

    // MARK: - nft

    private func applyNFT(_ document: NFTDocument, _ pipeline: CompilationPipeline, _ proof: EmissionProof)
        async throws
    {
        let outcome = try await NFTApplier(runner: NFTProcessRunner(namespace: kernel.namespace)).apply(
            document.json, dryRun: dryRun)
        let result = Result(
            target: "nft, table inet \(document.table.name)", family: nil, rules: outcome.rules, kept: 0,
            text: dryRun ? document.text(header: pipeline.header(nil)) : "")
        let notes = pipeline.notes(.nft(document, acceptMark: backendOptions.acceptMark))
        let warnings = pipeline.warnings + notes + proof.warnings + (try await leftovers())
        try report([result], warnings: warnings, policy: pipeline.ruleset.name, proof)
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

        /// The form `iptables-legacy, DOCKER-USER: 13 rules`.
        var line: String {
            "\(target): \(rules == 1 ? "1 rule" : "\(rules) rules")"
                + (kept == 0 ? "" : ", \(kept) of others kept")
        }

        func json(withText: Bool) -> JSONValue {
            var members = [JSONMember("target", .string(target)), JSONMember("rules", .integer(Int64(rules)))]
            if let family { members.insert(JSONMember("family", .string(family.rawValue)), at: 0) }
            members.append(JSONMember("kept", .integer(Int64(kept))))
            if withText { members.append(JSONMember("text", .string(text))) }
            return .object(members)
        }
    }

    private func report(_ results: [Result], warnings: [Diagnostic], policy: String, _ proof: EmissionProof) throws {
        if output.json {
            try Terminal.write(
                Report.text([
                    "outcome": .string(dryRun ? "checked" : "applied"), "policy": .string(policy),
                    "backend": .string(backend.rawValue),
                    "results": .array(results.map { $0.json(withText: dryRun) }), "proof": proof.json,
                    "diagnostics": Report.diagnostics(warnings),
                ]))
            return
        }
        Terminal.show(warnings)
        if dryRun { try Terminal.write(results.map(\.text).joined(separator: "\n")) }
        try Terminal.write(
            results.map { (dryRun ? "would load \(policy) into " : "loaded \(policy) into ") + $0.line + "\n" }.joined()
        )
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
