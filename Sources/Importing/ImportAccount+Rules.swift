internal import Diagnostics
internal import FirewallIR

extension ImportAccount {
    /// Counts the rules of a rule set, each place once.
    ///
    /// - Parameters:
    ///   - ruleset: the rules.
    ///   - notes: what was rewritten in the text of a rule, by its line.
    mutating func count(_ ruleset: Ruleset, rewritten notes: [Int: String] = [:]) {
        var seen: Set<Place> = []
        for rule in ruleset.scopes.lazy.flatMap(\.chains).flatMap(\.rules) {
            // The rules of one scope are each there once.
            guard ruleset.scopes.count == 1 || seen.insert(Place(rule)).inserted else { continue }
            let kept = rule.keptNames
            if !kept.isEmpty {
                opaque.append(Entry(rule.origin, kept.joined(separator: ", ")))
            } else if let note = rule.origin.line.flatMap({ notes[$0] }) {
                rewritten.append(Entry(rule.origin, note))
            } else {
                exact += 1
            }
        }
    }

    /// A rule of the input: chains are copied into every scope that reaches them, with their rules.
    private struct Place: Hashable {
        var origin: SourceLocation
        var id: String

        init(_ rule: FirewallRule) {
            origin = rule.origin
            id = rule.id
        }
    }
}

extension FirewallRule {
    /// What in the rule is kept by its name alone, in the rule's order.
    fileprivate var keptNames: [String] {
        if opaque.isEmpty && guards.isEmpty && stages.isEmpty && effects.isEmpty, verdict.target == nil {
            if case .queue = verdict { return ["-j NFQUEUE"] }
            return []
        }
        let matches = allStages.flatMap(\.opaque).compactMap(\.keptName)
        let guards = allGuards.compactMap { if case .module(let name, _) = $0 { "-m \(name)" } else { nil } }
        let targets = effects.compactMap { if case .module(let name, _) = $0 { "-j \(name)" } else { nil } }
        let queue = if case .queue = verdict { ["-j NFQUEUE"] } else { [String]() }
        return matches + guards + targets + queue
    }
}

extension OpaqueMatch {
    fileprivate var keptName: String? {
        switch self {
        case .before: nil
        case .module(let name, _): "-m \(name)"
        case .not(let match): match.keptName
        }
    }
}
