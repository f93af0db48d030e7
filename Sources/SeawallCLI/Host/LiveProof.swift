internal import Deployment
internal import Diagnostics
internal import FirewallIR
internal import IPTablesBackend
internal import PacketModel
internal import Semantics

/// The proof that what the kernel holds is what was meant: read back, lifted, and compared with the policy for every packet.
///
/// What of ours is live is compared, not what others have beside it. Where it was not wanted, or could not be had
/// when the policy was compiled, there was a warning; then what was read back is compared with what was sent alone.
struct LiveProof {
    let deployable: Deployable
    let host: ManagedHost

    /// Proves it.
    ///
    /// - Throws: `DiagnosticError` if what is live is another policy, or if that is not known.
    func run() async throws {
        guard deployable.proof.isProved else { return }
        let live = try await live()
        for place in live.places where !place.own.unknown.isEmpty {
            throw DiagnosticError.liveNotKnown(place)
        }
        let policy = deployable.pipeline.ruleset
        for place in live.places {
            for question in try EmissionProof.Question.all(policy, place) { try ask(question, place.name) }
        }
    }

    private func live() async throws -> LiveRules {
        switch deployable.emission {
        case .iptables(let programs):
            let variant = IPTablesVariantChoice(rawValue: deployable.settings.variant.rawValue) ?? .auto
            return try await LiveRules.readIPTables(
                programs.map(\.family), variant: variant, tools: host.tools, in: host.namespace)
        case .nft(_, let mark):
            return try await LiveRules.readNFT(runner: host.nft, acceptMark: mark)
        }
    }

    private func ask(_ question: EmissionProof.Question, _ place: String) throws {
        let answer = question.answer(nil, ProofOptions(strictness: .effects, budget: deployable.budget)).answer
        if case .undecided(let reason) = answer { throw DiagnosticError.liveUndecided(place, reason) }
        guard case .different(let found) = answer else { return }
        let pipeline = deployable.pipeline
        func side(_ scope: Scope) -> RulesetInput {
            RulesetInput(
                name: pipeline.ruleset.name, ruleset: Ruleset(name: pipeline.ruleset.name, scopes: [scope]),
                shown: pipeline.source.shown)
        }
        let words = CounterexampleText(
            found, [side(question.policy), side(question.emitted)], names: ["policy", "live  "], showsTheWay: false)
        throw DiagnosticError(
            .host, "live-rules-differ", at: found.a.decidedBy.map { pipeline.source.shown($0.origin) },
            "what \(place) holds now is not the policy (\(question.family.displayName)): they differ for \(words.sentence)",
            notes: words.lines)
    }
}

extension DiagnosticError {
    fileprivate static func liveUndecided(_ place: String, _ reason: Undecided) -> DiagnosticError {
        DiagnosticError(
            .host, "live-rules-unknown",
            "it cannot be proved that what \(place) holds now is the policy: \(reason.text)",
            notes: ["raise --budget; --no-proof says that no proof is wanted"])
    }

    fileprivate static func liveNotKnown(_ place: LivePlace) -> DiagnosticError {
        DiagnosticError(
            .host, "live-rules-unknown",
            "it cannot be proved that what \(place.name) holds now is the policy: the meaning of rules is not known",
            notes: place.own.unknown.map { "\($0.text): \($0.reason)" })
    }
}
