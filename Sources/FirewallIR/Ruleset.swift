package import PacketModel

/// All that a policy means: a list of scopes, each for one hook.
package struct Ruleset: Hashable, Sendable {
    /// The name of the policy.
    package var name: String
    /// The scopes.
    package var scopes: [Scope]

    /// A rule set.
    package init(name: String, scopes: [Scope]) {
        self.name = name
        self.scopes = scopes
    }
}

/// The rules for one hook of netfilter.
package struct Scope: Hashable, Sendable {
    /// Where the rules stand.
    package enum Hook: String, Hashable, Sendable {
        /// What Docker forwards: `DOCKER-USER`, or our own base chain at the forward hook before Docker's.
        case containers
        /// What docker-proxy accepts for containers: the twin of `containers` at the input hook, before all others there.
        case proxied
        /// The whole of a filter table's base chains.
        case input, forward, output
    }

    /// The hook.
    package var hook: Hook
    /// The families of which the scope speaks.
    package var families: FamilySet
    /// The name of the chain that is asked first.
    package var entry: String
    /// The chains; each name once.
    package var chains: [Chain]
    /// What becomes of a packet that no rule decides, at the end of the entry chain or by a return from it: `leave`,
    /// `accept` or `drop`.
    package var policy: Verdict

    /// A scope.
    package init(hook: Hook, families: FamilySet, entry: String, chains: [Chain], policy: Verdict = .leave) {
        self.hook = hook
        self.families = families
        self.entry = entry
        self.chains = chains
        self.policy = policy
    }
}

/// Rules that are asked in order.
package struct Chain: Hashable, Sendable {
    /// The name.
    package var name: String
    /// The rules.
    package var rules: [FirewallRule]

    /// A chain.
    package init(name: String, rules: [FirewallRule]) {
        self.name = name
        self.rules = rules
    }
}

extension Scope.Hook {
    /// Whether it is the whole of base chains of a filter table, and not what stands in front of Docker's or of the host's.
    package var isWholeTable: Bool {
        switch self {
        case .containers, .proxied: false
        case .input, .forward, .output: true
        }
    }
}

extension Scope {
    /// The chains whose end leads back to a rule: those that are jumped to, and those that these go to.
    package var chainsThatReturn: Set<String> {
        let rules = Dictionary(chains.map { ($0.name, $0.rules) }) { first, _ in first }
        var found: Set<String> = []
        var open = chains.flatMap(\.rules).compactMap { if case .jump(let name) = $0.verdict { name } else { nil } }
        while let name = open.popLast() {
            guard found.insert(name).inserted else { continue }
            open += (rules[name] ?? []).compactMap { if case .goto(let name) = $0.verdict { name } else { nil } }
        }
        return found
    }
}
