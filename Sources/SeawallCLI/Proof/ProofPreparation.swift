internal import FirewallIR
internal import PacketModel
internal import Semantics

/// The policy's half of the proof, on a processor of its own while the backend's rules are made.
struct ProofPreparation: Sendable {
    private struct Key: Hashable {
        var hook: Scope.Hook
        var family: AddressFamily
    }

    private let halves: [Key: Task<PreparedProof?, Never>]

    /// Begins with it; there is nothing to prepare where no proof is wanted.
    ///
    /// - Parameters:
    ///   - policy: the policy's rules.
    ///   - families: the families for which there will be rules.
    ///   - options: how it will be proved.
    init(_ policy: Ruleset, _ families: [AddressFamily], _ options: EmissionProofOptions) {
        var halves: [Key: Task<PreparedProof?, Never>] = [:]
        let proofOptions = options.proofOptions
        for scope in options.noProof ? [] : policy.scopes {
            for family in families where scope.families.contains(FamilySet(family)) {
                halves[Key(hook: scope.hook, family: family)] = Task {
                    PreparedProof(scope, family: family, proofOptions)
                }
            }
        }
        self.halves = halves
    }

    /// Ends what is prepared for a hook and a family, since nobody needs it.
    func giveUp(_ hook: Scope.Hook, _ family: AddressFamily) { halves[Key(hook: hook, family: family)]?.cancel() }

    /// What was prepared for a hook and a family, once it is there.
    func half(_ hook: Scope.Hook, _ family: AddressFamily) async -> PreparedProof? {
        await halves[Key(hook: hook, family: family)]?.value
    }
}
