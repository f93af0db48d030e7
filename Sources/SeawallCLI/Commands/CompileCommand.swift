internal import ArgumentParser
internal import Compiler
internal import Diagnostics
internal import FirewallIR
internal import IPTablesBackend
internal import JSONC
internal import NFTablesBackend
internal import PacketModel
internal import PolicyLoading
internal import Seawall

/// The command `seawall compile`.
struct CompileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compile", abstract: "Compile a policy to rules of iptables or an nft table.",
        discussion: """
            Without -o the result goes to standard output. For iptables there is one document for each family: -o names a \
            folder, a name with %f for v4 or v6, or with --family one file. Load them with 'iptables-restore --noflush' and \
            'ip6tables-restore --noflush', the nft table with 'nft -j -f'.

            What is written was read back and proved to treat every packet as the policy does: docs/proof.md.
            """)

    /// A boot service of a distribution.
    enum BootService: String, ExpressibleByArgument, CaseIterable, Sendable {
        case sysconfig
        case netfilterPersistent = "netfilter-persistent"
        case nftablesService = "nftables-service"
    }

    @OptionGroup var policy: PolicyOptions

    @Option(help: "iptables or nft.")
    var backend: Backend?

    @Option(
        name: [.customShort("o"), .long], help: ArgumentHelp("Where to write the result.", valueName: "file"),
        completion: .file())
    var output: String?

    @Flag(help: "Show the intermediate representation.")
    var ir = false

    @Flag(help: "Write the policy document, with the contents of all files that the policy names.")
    var document = false

    @Flag(help: "Show what the optimiser made of the rules for nft, why, and where each element of a set came from.")
    var explainPlan = false

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp(
            "Write what a boot service loads as it is: /etc/sysconfig/iptables, /etc/iptables/rules.v4 and .v6, or a file for 'nft -f'.",
            valueName: "service"))
    var bootService: BootService?

    @Option(help: "Whether the rules of iptables begin in DOCKER-USER (docker-user) or in a chain SEAWALL (own-chain).")
    var layout = LayoutArgument.dockerUser

    @OptionGroup var setOptions: SetOptions
    @OptionGroup var backendOptions: BackendOptions
    @OptionGroup var optimization: OptimizationOptions
    @OptionGroup var proofOptions: EmissionProofOptions
    @OptionGroup var outputOptions: OutputOptions

    func validate() throws {
        let stages = (ir ? 1 : 0) + (document ? 1 : 0) + (backend == nil && bootService == nil ? 0 : 1)
        guard stages == 1 else {
            throw ValidationError(
                "say what to compile to: --backend iptables, --backend nft, --for SERVICE, --ir or --document")
        }
        if let bootService, let backend, backend != (bootService == .nftablesService ? .nft : .iptables) {
            throw ValidationError("--for \(bootService.rawValue) does not go with --backend \(backend.rawValue)")
        }
        if explainPlan && (backend != .nft || optimization.noOptimize) {
            throw ValidationError("--explain-plan is for --backend nft, without --no-optimize")
        }
        if setOptions.ipset && (backend != .iptables || bootService != nil) {
            throw ValidationError("--ipset is for --backend iptables: a boot service loads rules alone, and no sets")
        }
        if bootService != nil && layout == .ownChain {
            throw ValidationError(
                "--for loads DOCKER-USER before Docker starts: it does not go with --layout own-chain")
        }
    }

    func run() async throws {
        let pipeline = try await CompilationPipeline(
            policy, family: backendOptions.family?.family, acceptMark: backendOptions.acceptMark)
        let preparation = ProofPreparation(pipeline.ruleset, families, proofOptions)
        let emission = try emission(pipeline)
        // A hundred thousand rules go with the process, and need not be taken apart before it ends.
        _ = Unmanaged.passRetained(Kept(pipeline: pipeline, emission: emission))
        if explainPlan, case .nft(let document, _)? = emission { return try explain(document, pipeline) }
        let (files, proof) = try await written(emission, pipeline, preparation)
        let paths = try output.map { try OutputFiles.paths(of: files, named: $0) }
        if let paths {
            try OutputFiles.check(paths, keep: policy.policy)
            try OutputFiles.write(zip(paths, files).map { ($0, $1.text) })
        }
        if outputOptions.json {
            try Terminal.write(Report.text(report(pipeline, emission, files, paths, proof)))
            return
        }
        Terminal.show(pipeline.warnings + pipeline.notes(emission) + (proof?.warnings ?? []))
        if paths == nil { try Terminal.write(files.map(\.text).joined(separator: "\n")) }
    }

    /// What is kept to the end.
    private final class Kept {
        let pipeline: CompilationPipeline
        let emission: Emission?

        init(pipeline: CompilationPipeline, emission: Emission?) {
            self.pipeline = pipeline
            self.emission = emission
        }
    }

    private func explain(_ document: NFTDocument, _ pipeline: CompilationPipeline) throws {
        let report = PlanReport(pipeline: pipeline, document: document, passes: optimization.passes)
        if outputOptions.json {
            try Terminal.write(Report.text(["outcome": "ok", "plan": report.json]))
        } else {
            Terminal.show(pipeline.warnings + pipeline.notes(.nft(document, acceptMark: backendOptions.acceptMark)))
            try Terminal.write(report.text)
        }
    }

    /// What the policy becomes in a backend; `nil` if a stage before that is wanted.
    private func emission(_ pipeline: CompilationPipeline) throws -> Emission? {
        if ir || document { return nil }
        if backend == .nft || bootService == .nftablesService {
            let mark = backendOptions.acceptMark
            return .nft(
                try pipeline.nft(
                    acceptMark: mark, lineByLine: optimization.noOptimize, optimization.passes), acceptMark: mark)
        }
        return .iptables(
            try pipeline.iptables(
                backendOptions.families, sets: setOptions.sets, lineByLine: optimization.noOptimize))
    }

    /// The families for which there will be rules; none if a stage before that is wanted.
    private var families: [AddressFamily] {
        if ir || document || explainPlan { return [] }
        return backend == .nft || bootService == .nftablesService ? AddressFamily.allCases : backendOptions.families
    }

    /// The texts, made while they are proved.
    private func written(
        _ emission: Emission?, _ pipeline: CompilationPipeline, _ preparation: ProofPreparation
    ) async throws -> ([CompiledFile], EmissionProof?) {
        guard let emission else { return ([stage(pipeline)], nil) }
        let writing = EmissionFiles(pipeline: pipeline, layout: layout.layout, bootService: bootService)
        let (proof, files) = try await EmissionProof.run(
            emission, of: pipeline, preparation, proofOptions, lasts: true
        ) { writing.files(of: emission) }
        return (files, proof)
    }

    private func stage(_ pipeline: CompilationPipeline) -> CompiledFile {
        ir
            ? CompiledFile(name: "policy.ir", text: pipeline.ruleset.text)
            : CompiledFile(name: "policy.json", text: pipeline.document.json.text(.pretty) + "\n")
    }

    private func report(
        _ pipeline: CompilationPipeline, _ emission: Emission?, _ files: [CompiledFile], _ paths: [String]?,
        _ proof: EmissionProof?
    ) -> JSONValue {
        let results = files.enumerated().map { index, file -> JSONValue in
            var members: [JSONMember] = []
            if let family = file.family { members.append(JSONMember("family", .string(family.rawValue))) }
            if let paths {
                members.append(JSONMember("path", .string(paths[index])))
            } else {
                members.append(JSONMember("text", .string(file.text)))
            }
            return .object(members)
        }
        var members = [
            JSONMember("outcome", "ok"), JSONMember("policy", .string(pipeline.ruleset.name)),
            JSONMember("results", .array(results)),
        ]
        if let proof { members.append(JSONMember("proof", proof.json)) }
        if case .nft(let document, _)? = emission, !document.renamedChains.isEmpty {
            members.append(JSONMember("renamedChains", .array(document.renamedChains.map(\.json))))
        }
        let warnings = pipeline.warnings + pipeline.notes(emission) + (proof?.warnings ?? [])
        members.append(JSONMember("diagnostics", Report.diagnostics(warnings)))
        return .object(members)
    }
}
