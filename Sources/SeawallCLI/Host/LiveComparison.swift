internal import Deployment
internal import FirewallIR
internal import PacketModel
internal import Semantics

/// The traffic that two states of the host's rules treat differently.
///
/// What packets meet is compared, rules of others included. Where that cannot be decided because of these, ours alone are
/// compared, and it is said what was not.
struct LiveComparison {
    /// The difference.
    let difference: DifferenceReport
    /// The rules that were compared.
    let rulesets: (a: Ruleset, b: Ruleset)
    /// What of others was not compared, and why.
    let notCompared: [String]
    /// Whether rules of ours could not be compared.
    let isIncomplete: Bool

    /// Compares two states.
    ///
    /// - Parameters:
    ///   - a: the rules of the first side.
    ///   - b: the rules of the second side.
    ///   - name: the name of the rule sets.
    ///   - options: what counts as a change, and how far to go.
    ///   - limit: how many changes are listed.
    static func run(
        _ a: LiveRules, _ b: LiveRules, named name: String, _ options: ProofOptions, limit: Int
    ) -> LiveComparison {
        let hooks = Self.hooks(a, b)
        let compare = { (own: Set<String>) in
            let pair = (a.ruleset(named: name, hooks: hooks, own: own), b.ruleset(named: name, hooks: hooks, own: own))
            return (pair, FindDifference.run(pair.0, pair.1, options, limit: limit))
        }
        var notes: [String] = []
        var own: Set<String> = []
        for (before, after) in zip(a.places, b.places) {
            let unknown = before.whole.unknown.isEmpty ? after.whole.unknown : before.whole.unknown
            guard let first = unknown.first, before.filter != nil else { continue }
            own.insert(before.name)
            notes.append("not compared: \(before.name): \(first.text): \(first.reason)")
        }
        var (pair, difference) = compare(own)
        let blamed = zip(a.places, b.places).filter { before, after in
            !(before.others.isEmpty && after.others.isEmpty) && !own.contains(before.name)
                && difference.undecided.contains { before.families.contains(FamilySet($0.family)) }
        }
        if !blamed.isEmpty {
            for (before, after) in blamed {
                own.insert(before.name)
                notes.append(Self.note(before, after, difference.undecided))
            }
            (pair, difference) = compare(own)
        }
        let missing = zip(a.places, b.places).flatMap { Self.missing($0, $1, own) }
        return LiveComparison(
            difference: difference, rulesets: pair, notCompared: notes + missing, isIncomplete: !missing.isEmpty)
    }

    /// All hooks of which either side speaks; what Docker forwards in any case.
    private static func hooks(_ a: LiveRules, _ b: LiveRules) -> [Scope.Hook] {
        var seen: Set<Scope.Hook> = []
        return ([.containers] + a.hooks + b.hooks).filter { seen.insert($0).inserted }
    }

    private static func note(_ a: LivePlace, _ b: LivePlace, _ undecided: [UndecidedScope]) -> String {
        let count = max(a.others.count, b.others.count)
        let reason = undecided.first { a.families.contains(FamilySet($0.family)) }?.reason.text ?? ""
        let rules = count == 1 ? "the rule of others" : "the \(count) rules of others"
        return "not compared: \(a.name): \(rules) in DOCKER-USER: \(reason)"
    }

    /// What is ours and has no known meaning.
    private static func missing(_ a: LivePlace, _ b: LivePlace, _ own: Set<String>) -> [String] {
        [a, b].flatMap { own.contains($0.name) ? $0.own.unknown : $0.filter == nil ? $0.whole.unknown : [] }
            .prefix(1).map { "not compared: \(a.name), rules of Seawall's: \($0.text): \($0.reason)" }
    }
}
