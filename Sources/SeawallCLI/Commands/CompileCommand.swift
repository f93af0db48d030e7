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
            """)

    /// A boot service of a distribution.
    enum BootService: String, ExpressibleByArgument, CaseIterable {
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

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp(
            "Write what a boot service loads as it is: /etc/sysconfig/iptables, /etc/iptables/rules.v4 and .v6, or a file for 'nft -f'.",
            valueName: "service"))
    var bootService: BootService?

    @Option(help: "Whether the rules of iptables begin in DOCKER-USER (docker-user) or in a chain SEAWALL (own-chain).")
    var layout = LayoutArgument.dockerUser

    @OptionGroup var backendOptions: BackendOptions
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
        if bootService != nil && layout == .ownChain {
            throw ValidationError(
                "--for loads DOCKER-USER before Docker starts: it does not go with --layout own-chain")
        }
    }

    func run() async throws {
        let pipeline = try await CompilationPipeline(policy)
        let files = try results(pipeline)
        let paths = try output.map { try OutputFiles.paths(of: files, named: $0) }
        if let paths {
            try OutputFiles.check(paths, keep: policy.policy)
            try OutputFiles.write(zip(paths, files).map { ($0, $1.text) })
        }
        if outputOptions.json {
            try Terminal.write(Report.text(report(pipeline, files, paths)))
            return
        }
        Terminal.show(pipeline.warnings)
        if paths == nil { try Terminal.write(files.map(\.text).joined(separator: "\n")) }
    }

    private func results(_ pipeline: CompilationPipeline) throws -> [CompiledFile] {
        if ir { return [CompiledFile(name: "policy.ir", text: pipeline.ruleset.text)] }
        if document {
            return [CompiledFile(name: "policy.json", text: pipeline.policy.document.json.text(.pretty) + "\n")]
        }
        if let bootService { return try boot(bootService, pipeline) }
        if backend == .nft {
            let table = try pipeline.nft(acceptMark: backendOptions.acceptMark?.mark)
            return [CompiledFile(name: "seawall.nft.json", text: table.jsonText)]
        }
        return try pipeline.iptables(backendOptions.families).map { program in
            var header = pipeline.header(program.family) + ["load with: \(program.family.restore) --noflush"]
            if layout == .ownChain {
                header.append(
                    "load it once: a second load adds a second jump to DOCKER-USER; 'seawall apply' keeps one")
            }
            return CompiledFile(
                family: program.family, name: "rules.\(program.family.suffix)",
                text: program.document(layout: layout.layout, header: header).text)
        }
    }

    private func boot(_ service: BootService, _ pipeline: CompilationPipeline) throws -> [CompiledFile] {
        switch service {
        case .nftablesService:
            let table = try pipeline.nft(acceptMark: backendOptions.acceptMark?.mark)
            return [CompiledFile(name: "seawall.nft", text: table.text(header: pipeline.header(nil) + BootNotes.nft))]
        case .sysconfig, .netfilterPersistent:
            return try pipeline.iptables(backendOptions.families).map { program in
                let family = program.family
                let name = service == .sysconfig ? (family == .ip ? "iptables" : "ip6tables") : "rules.\(family.suffix)"
                let notes = service == .sysconfig ? BootNotes.sysconfig : BootNotes.netfilterPersistent
                return CompiledFile(
                    family: family, name: name,
                    text: program.bootDocument(header: pipeline.header(family) + notes(family)).text)
            }
        }
    }

    private func report(_ pipeline: CompilationPipeline, _ files: [CompiledFile], _ paths: [String]?) -> JSONValue {
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
        return [
            "outcome": "ok", "policy": .string(pipeline.ruleset.name), "results": .array(results),
            "diagnostics": Report.diagnostics(pipeline.warnings),
        ]
    }
}

extension AddressFamily {
    fileprivate var restore: String { self == .ip ? "iptables-restore" : "ip6tables-restore" }
}
