internal import Diagnostics
package import FirewallIR

extension Scope {
    /// Two lists of rules at one hook, one behind the other: what the first does not stop, the second is asked about.
    ///
    /// What leaves the first goes to the second, wherever in its chains that is; what it accepts is accepted for good.
    ///
    /// - Parameter second: the rules that are asked behind these; its hook and family are those of the whole.
    /// - Returns: one list of rules; places stay as they are, and names of the second are changed where both have them.
    package func followed(by second: Scope) -> Scope {
        let names = SecondNames(first: self, second: second)
        func forAll(_ id: String, _ chain: String, _ verdict: Verdict) -> FirewallRule {
            FirewallRule(id: id, origin: SourceLocation(file: chain), condition: [Box()], verdict: verdict)
        }
        // Each list is jumped to, so that wherever it ends leads back here, also behind a goto.
        let top = Chain(
            name: names.top,
            rules: [
                forAll("the first", entry, .jump(entry)),
                forAll("the end of the first", entry, policy == .leave ? .goto(names.behind) : policy),
            ])
        let behind = Chain(
            name: names.behind,
            rules: [
                forAll("the second", second.entry, .jump(names.chain(second.entry))),
                forAll("the end", second.entry, second.policy),
            ])
        let front = chains.map { Chain(name: $0.name, rules: $0.rules.map { $0.leaving(by: .goto(names.behind)) }) }
        let back = second.chains.map { Chain(name: names.chain($0.name), rules: $0.rules.map(names.rule)) }
        return Scope(
            hook: second.hook, families: second.families, entry: top.name, chains: [top] + front + [behind] + back,
            policy: second.policy)
    }
}

/// What the chains and rules of the second list are called beside those of the first.
private struct SecondNames {
    /// The chain with which both begin, and the one to which goes what leaves the first: names that no kernel takes.
    let top = "first, and then second"
    let behind = "second, behind the first"
    private let chains: Set<String>
    private let ids: Set<String>

    init(first: Scope, second: Scope) {
        chains = Set(first.chains.map(\.name))
        ids = Set(first.chains.flatMap(\.rules).map(\.id))
    }

    func chain(_ name: String) -> String { chains.contains(name) ? "\(name), behind" : name }

    func rule(_ rule: FirewallRule) -> FirewallRule {
        var rule = rule
        // The part before the dot is what guards are paired by.
        if ids.contains(rule.id) { rule.id += ".behind" }
        switch rule.verdict {
        case .jump(let name): rule.verdict = .jump(chain(name))
        case .goto(let name): rule.verdict = .goto(chain(name))
        default: break
        }
        return rule
    }
}

extension FirewallRule {
    /// The rule with another way for what leaves.
    fileprivate func leaving(by verdict: Verdict) -> FirewallRule {
        var rule = self
        if rule.verdict == .leave { rule.verdict = verdict }
        return rule
    }
}
