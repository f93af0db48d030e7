internal import ArgumentParser
internal import Diagnostics
internal import FirewallIR
internal import PacketModel
internal import Semantics

/// The command `seawall diff`.
struct DiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Say which traffic changes between two rule sets.",
        discussion: """
            A and B are policies, policy documents, texts of iptables-save or rules of nft, the old one first. The changes are listed by the port that is dialled: \
            who is concerned, what was done and what is done, and the rules that decide. Connections are meant, new, running \
            and related ones; where replies or packets without a conntrack entry change as well, or only some of these, a \
            line says so.

            The exit code is 0 if no traffic changes, 1 if some does, 5 if none was found but something is undecided.
            """)

    @Argument(
        help: ArgumentHelp("The rules as they were: a policy, a document, rules of iptables or nft.", valueName: "A"),
        completion: .file())
    var a: String

    @Argument(help: ArgumentHelp("The rules as they are.", valueName: "B"), completion: .file())
    var b: String

    @Option(
        help: """
            What counts as a change: the verdict, where a reject counts as a drop (verdict); and how a rejected packet is \
            answered (reject); and log lines and marks (effects).
            """)
    var strictness = Strictness.reject

    @Option(help: ArgumentHelp("How many changes are listed; the others are counted.", valueName: "number"))
    var limit = 100

    @OptionGroup var comparison: ComparisonOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit: expected at least 1 change") }
    }

    func run() async throws {
        let pair = try await RulesetPair.load(a, b, comparison)
        let options = comparison.options(strictness)
        let difference = await Progress.during("comparing '\(a)' with '\(b)'") {
            FindDifference.run(pair.a.ruleset, pair.b.ruleset, options, limit: limit)
        }
        if difference.compared.isEmpty { throw pair.nothingInCommon(options.families) }
        let report = TrafficReport(pair: pair, difference: difference)
        if output.json {
            try Terminal.write(Report.text(report.json))
        } else {
            Terminal.show(pair.a.warnings + pair.b.warnings)
            try Terminal.write(report.text)
        }
        if report.outcome != .same { throw ExitCode(report.outcome.exitCode) }
    }
}
