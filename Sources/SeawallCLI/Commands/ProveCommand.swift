internal import ArgumentParser
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
        if proof.scopes.isEmpty { throw pair.nothingInCommon(options.families) }
        let report = EqualityReport(pair: pair, proof: proof, options: options)
        if output.json {
            try Terminal.write(Report.text(report.json))
        } else {
            Terminal.show(pair.a.warnings + pair.b.warnings)
            try Terminal.write(report.text)
        }
        if report.outcome != .equal { throw ExitCode(report.outcome.exitCode) }
    }
}

extension Strictness: ExpressibleByArgument {}
