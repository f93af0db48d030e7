internal import ArgumentParser
internal import Diagnostics
internal import Glibc
internal import Semantics

/// The command `seawall explain`.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Say what a policy does with a packet, rule by rule.",
        discussion: """
            PACKET is one argument: 'tcp 203.0.113.9:40000 -> 198.51.100.1:8080 in eth0', the connection as it is dialled. \
            Words behind it say the rest: 'published' or 'to 172.17.0.2:80' (DNAT), 'reply', 'established', 'related-icmp', \
            'invalid', 'out docker0', 'flags syn,ack', 'mark 0x1'; docs/packets.md has all of them. What is not said is \
            assumed, and named.

            The exit code is 0 whatever the verdict.
            """)

    /// What stateful guards, limits for one, answer.
    enum Guards: String, ExpressibleByArgument, CaseIterable { case pass, refuse }

    @Argument(help: ArgumentHelp("The packet, in quotes.", valueName: "packet"))
    var packet: String

    @Argument(
        help: ArgumentHelp(
            "A Swift file, a folder, a document, rules of iptables or nft, or '-'.", valueName: "policy"),
        completion: .file())
    var policy = "."

    @OptionGroup var evaluation: EvaluationOptions
    @OptionGroup var reading: ReadingOptions
    @OptionGroup var mark: AcceptMarkOptions

    @Option(help: ArgumentHelp("The family of rules of iptables: ip or ip6.", valueName: "family"))
    var family: FamilyArgument?

    @Option(help: "Whether limits and other guards let the packet pass, or are used up and refuse it.")
    var guards = Guards.pass

    @Flag(help: "Show only the rules that match.")
    var matched = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let description = try readPacket()
        let source = try await RulesSource.load(
            policy, evaluation, format: reading.inputFormat,
            reading.options(family: family?.family, acceptMark: mark.acceptMark?.mark))
        let pipeline = try CompilationPipeline(source)
        let report = ExplanationReport(
            pipeline: pipeline, description: description, now: Int64(time(nil)),
            circumstances: Circumstances(otherGuards: guards == .pass), matchedOnly: matched)
        if output.json {
            try Terminal.write(Report.text(report.json))
        } else {
            Terminal.show(pipeline.warnings)
            try Terminal.write(report.text)
        }
    }

    private func readPacket() throws -> PacketDescription {
        do throws(PacketTextError) {
            return try PacketText.description(packet)
        } catch {
            let areSwapped = (try? PacketText.description(policy)) != nil
            throw DiagnosticError(
                .unreadable, "bad-packet", "the packet cannot be read: \(error.message)",
                notes: areSwapped ? ["the packet comes first, then the policy"] : [])
        }
    }
}
