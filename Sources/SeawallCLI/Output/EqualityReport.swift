internal import Diagnostics
internal import FirewallIR
internal import JSONC
internal import PacketModel
internal import Semantics

/// What `seawall prove` says, as text and as JSON.
struct EqualityReport {
    /// The answer as a whole, which decides the exit code.
    enum Outcome: String {
        case equal, different, undecided

        /// The exit code (see the exit codes in the README).
        var exitCode: Int32 {
            switch self {
            case .equal: 0
            case .different: 1
            case .undecided: 5
            }
        }
    }

    let pair: RulesetPair
    let proof: ProofReport
    let options: ProofOptions

    /// Different if anything is; else undecided if anything is.
    var outcome: Outcome {
        let outcomes = proof.scopes.map(\.answer.outcome)
        if outcomes.contains(.different) { return .different }
        return outcomes.contains(.undecided) || notCompared.contains(where: \.matters) ? .undecided : .equal
    }

    /// What only one of the two speaks of.
    private var notCompared: [NotCompared] {
        [(pair.a, "A"), (pair.b, "B")].flatMap { input, side in
            input.ruleset.scopes.flatMap { scope in
                scope.families.intersection(options.families).families.compactMap { family in
                    let isCompared = proof.scopes.contains { $0.hook == scope.hook && $0.family == family }
                    if isCompared { return nil }
                    // A family of which the other side says nothing at all was not meant; another hook may have been.
                    let isSpokenOf = proof.scopes.contains { $0.family == family }
                    return NotCompared(
                        side: side, hook: scope.hook, family: family,
                        matters: isSpokenOf && !scope.letsEverythingPass(family))
                }
            }
        }
    }

    private struct NotCompared {
        var side: String
        var hook: Scope.Hook
        var family: AddressFamily
        /// Whether it stops packets of which the other side, which speaks of the family elsewhere, says nothing.
        var matters: Bool
    }

    // MARK: - Text

    /// The text.
    var text: String {
        var lines = ["A is \(pair.a.title), B is \(pair.b.title)", "compared: \(options.strictness.text)"]
        for scope in proof.scopes { lines += section(scope) }
        lines += notCompared.map {
            "not compared: \($0.family.displayName) (\($0.hook.rawValue)), of which only \($0.side) speaks"
                + ($0.matters ? ": it stops packets of which the other says nothing, so not all is proved" : "")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func section(_ scope: ScopeProof) -> [String] {
        let head = "\(scope.answer.outcome.rawValue) (\(scope.family.displayName), \(scope.hook.rawValue))"
        switch scope.answer {
        case .equal(let assumptions):
            let docker = dockerAssumption(scope).map { ["  assuming \(DockerAssumption.id): \($0.text)"] } ?? []
            return [head] + assumptions.map { "  assuming \($0.rawValue): \($0.text)" } + docker
        case .different(let found):
            let words = CounterexampleText(found, pair)
            return ["\(head): \(words.sentence)"] + words.lines.map { "  \($0)" }
        case .undecided(let reason): return ["\(head): \(reason.text)"] + notes(reason).map { "  \($0)" }
        }
    }

    private func notes(_ reason: Undecided) -> [String] { UndecidedNotes(pair: pair).lines(reason) }

    private var names: UnrelatedGuard.Names { UndecidedNotes(pair: pair).names }

    // MARK: - JSON

    /// The JSON.
    var json: JSONValue {
        [
            "outcome": .string(outcome.rawValue), "strictness": .string(options.strictness.rawValue),
            "a": pair.a.json, "b": pair.b.json, "scopes": .array(proof.scopes.map(json)),
            "notCompared": .array(
                notCompared.map {
                    [
                        "only": .string($0.side.lowercased()), "hook": .string($0.hook.rawValue),
                        "family": .string($0.family.rawValue),
                    ]
                }),
            "diagnostics": Report.diagnostics(pair.a.warnings + pair.b.warnings),
        ]
    }

    private func json(_ scope: ScopeProof) -> JSONValue {
        .object(
            [
                JSONMember("hook", .string(scope.hook.rawValue)),
                JSONMember("family", .string(scope.family.rawValue)),
                JSONMember("answer", .string(scope.answer.outcome.rawValue)),
            ] + members(scope))
    }

    /// What is taken for granted of Docker where it forwards.
    private func dockerAssumption(_ scope: ScopeProof) -> DockerAssumption? {
        scope.hook == .containers ? pair.assumption : nil
    }

    private func members(_ scope: ScopeProof) -> [JSONMember] {
        switch scope.answer {
        case .equal(let assumptions):
            [
                JSONMember(
                    "assumptions", .array(assumptions.map(\.json) + [dockerAssumption(scope)?.json].compactMap { $0 }))
            ]
        case .different(let found): CounterexampleText(found, pair).members
        case .undecided(let reason): members(reason)
        }
    }

    private func members(_ reason: Undecided) -> [JSONMember] {
        let text = JSONMember("text", .string(reason.text))
        switch reason {
        case .budget(let edges):
            return [JSONMember("reason", "budget"), JSONMember("budget", .integer(Int64(edges))), text]
        case .tooManyMarks: return [JSONMember("reason", "too-many-marks"), text]
        case .severalScopes(let side):
            return [
                JSONMember("reason", "several-scopes"), JSONMember("side", .string(side == 0 ? "a" : "b")), text,
            ]
        case .changedOnTheWay(let change):
            return [JSONMember("reason", "changed-on-the-way"), JSONMember("what", .string(change.rawValue)), text]
        case .unrelated(let guards):
            let lines = UnrelatedGuard.lines(guards, names).map { line -> JSONValue in
                ["text": .string(line.text), "packet": line.example.json]
            }
            return [JSONMember("reason", "unrelated-guards"), JSONMember("guards", .array(lines)), text]
        case .askedTwice(let guarded):
            let line: JSONValue = [
                "text": .string(guarded.textOfAskedTwice(names)), "packet": guarded.packet.json,
            ]
            return [JSONMember("reason", "asked-twice"), JSONMember("guards", [line]), text]
        case .unconfirmed(let packet):
            return [JSONMember("reason", "unconfirmed"), JSONMember("packet", packet.json), text]
        }
    }
}

extension Scope {
    /// Whether it treats a family as no rules at all would.
    fileprivate func letsEverythingPass(_ family: AddressFamily) -> Bool {
        let nothing = Scope(
            hook: hook, families: FamilySet(family), entry: "", chains: [Chain(name: "", rules: [])])
        if case .equal = ProveEquality.run(self, nothing, family: family) { return true }
        return false
    }
}

extension RulesetInput {
    /// `old/Policy.swift (WebHost)`.
    fileprivate var title: String { "\(name) (\(ruleset.name))" }

    fileprivate var json: JSONValue { ["input": .string(name), "policy": .string(ruleset.name)] }
}

extension ProofAnswer {
    /// The answer without what it rests on.
    var outcome: EqualityReport.Outcome {
        switch self {
        case .equal: .equal
        case .different: .different
        case .undecided: .undecided
        }
    }
}

extension Undecided {
    /// Why there is no answer.
    var text: String {
        switch self {
        case .budget(let edges): "the decision diagrams outgrew the budget of \(edges) edges"
        case .tooManyMarks: Undecided.textOfTooManyMarks
        case .severalScopes(let side): Undecided.textOfSeveralScopes(side == 0 ? "A" : "B")
        case .changedOnTheWay(let change): Undecided.text(of: change)
        case .askedTwice: "a limit of one rule set is asked twice"
        case .unrelated: "the limits of one rule set cannot be related to those of the other"
        case .unconfirmed: "a packet was found that the reference interpreter does not confirm"
        }
    }
}

extension Assumption {
    /// The assumption with its text.
    var json: JSONValue { ["id": .string(rawValue), "text": .string(text)] }
}
