package import FirewallIR
internal import PacketModel

/// Names for the rules and chains that passes make in a scope; each is given once.
///
/// A merged rule is named by what it does and for which packets, but not by what it was made of, so that a list that grows
/// keeps its name and a change of it is one of elements alone.
package final class FreshNames {
    private var chains: Set<String>
    private var rules: Set<String>
    private var stable: StableNames
    /// How often each rule has been given a part or a copy.
    private var parts: [String: Int] = [:]

    /// Names besides those that a scope has.
    package init(_ scope: Scope) {
        chains = Set(scope.chains.map(\.name))
        rules = Set(scope.chains.flatMap(\.rules).map(\.id))
        stable = StableNames(taken: rules)
    }

    /// The name of a new chain.
    package func chain(_ wish: String) -> String {
        var name = wish
        var count = 1
        while !chains.insert(name).inserted {
            count += 1
            name = "\(wish)-\(count)"
        }
        return name
    }

    /// The name of a rule that stands for several, by a text that says what it does.
    package func merged(_ text: String) -> String { unused { stable.unused("merged \(text)") } }

    /// The name of a part of a rule whose other parts stand elsewhere: its own for the first.
    package func part(of id: String) -> String {
        let count = parts[id, default: 0] + 1
        parts[id] = count
        guard count > 1 else { return id }
        var number = count
        var name: String
        repeat {
            name = FirewallRule.name(id, part: number)
            number += 1
        } while !rules.insert(name).inserted
        return name
    }

    /// The rule in another chain; its own name is kept where it no longer stands elsewhere.
    package func copy(_ rule: FirewallRule) -> FirewallRule {
        var copy = rule
        copy.id = part(of: FirewallRule.whole(rule.id))
        copy.merged = rule.sources
        return copy
    }

    /// A rule that leads packets to a chain: there and not back if nothing follows, otherwise as a jump.
    package func lead(to chain: String, isLast: Bool, _ condition: [Box], like rule: FirewallRule) -> FirewallRule {
        FirewallRule(
            id: unused { stable.unused("lead to \(chain)") }, origin: rule.origin, condition: condition,
            verdict: isLast ? .goto(chain) : .jump(chain))
    }

    private func unused(_ name: () -> String) -> String {
        while true {
            let candidate = name()
            if rules.insert(candidate).inserted { return candidate }
        }
    }
}
