internal import ArgumentParser
internal import PacketModel
internal import Semantics

/// The command `seawall prove`.
struct ProveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prove", abstract: "Decide whether two rule sets treat every packet alike.",
        discussion: """
            A and B are policies, policy documents, texts of iptables-save or rules of nft. The answer, for each family of which both speak, is equal; different, \
            with a packet that shows it, both verdicts and the rules that decide; or undecided, with the reason. Nothing is \
            guessed: docs/proof.md says what is taken into account, and what is not.

            The exit code is 0 if all is equal, 1 for a difference, 5 if there is none but something is undecided.
            """)

    @Argument(
        help: ArgumentHelp("The one: a policy, a document, rules of iptables or nft.", valueName: "A"),
        completion: .file())
    var a: String

    @Argument(help: ArgumentHelp("The other.", valueName: "B"), completion: .file())
    var b: String

    @Option(
        help: """
            What has to be the same: the verdict, where a reject counts as a drop (verdict); and how a rejected packet is \
            answered (reject); and log lines, marks and the limits that are used up, in their order (effects).
            """)
    var strictness = Strictness.reject

    @OptionGroup var comparison: ComparisonOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let pair = try await RulesetPair.load(a, b, comparison)
        let options = comparison.options(strictness)
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
