internal import ArgumentParser
internal import PacketModel
internal import Semantics

/// How two rule sets are read and compared.
struct ComparisonOptions: ParsableArguments {
    @Option(help: ArgumentHelp("One family only: ip or ip6.", valueName: "family"))
    var family: FamilyArgument?

    @Option(
        help: ArgumentHelp(
            "How many edges the decision diagrams may have before the answer is 'undecided': a limit of memory and time. The usual 60 million are some 2 GB at most.",
            valueName: "edges"))
    var budget = ProofOptions.usualBudget

    @OptionGroup var mark: AcceptMarkOptions
    @OptionGroup var reading: ReadingOptions
    @OptionGroup var evaluation: EvaluationOptions

    func validate() throws {
        guard budget > 0 else { throw ValidationError("--budget: expected at least 1 edge") }
    }

    /// Reads one of the two.
    ///
    /// What an input holds is told from its content; a format that is given is for one from which it cannot be told.
    func load(_ name: String) async throws -> RulesSource {
        try await .load(
            name, evaluation, fallback: reading.inputFormat,
            reading.options(family: family?.family, acceptMark: mark.acceptMark?.mark))
    }

    /// What is compared, and how.
    func options(_ strictness: Strictness) -> ProofOptions {
        ProofOptions(
            strictness: strictness, budget: budget, families: family.map { FamilySet($0.family) } ?? .both)
    }
}
