package import FirewallIR
package import PacketModel

/// Finds what is most likely not meant in a policy, each with its proof.
package enum FindLints {
    /// What was found.
    package struct Report: Hashable, Sendable {
        /// In the order of the policy.
        package var findings: [LintFinding]
        /// The families in which the rules were too many to be looked through within the budget.
        package var undecided: FamilySet
    }

    /// Looks through a policy.
    ///
    /// - Parameters:
    ///   - ruleset: what the policy means.
    ///   - sources: its rules as they were written.
    ///   - now: the time at which rules are expired, in seconds since 1970.
    ///   - budget: how many edges the diagrams may have.
    /// - Returns: all findings that the rules do not accept themselves.
    package static func run(
        _ ruleset: Ruleset, _ sources: [RuleSource], now: Int64, budget: Int = ProofOptions.usualBudget
    ) -> Report {
        var collection = LintCollection(sources: sources)
        var undecided: FamilySet = []
        for (index, source) in sources.enumerated() {
            if let until = source.until, until <= now { collection.add(LintFinding(.expired, source), at: index) }
        }
        for scopes in ruleset.scopesByHook {
            var views: [ScopeLints] = []
            for scope in scopes {
                for family in scope.families.families {
                    if let subject = subject(scope, family, sources, budget) {
                        views.append(ScopeLints(subject: subject, sources: sources))
                    } else {
                        undecided.insert(FamilySet(family))
                    }
                }
            }
            // Of a rule that is for both families, nothing is said unless it is so in both.
            if undecided.isEmpty { collection.add(inAll: views) }
            // What outgrew the budget on the way said less than there is to say.
            for view in views where view.subject.query.isExhausted {
                undecided.insert(FamilySet(view.subject.query.family))
            }
        }
        return Report(findings: collection.findings, undecided: undecided)
    }

    /// A scope prepared in the first layout that the budget is enough for.
    ///
    /// Where each rule is told apart, a long blocklist is asked for each port, or each port for each of its networks.
    private static func subject(_ scope: Scope, _ family: AddressFamily, _ sources: [RuleSource], _ budget: Int)
        -> LintSubject?
    {
        [Space.Layout(), Space.Layout(addressesFirst: true)].lazy.compactMap {
            LintSubject(scope, family, sources, budget: budget, layout: $0)
        }.first
    }
}

/// Findings in the order of the policy, without those that their rules accept.
private struct LintCollection {
    let sources: [RuleSource]
    private var found: [(place: Int, finding: LintFinding)] = []

    init(sources: [RuleSource]) { self.sources = sources }

    var findings: [LintFinding] {
        found.enumerated().sorted { ($0.element.place, $0.offset) < ($1.element.place, $1.offset) }.map(
            \.element.finding)
    }

    mutating func add(_ finding: LintFinding, at place: Int) {
        if !finding.source.allowedLints.contains(finding.lint) { found.append((place, finding)) }
    }

    mutating func add(inAll views: [ScopeLints]) {
        let known = Set(found.map(\.place))
        let unknown = sources.indices.filter { !known.contains($0) }
        var dead: Set<Int> = []
        for place in unknown where views.contains(where: { !$0.subject.rulesOfSource[place].isEmpty }) {
            let states = views.map { $0.deadness(of: place) }.filter { $0 != .absent }
            if states.isEmpty {
                // Made of an empty file that may be empty: nothing is said of it.
                if views.contains(where: { $0.hasCondition(place) }) {
                    add(LintFinding(.matchesNothing, sources[place]), at: place)
                    dead.insert(place)
                }
            } else if states.allSatisfy({ $0 == .dead }) {
                dead.insert(place)
                if let finding = views.lazy.compactMap({ $0.shadowed(place) }).first { add(finding, at: place) }
            }
        }
        let redundant = views.map { $0.redundant() }
        for place in unknown where !dead.contains(place) {
            let answers = redundant.compactMap { $0[place] }
            if !answers.isEmpty && answers.allSatisfy({ $0 }) {
                if let view = views.first { add(view.redundancy(place), at: place) }
            }
        }
        for kind in [ScopeLints.needlessAccepts, ScopeLints.cutReplies] {
            for view in views {
                for (place, finding) in kind(view)() where !has(finding.lint, place) { add(finding, at: place) }
            }
        }
        for view in views {
            for (place, finding) in view.contradictions() where !has(finding.lint, place) { add(finding, at: place) }
        }
    }

    private func has(_ lint: PolicyLint, _ place: Int) -> Bool {
        found.contains { $0.place == place && $0.finding.lint == lint }
    }
}
