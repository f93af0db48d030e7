package import FirewallIR
internal import PacketModel

/// Finds the traffic that two rule sets treat differently, as disjoint boxes in the terms of people.
///
/// First the rules that both have are cancelled (`CommonRules`): what is left says where they can differ, and only the rules
/// that speak of that are looked at further. Then both become diagrams in one space, and the diagram of their difference is
/// cut by what conntrack takes packets for, walked, and merged.
///
/// The assumptions of `Assumption` are made from the start, since nobody wants to read of packets that there cannot be; they
/// are applied to the boxes, field by field, so that they divide nothing. The report names those that had a bearing.
package enum FindDifference {
    /// How many boxes of a family are looked at before they are merged.
    static let mostBoxes = 20_000

    /// Compares each hook and family of which both rule sets speak.
    ///
    /// - Parameters:
    ///   - a: the rules as they were.
    ///   - b: the rules as they are.
    ///   - options: what counts as a change, and how far to go.
    ///   - limit: how many changes are listed.
    /// - Returns: the changes, and what could not be found out.
    package static func run(
        _ a: Ruleset, _ b: Ruleset, _ options: ProofOptions = ProofOptions(), limit: Int = 100
    ) -> DifferenceReport {
        var report = DifferenceReport()
        var assumed: Set<Assumption> = []
        var found: [FoundChange] = []
        for hook in Ruleset.hooks(of: [a, b]) {
            if ![a, b].allSatisfy({ $0.scopes.contains { $0.hook == hook } }) { report.unmatched.append(hook) }
            var changes: [FoundChange] = []
            for family in options.families.families {
                let one: Scope
                let other: Scope
                switch a.pair(with: b, at: hook, family) {
                case .missing: continue
                case .several(let side):
                    let reason = Undecided.severalScopes(side: side)
                    report.undecided.append(UndecidedScope(hook: hook, family: family, reason: reason))
                    continue
                case .both(let first, let second): (one, other) = (first, second)
                }
                report.compared[hook, default: []].insert(FamilySet(family))
                switch FamilyDifference.run(one, other, family: family, options) {
                case .failure(let reason):
                    report.undecided.append(UndecidedScope(hook: hook, family: family, reason: reason.reason))
                case .success(let difference):
                    changes = FoundChange.merged(changes, difference.changes)
                    assumed.formUnion(difference.assumed)
                    report.isCut = report.isCut || difference.isCut
                    if let unrelated = difference.unrelated {
                        report.undecided.append(UndecidedScope(hook: hook, family: family, reason: unrelated))
                    }
                }
            }
            found += changes.sorted { $0.precedes($1) }
        }
        report.assumed = Assumption.allCases.filter(assumed.contains)
        report.unlisted = max(0, found.count - limit)
        for change in found.prefix(limit) { add(change, to: &report) }
        return report
    }

    /// Adds a change with what the interpreter says of it.
    private static func add(_ change: FoundChange, to report: inout DifferenceReport) {
        switch change.confirmed() {
        case .success(let confirmed): report.changes.append(confirmed)
        case .failure(let reason):
            report.undecided.append(
                UndecidedScope(
                    hook: change.hook, family: change.box.families.families.first ?? .ip, reason: reason.reason))
        }
    }
}

/// Why there is no answer, to be thrown.
struct NoAnswer: Error {
    var reason: Undecided
}
