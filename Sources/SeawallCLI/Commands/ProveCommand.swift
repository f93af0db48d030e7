internal import ArgumentParser
internal import Diagnostics
internal import FirewallIR
internal import PacketModel
internal import Semantics

/// The command `seawall prove`.
struct ProveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prove", abstract: "Decide whether two rule sets treat every packet alike.",
        discussion: """
            A and B are policies or policy documents. The answer, for each family of which both speak, is equal; different, \
            with a packet that shows it, both verdicts and the rules that decide; or undecided, with the reason. Nothing is \
            guessed: docs/proof.md says what is taken into account, and what is not.

            The exit code is 0 if all is equal, 1 for a difference, 5 if there is none but something is undecided.
            """)

    @Argument(
        help: ArgumentHelp("The one: a Swift file, a folder, a document.", valueName: "A"), completion: .file())
    var a: String

    @Argument(help: ArgumentHelp("The other.", valueName: "B"), completion: .file())
    var b: String

    @Option(
        help: """
            What has to be the same: the verdict, where a reject counts as a drop (verdict); and how a rejected packet is \
            answered (reject); and log lines, marks and the limits that are used up, in their order (effects).
            """)
    var strictness = Strictness.reject

    @Option(help: ArgumentHelp("One family only: ip or ip6.", valueName: "family"))
    var family: FamilyArgument?

    @Option(
        help: ArgumentHelp(
            "How many edges the decision diagrams may have before the answer is 'undecided': a limit of memory and time. The usual 60 million are some 2 GB at most.",
            valueName: "edges"))
    var budget = ProofOptions.usualBudget

    @OptionGroup var evaluation: EvaluationOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard budget > 0 else { throw ValidationError("--budget: expected at least 1 edge") }
    }

    func run() async throws {
        let pair = try await RulesetPair.load(a, b, evaluation)
        let options = ProofOptions(
            strictness: strictness, budget: budget, families: family.map { FamilySet($0.family) } ?? .both)
        let proof = await Progress.during("comparing '\(a)' with '\(b)'") {
            ProveEquality.run(pair.a.ruleset, pair.b.ruleset, options)
        }
        if proof.scopes.isEmpty { throw nothingInCommon(pair, options.families) }
        let report = EqualityReport(pair: pair, proof: proof, options: options)
        if output.json {
            try Terminal.write(Report.text(report.json))
        } else {
            Terminal.show(pair.a.warnings + pair.b.warnings)
            try Terminal.write(report.text)
        }
        if report.outcome != .equal { throw ExitCode(report.outcome.exitCode) }
    }

    private func nothingInCommon(_ pair: RulesetPair, _ families: FamilySet) -> DiagnosticError {
        let spoken = [pair.a, pair.b].map { input in
            "'\(input.name)' speaks of "
                + (input.ruleset.scopes.map(\.words).joined(separator: "; ").nonEmpty ?? "nothing")
        }
        let wanted = families == .both ? "" : " among \(families.words)"
        return DiagnosticError(
            .unreadable, "nothing-in-common", "there is no hook and family of which both speak\(wanted)", notes: spoken)
    }
}

extension Strictness: ExpressibleByArgument {}

extension Scope {
    /// `containers, IPv4 and IPv6`.
    fileprivate var words: String { "\(hook.rawValue), \(families.words)" }
}

extension FamilySet {
    /// `IPv4 and IPv6`.
    fileprivate var words: String { families.map(\.displayName).joined(separator: " and ") }
}

extension String {
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
