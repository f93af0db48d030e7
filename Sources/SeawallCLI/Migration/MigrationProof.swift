internal import Deployment
internal import Diagnostics
internal import FirewallIR
internal import IPTablesBackend
internal import PacketModel
internal import Semantics

/// The proof that what nft is given, and what is left on iptables behind it, together mean what iptables meant alone.
struct MigrationProof {
    /// The place: `iptables-legacy`.
    let place: String
    let family: AddressFamily
    /// Whether the whole of FORWARD was compared, and not `DOCKER-USER` alone.
    let isOverForward: Bool
    /// What is the same.
    let strictness: Strictness
    /// What that rests on.
    let assumptions: [Assumption]
    /// A packet that is treated alike, and answered or logged otherwise than before.
    var otherwise: String?

    /// The proof in words.
    var text: String {
        let what =
            isOverForward
            ? "nft, and FORWARD as it will be behind it, treat every packet as FORWARD does now"
            : "nft, and what is left in DOCKER-USER behind it, treat every packet as DOCKER-USER does now"
        let how =
            strictness == .effects ? "" : " (which packets pass; not how those that are stopped are answered or logged)"
        return "\(what)\(how) (\(place), \(family.displayName))"
    }
}

extension MigrationPlan {
    /// Proves it for each family.
    ///
    /// - Throws: `DiagnosticError` of the kind `refused` if it is not so, or cannot be proved.
    mutating func prove(_ options: MigrationOptions, acceptLeaves: Bool, _ watch: inout Stopwatch) async throws {
        guard deployable.proof.isProved else {
            throw DiagnosticError.notProved("what nft is given", deployable.proof.warnings)
        }
        let plan = self
        proofs = try await watch.during("proof of both") {
            try await Progress.during("proving that both together mean what was there before") {
                try plan.parts.map { part in
                    try MigrationQuestion(
                        plan: plan, part: part, budget: options.proof.budget, acceptLeaves: acceptLeaves
                    ).answer(overForward: acceptLeaves || !part.isFirst)
                }
            }
        }
    }
}

extension MigrationPart {
    /// Whether what `DOCKER-USER` lets pass goes on with the rules behind it, and nothing was asked before.
    fileprivate var isFirst: Bool {
        guard let first = filter.table.rules(of: "FORWARD").first else { return isOffline }
        return first.isUnconditional && first.target?.name == IPTablesNames.dockerUser
    }
}

/// The question for one family.
private struct MigrationQuestion {
    let plan: MigrationPlan
    let part: MigrationPart
    let budget: Int
    /// Whether what was accepted leaves now.
    let acceptLeaves: Bool

    func answer(overForward: Bool) throws -> MigrationProof {
        let entry = overForward ? "FORWARD" : IPTablesNames.dockerUser
        let before = try LiftedChain.scope(part.filter, from: entry)
        let rest = try LiftedChain.scope(part.afterwards(withMark: false), from: entry)
        let after = moved.followed(by: rest)
        var otherwise: String?
        for strictness in [Strictness.effects, .verdict] {
            let options = ProofOptions(strictness: strictness, budget: budget)
            switch ProveEquality.run(before, after, family: part.family, options) {
            case .equal(let assumptions):
                return MigrationProof(
                    place: part.name, family: part.family, isOverForward: overForward, strictness: strictness,
                    assumptions: assumptions, otherwise: otherwise)
            case .different(let found) where strictness == .verdict: throw refusal(found, before, after)
            case .different(let found): otherwise = found.packet.sentence
            case .undecided(let reason) where strictness == .verdict:
                throw DiagnosticError.notProved("\(part.name): \(reason.text)", [])
            case .undecided: continue
            }
        }
        throw DiagnosticError.notProved(part.name, [])
    }

    /// The rules that nft is given for what Docker forwards.
    private var moved: Scope {
        let policy = plan.deployable.pipeline.ruleset
        return policy.scopes.first { $0.hook == .containers && $0.families.contains(FamilySet(part.family)) }
            ?? .passing(.containers, FamilySet(part.family))
    }

    private func refusal(_ found: Counterexample, _ before: Scope, _ after: Scope) -> DiagnosticError {
        let pipeline = plan.deployable.pipeline
        func side(_ scope: Scope) -> RulesetInput {
            RulesetInput(
                name: part.name, ruleset: Ruleset(name: part.name, scopes: [scope]), shown: pipeline.source.shown)
        }
        let words = CounterexampleText(
            found, [side(before), side(after)], names: ["before", "after "], showsTheWay: false)
        return .notTheSame(part, words, accepts: acceptLeaves)
    }
}

/// A chain of a table in memory, lifted with all that it leads to.
enum LiftedChain {
    /// The meaning of a chain.
    ///
    /// - Throws: `DiagnosticError` of the kind `refused` with every rule whose meaning is not known.
    static func scope(_ filter: IPTablesFilter, from entry: String) throws -> Scope {
        let table = filter.table.filterTable(filter.table.reached(from: entry), family: filter.family)
        let lift = LiftFromIPTables.liftChain(table, from: entry)
        guard lift.refusals.isEmpty else {
            throw DiagnosticError.notProved(
                "\(filter.variant.name(filter.family)): the meaning of rules is not known",
                lift.refusals.map {
                    Diagnostic("migration-not-proved", at: nil, "-A \($0.chain) \($0.text): \($0.reason)")
                })
        }
        guard var scope = lift.scopes.first else { return .passing(.containers, FamilySet(filter.family)) }
        if filter.table.chain(entry)?.policy == "DROP" { scope.policy = .drop }
        return scope
    }
}
