internal import Deployment
internal import Diagnostics
internal import FirewallIR
internal import JSONC
internal import PacketModel
internal import PolicyLoading
internal import Semantics

/// The proof that what a backend is given equals the policy: read back, at the strictest level, in each family.
struct EmissionProof {
    /// How far it came.
    private enum State {
        /// It was not wanted.
        case skipped
        /// The meaning of the rules is not known.
        case notLifted
        case answered([ScopeProof])
    }

    private let state: State
    /// What was not proved.
    let warnings: [Diagnostic]

    /// Proves it.
    ///
    /// - Parameters:
    ///   - emission: what a backend is given.
    ///   - pipeline: the policy.
    ///   - preparation: what was prepared of the proof.
    ///   - options: whether and how it is proved.
    /// - Returns: how far it came.
    /// - Throws: `DiagnosticError` if the rules are not the policy: then they must not be used.
    static func run(
        _ emission: Emission, of pipeline: CompilationPipeline, _ preparation: ProofPreparation,
        _ options: EmissionProofOptions
    ) async throws -> EmissionProof {
        try await run(emission, of: pipeline, preparation, options, lasts: false) {}.proof
    }

    /// Proves it, and does something else on another processor meanwhile.
    ///
    /// - Parameters:
    ///   - emission: what a backend is given.
    ///   - pipeline: the policy.
    ///   - preparation: what was prepared of the proof.
    ///   - options: whether and how it is proved.
    ///   - lasts: whether what it took stays until the process ends, so that nobody waits for it to be taken apart.
    ///   - work: what is done meanwhile. It begins once the rules are read back, which takes all processors by itself.
    /// - Returns: how far it came, and what came of the work.
    /// - Throws: `DiagnosticError` if the rules are not the policy: then they must not be used.
    static func run<Work: Sendable>(
        _ emission: Emission, of pipeline: CompilationPipeline, _ preparation: ProofPreparation,
        _ options: EmissionProofOptions, lasts: Bool, beside work: @escaping @Sendable () -> Work
    ) async throws -> (proof: EmissionProof, work: Work) {
        if options.noProof { return (EmissionProof(state: .skipped, warnings: [.proofSkipped(emission)]), work()) }
        return try await Progress.during("proving that the rules are the policy ('--no-proof' leaves that out)") {
            let questions: [Question]
            do {
                questions = try Question.all(pipeline.ruleset, emission)
            } catch let error as DiagnosticError {
                let refusals = pipeline.source.located(error.diagnostics)
                return (EmissionProof(state: .notLifted, warnings: [.proofNotLifted(emission, refusals)]), work())
            }
            if lasts { _ = Unmanaged.passRetained(Kept(questions: questions, preparation: preparation)) }
            async let done = work()
            let proof = try await prove(questions, emission, of: pipeline, preparation, options.proofOptions)
            return (proof, await done)
        }
    }

    /// What lasts until the process ends.
    private final class Kept: Sendable {
        let questions: [Question]
        let preparation: ProofPreparation

        init(questions: [Question], preparation: ProofPreparation) {
            self.questions = questions
            self.preparation = preparation
        }
    }

    private static func prove(
        _ questions: [Question], _ emission: Emission, of pipeline: CompilationPipeline,
        _ preparation: ProofPreparation, _ options: ProofOptions
    ) async throws -> EmissionProof {
        let answers = await answers(questions, preparation, options)
        for (question, answer) in zip(questions, answers) {
            guard case .different(let found) = answer.answer else { continue }
            throw EmissionMistake(pipeline: pipeline, emission: emission, question: question, found: found).error
        }
        return EmissionProof(
            state: .answered(answers), warnings: answers.compactMap { .proofUndecided(emission, $0, pipeline) })
    }

    /// The answers, in order; families are compared side by side.
    private static func answers(
        _ questions: [Question], _ preparation: ProofPreparation, _ options: ProofOptions
    ) async -> [ScopeProof] {
        await withTaskGroup(of: (Int, ScopeProof).self) { group in
            for (index, question) in questions.enumerated() {
                if question.isSame { preparation.giveUp(question.policy.hook, question.family) }
                group.addTask {
                    if question.isSame { return (index, question.answer(nil, options)) }
                    let half = await preparation.half(question.policy.hook, question.family)
                    return (index, question.answer(half, options))
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }.sorted { $0.key < $1.key }.map(\.value)
    }
}

extension EmissionProof {
    /// Whether it was wanted, and every family is proved equal.
    var isProved: Bool {
        guard case .answered(let scopes) = state else { return false }
        return scopes.allSatisfy { if case .equal = $0.answer { true } else { false } }
    }

    /// The result as JSON: `"skipped"`, `"undecided"` if the rules could not be read back, or an answer for each family.
    var json: JSONValue {
        switch state {
        case .skipped: return "skipped"
        case .notLifted: return "undecided"
        case .answered(let scopes):
            // A family has several lists of rules where there are several hooks.
            let families = AddressFamily.allCases.compactMap { family in
                let own = scopes.filter { $0.family == family }.map(\.answer.outcome)
                return (own.first { $0 != .equal } ?? own.first).map {
                    JSONMember(family.rawValue, .string($0.rawValue))
                }
            }
            let used = Set(
                scopes.flatMap { scope -> [Assumption] in
                    if case .equal(let assumptions) = scope.answer { assumptions } else { [] }
                })
            let assumptions = Assumption.allCases.filter(used.contains).map(\.json)
            return .object(families + [JSONMember("assumptions", .array(assumptions))])
        }
    }
}

extension EmissionProof {
    /// One family of the policy's rules, and what is to equal it.
    struct Question: Sendable {
        let family: AddressFamily
        let policy: Scope
        let emitted: Scope

        /// The questions: one for each family for which something was emitted.
        ///
        /// - Throws: `DiagnosticError` with what could not be read back.
        static func all(_ policy: Ruleset, _ emission: Emission) throws -> [Question] {
            try emission.lifted(policy).flatMap { lifted in
                try lifted.families.families.flatMap { try all(policy, lifted.ruleset, $0) }
            }
        }

        /// The questions about what one place of a host holds.
        ///
        /// - Throws: `DiagnosticError` if that is not one list of rules for each hook of the policy.
        static func all(_ policy: Ruleset, _ place: LivePlace) throws(DiagnosticError) -> [Question] {
            var questions: [Question] = []
            let live = LiveRules(places: [place]).ruleset(named: policy.name, own: [place.name])
            for family in place.families.families { questions += try all(policy, live, family) }
            return questions
        }

        /// The questions of one family.
        ///
        /// Each list of rules has one counterpart at most: a second base chain would be rules that nobody compares. Where
        /// the policy does not speak of a family, the rules have to let all of it pass, and where there are no rules, the
        /// policy has to.
        private static func all(
            _ policy: Ruleset, _ emitted: Ruleset, _ family: AddressFamily
        ) throws(DiagnosticError) -> [Question] {
            let own = policy.scopes.filter { $0.families.contains(FamilySet(family)) }
            let others = emitted.scopes.filter { $0.families.contains(FamilySet(family)) }
            var questions: [Question] = []
            for scope in own {
                let counterparts = others.filter { $0.hook == scope.hook }
                guard counterparts.count <= 1, own.count(where: { $0.hook == scope.hook }) == 1 else {
                    throw DiagnosticError(
                        .refused, "not-liftable", "the rules are not one list for each hook of the policy")
                }
                let emitted = counterparts.first ?? .passing(scope.hook, FamilySet(family))
                questions.append(Question(family: family, policy: scope, emitted: emitted))
            }
            for other in others where !own.contains(where: { $0.hook == other.hook }) {
                questions.append(
                    Question(family: family, policy: .passing(other.hook, FamilySet(family)), emitted: other))
            }
            return questions
        }

        /// Whether the rules are those of the policy, one by one: then nothing has to be prepared.
        var isSame: Bool { ProveEquality.areSame(policy, emitted) }

        /// The answer, given the policy's half if it could be prepared.
        func answer(_ half: PreparedProof?, _ options: ProofOptions) -> ScopeProof {
            let isPlain = half?.isPlainlyEqual(to: emitted) == true
            return ScopeProof(
                hook: policy.hook, family: family,
                answer: isPlain
                    ? .equal(assuming: []) : ProveEquality.run(policy, emitted, family: family, options))
        }
    }
}
