internal import ArgumentParser
internal import PolicyLoading

/// The policy, and how it is evaluated.
struct PolicyOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp("A Swift file, a folder, a document, or '-'.", valueName: "policy"), completion: .file())
    var policy: String

    @OptionGroup var evaluation: EvaluationOptions

    /// Loads the policy.
    func load() async throws -> LoadedPolicy { try await evaluation.load(policy) }
}
