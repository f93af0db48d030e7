package import FirewallIR

/// Puts one chain in the place of several that do the same.
///
/// Sound because what a chain does depends on nothing but its rules. Only chains of plain rules are shared, or such that lead
/// to shared ones: of guards and counters each is an instance of its own. Where a rule came from is kept for all of them.
package enum ShareChains {
    /// A scope without chains that repeat others.
    package static func run(_ scope: Scope) -> Scope {
        var scope = scope
        while let shared = shared(scope) { scope = shared }
        return scope
    }

    private struct Content: Hashable {
        var rules: [Rule]

        struct Rule: Hashable {
            var condition: [BoxKey]
            var verdict: Verdict
        }
    }

    /// One round; `nil` if no two chains are the same.
    private static func shared(_ scope: Scope) -> Scope? {
        var first: [Content: Int] = [:]
        var replaced: [String: String] = [:]
        var chains = scope.chains
        // Most chains are told apart by what is quickly seen; only the others are compared in full.
        let signs = scope.chains.map(\.sign)
        let counts = signs.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
        for (index, chain) in scope.chains.enumerated() where chain.name != scope.entry && counts[signs[index]] != 1 {
            guard !chain.rules.isEmpty, chain.rules.allSatisfy(\.isPlainOrJump) else { continue }
            let content = Content(
                rules: chain.rules.map { Content.Rule(condition: $0.condition.map(BoxKey.init), verdict: $0.verdict) })
            if let same = first[content] {
                replaced[chain.name] = chains[same].name
                chains[same].add(sourcesOf: chain)
            } else {
                first[content] = index
            }
        }
        guard !replaced.isEmpty else { return nil }
        var result = scope
        result.chains = chains.filter { replaced[$0.name] == nil }
        for chain in result.chains.indices {
            for rule in result.chains[chain].rules.indices {
                result.chains[chain].rules[rule].verdict.redirect(replaced)
            }
        }
        return result
    }
}

extension FirewallRule {
    fileprivate var isPlainOrJump: Bool {
        if isPlain { return true }
        guard case .jump = verdict else { return false }
        return opaque.isEmpty && guards.isEmpty && stages.isEmpty && effects.isEmpty
    }
}

extension Chain {
    /// A number that equal chains share.
    fileprivate var sign: Int {
        rules.reduce(rules.count) { sign, rule in
            (sign &* 31 &+ rule.condition.count) &* 31 &+ (rule.condition.first?.digest(of: .all) ?? 0)
        }
    }

    fileprivate mutating func add(sourcesOf other: Chain) {
        for (index, rule) in other.rules.enumerated() {
            let known = Set(rules[index].sources.map(\.id))
            rules[index].merged =
                rules[index].sources
                + rule.sources.filter { !known.contains($0.id) }.map { source in
                    var source = source
                    source.boxes = 0
                    return source
                }
        }
    }
}

extension Verdict {
    fileprivate mutating func redirect(_ names: [String: String]) {
        switch self {
        case .jump(let name): self = .jump(names[name] ?? name)
        case .goto(let name): self = .goto(names[name] ?? name)
        default: break
        }
    }
}
