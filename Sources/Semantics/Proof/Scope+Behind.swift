package import FirewallIR
internal import Diagnostics

extension Scope {
    /// Two lists of rules at one hook, one behind the other: what the first does not stop, the second is asked about.
    ///
    /// What leaves the first goes to the second, wherever in its chains that is; what it accepts is accepted for good.
    ///
    /// - Parameter second: the rules that are asked behind these; its hook and family are those of the whole.
    /// - Returns: one list of rules; places stay as they are, and names of the second are changed where both have them.
    package func followed(by second: Scope) -> Scope {
        let naming = SecondNames(first: self, second: second)
        let door = FirewallRule(
            id: naming.free("behind"), origin: SourceLocation(file: entry), condition: [Box()],
            verdict: .goto(naming.chain(second.entry)))
        let front = chains.map { chain in
            let isEntry = chain.name == entry
            let rules = chain.rules.map { $0.leading(to: door.verdict, returns: isEntry) }
            return Chain(name: chain.name, rules: isEntry ? rules + [door] : rules)
        }
        let end = FirewallRule(
            id: naming.free("end"), origin: SourceLocation(file: second.entry), condition: [Box()],
            verdict: second.policy)
        let back = second.chains.map { chain in
            let isEntry = chain.name == second.entry
            let rules = chain.rules.map { naming.rule($0).ending(in: isEntry ? second.policy : nil) }
            return Chain(name: naming.chain(chain.name), rules: isEntry ? rules + [end] : rules)
        }
        return Scope(
            hook: second.hook, families: second.families, entry: entry, chains: front + back, policy: second.policy)
    }
}

/// What the chains and rules of the second list are called beside those of the first.
private struct SecondNames {
    private let chains: Set<String>
    private let ids: Set<String>

    init(first: Scope, second: Scope) {
        chains = Set(first.chains.map(\.name))
        ids = Set(first.chains.flatMap(\.rules).map(\.id))
    }

    func chain(_ name: String) -> String { chains.contains(name) ? "\(name), behind" : name }

    /// A name that neither list has: rules are called by identifiers without spaces.
    func free(_ word: String) -> String { "the \(word)" }

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
    fileprivate func leading(to verdict: Verdict, returns: Bool) -> FirewallRule {
        var rule = self
        if rule.verdict == .leave || returns && rule.verdict == .return { rule.verdict = verdict }
        return rule
    }

    /// The rule of an entry chain, which leads back to no other now.
    fileprivate func ending(in policy: Verdict?) -> FirewallRule {
        var rule = self
        if let policy, rule.verdict == .return { rule.verdict = policy }
        return rule
    }
}
