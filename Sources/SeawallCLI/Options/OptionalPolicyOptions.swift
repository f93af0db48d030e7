internal import ArgumentParser
internal import Diagnostics
internal import NFTablesBackend
internal import PacketModel

/// The policy, where a command can do without one, and how it is evaluated.
struct OptionalPolicyOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "A Swift file, a folder, a document, rules of iptables or nft, or '-'.", valueName: "policy"),
        completion: .file())
    var policy: String?

    @OptionGroup var evaluation: EvaluationOptions
    @OptionGroup var reading: ReadingOptions

    /// Reads what was named.
    func load(family: AddressFamily?, acceptMark: AcceptMark?) async throws -> RulesSource {
        try await .load(
            policy ?? "-", evaluation, format: reading.inputFormat,
            reading.options(family: family, acceptMark: acceptMark))
    }
}
