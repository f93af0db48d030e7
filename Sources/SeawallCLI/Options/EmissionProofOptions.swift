internal import ArgumentParser
internal import Semantics

/// Whether and how it is proved that what was emitted equals the policy.
struct EmissionProofOptions: ParsableArguments {
    @Flag(help: "Do not prove that the rules, read back, treat every packet as the policy does.")
    var noProof = false

    @Option(
        help: ArgumentHelp(
            "How many edges the decision diagrams of that proof may have before it is given up, with a warning.",
            valueName: "edges"))
    var budget = ProofOptions.usualBudget

    /// What the proof is held to: the same packets, the same verdicts, and the same effects.
    var proofOptions: ProofOptions { ProofOptions(strictness: .effects, budget: budget) }

    func validate() throws {
        guard budget > 0 else { throw ValidationError("--budget: expected at least 1 edge") }
    }
}
