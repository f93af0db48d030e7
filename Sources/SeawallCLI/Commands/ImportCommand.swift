internal import ArgumentParser
internal import Deployment
internal import Diagnostics
internal import FirewallIR
internal import Importing
internal import JSONC
internal import PacketModel
internal import PolicyLoading

/// The command `seawall import`.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Make a policy of rules that somebody else wrote.",
        discussion: """
            FILE is what iptables-save printed, a file for iptables-restore, a list of iptables commands, JSON of 'nft -j list', \
            or a file for nft -f; '-' is standard input. A file for each family may be named. Of a text of iptables \
            DOCKER-USER is taken where it exists, else the whole filter table; other tables are left as they are, and named.

            A rule comes in exactly, or not at all: if any is refused, all that are are named, and nothing is written (exit \
            code 3). What is written is compiled and proved to mean what was read.
            """)

    /// What the rules become.
    enum Result: String, ExpressibleByArgument, CaseIterable {
        case policy, document, ir
    }

    @Argument(help: ArgumentHelp("The rules.", valueName: "file"), completion: .file())
    var files: [String] = []

    @Flag(help: "Read the rules of this host's iptables: of the variant that holds Docker's. Needs root.")
    var host = false

    @Option(help: "The iptables that is read by --host.")
    var variant = ApplyCommand.Variant.auto

    @Option(help: "Policy.swift and what it reads (policy), a policy document (document), or what the rules mean (ir).")
    var to = Result.policy

    @Option(
        name: [.customShort("o"), .long],
        help: ArgumentHelp("A folder for a policy, a file for the others.", valueName: "path"), completion: .file())
    var output: String?

    @Option(help: ArgumentHelp("The name of the policy's type.", valueName: "name"))
    var name = "Imported"

    @Option(help: ArgumentHelp("The family of rules of iptables: ip or ip6.", valueName: "family"))
    var family: FamilyArgument?

    @Flag(help: "Import what comes before a rule that is refused, and leave the rest on iptables.")
    var keepUnsupported = false

    @OptionGroup var reading: ReadingOptions
    @OptionGroup var mark: AcceptMarkOptions
    @OptionGroup var proofOptions: EmissionProofOptions
    @OptionGroup var kernel: KernelOptions
    @OptionGroup var outputOptions: OutputOptions

    func validate() throws {
        guard host != !files.isEmpty else { throw ValidationError("say what to read: FILE, '-' or --host") }
        if !host && (variant != .auto || kernel.netns != nil) {
            throw ValidationError("--variant and --netns go with --host")
        }
        guard name.isSwiftTypeName else {
            throw ValidationError("--name: expected the name of a Swift type, such as WebHost")
        }
        if keepUnsupported && output == nil {
            throw ValidationError("--keep-unsupported writes what stays on iptables, too: name a folder with -o")
        }
    }

    func run() async throws {
        let rules = try await Progress.during("reading the rules") { try await read() }
        let result = try await ImportResult.make(
            rules, to: to, named: name, from: host ? ["this host"] : files, proofOptions)
        let paths = try output.map { try self.paths(of: result.files, $0) } ?? []
        for file in files { try OutputFiles.check(paths, keep: file) }
        try OutputFiles.write(zip(paths, result.files).map { ($0, $1.text) })
        try report(result, paths)
    }

    /// A policy is a folder, even if it has one file.
    private func paths(of files: [CompiledFile], _ output: String) throws -> [String] {
        let isFolder = to == .policy && !output.hasSuffix(".swift") || files.count > 1
        return try OutputFiles.paths(of: files, named: isFolder && !output.hasSuffix("/") ? output + "/" : output)
    }

    /// With -o the report is the result; else it goes to standard error, and what was made to standard output.
    private func report(_ result: ImportResult, _ paths: [String]) throws {
        let report = ImportReport(
            rules: result.rules, inputs: host ? ["this host"] : files, lints: result.lints, proof: result.proof,
            paths: paths)
        if outputOptions.json {
            try Terminal.write(Report.text(report.json))
            return
        }
        Terminal.show(result.warnings + result.lints)
        if output == nil {
            try Terminal.writeError(report.text)
            try Terminal.write(result.files.map(\.text).joined(separator: "\n"))
        } else {
            try Terminal.write(report.text)
        }
    }

    /// The rules of all inputs.
    private func read() async throws -> ImportedRules {
        var options = reading.options(family: family?.family, acceptMark: mark.acceptMark?.mark)
        options.policyName = name
        options.keepsUnsupported = keepUnsupported
        if host {
            let texts = try await HostRules.read(
                family.map { [$0.family] } ?? AddressFamily.allCases,
                variant: IPTablesVariantChoice(rawValue: variant.rawValue) ?? .auto, tools: HostTools(),
                in: kernel.namespace)
            return try ImportRules.read(
                texts.map {
                    ImportText(name: $0.tool, bytes: $0.text, format: .iptables, family: $0.family)
                }, options)
        }
        var texts: [ImportText] = []
        for file in files {
            let shown = file == "-" ? "standard input" : file
            let bytes = try InputText.bytes(named: file)
            guard let format = reading.inputFormat ?? InputFormat.detect(bytes, named: file),
                ![.policy, .document].contains(format)
            else { throw DiagnosticError.nothingToImport(shown) }
            texts.append(try await ImportText(name: shown, bytes: bytes, format: format).listed())
        }
        return try ImportRules.read(texts, options)
    }
}

extension String {
    /// Whether it can be the name of a type.
    fileprivate var isSwiftTypeName: Bool {
        guard let first = unicodeScalars.first, first == "_" || first.properties.isAlphabetic else { return false }
        return unicodeScalars.allSatisfy { $0 == "_" || $0.properties.isAlphabetic || ("0"..."9").contains($0) }
    }
}

extension DiagnosticError {
    fileprivate static func nothingToImport(_ name: String) -> DiagnosticError {
        DiagnosticError(
            .unreadable, "nothing-to-import", at: SourceLocation(file: name),
            "these are no rules of iptables or nft: expected the text of iptables-save, iptables commands, or rules of nft as JSON or text",
            notes: ["--input-format says what it holds, if it is one of these"])
    }
}
