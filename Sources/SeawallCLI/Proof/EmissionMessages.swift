internal import Diagnostics
internal import FirewallIR
internal import PacketModel
internal import PolicyLoading
internal import Semantics

extension Diagnostic {
    /// Nobody asked for the proof.
    static func proofSkipped(_ emission: Emission) -> Diagnostic {
        Diagnostic(
            "proof-skipped", .warning, at: nil,
            "it was not proved that the rules of \(emission.backend) are the policy, since --no-proof was given")
    }

    /// The rules could not be read back.
    static func proofNotLifted(_ emission: Emission, _ refusals: [Diagnostic]) -> Diagnostic {
        Diagnostic(
            "proof-undecided", .warning, at: nil,
            "it was not proved that the rules of \(emission.backend) are the policy: their meaning is not known",
            notes: refusals.flatMap { [Note($0.message, at: $0.location)] + $0.notes } + [reportIt])
    }

    /// What was not decided about a family; `nil` if it was.
    static func proofUndecided(_ emission: Emission, _ scope: ScopeProof, _ pipeline: CompilationPipeline)
        -> Diagnostic?
    {
        guard case .undecided(let reason) = scope.answer else { return nil }
        return Diagnostic(
            "proof-undecided", .warning, at: nil,
            "it was not proved that the rules of \(emission.backend) are the policy (\(scope.family.displayName)): \(reason.text)",
            notes: notes(reason, pipeline))
    }

    private static func notes(_ reason: Undecided, _ pipeline: CompilationPipeline) -> [Note] {
        switch reason {
        case .budget: return [Note("raise --budget, or split the policy; --no-proof says that no proof is wanted")]
        case .tooManyMarks: return [Note("ask fewer bits of marks; --no-proof says that no proof is wanted")]
        case .severalScopes, .changedOnTheWay: return []
        case .unconfirmed(let packet): return [Note("the packet: \(packet.sentence)"), reportIt]
        case .askedTwice(let guarded): return [Note(guarded.textOfAskedTwice(names(pipeline)))]
        case .unrelated(let guards):
            return UnrelatedGuard.lines(guards, names(pipeline)).map { Note($0.text) } + [reportIt]
        }
    }

    private static func names(_ pipeline: CompilationPipeline) -> UnrelatedGuard.Names {
        let place = pipeline.source.shown
        return UnrelatedGuard.Names(sides: ["the policy", "the rules"], places: [place, place])
    }

    private static let reportIt = Note("this is a mistake in Seawall: please report it with the policy")
}
