internal import PacketModel

/// A transaction that puts one table in the place of its former self.
package struct NFTDocument: Hashable, Sendable {
    /// The table.
    package var table: NFTTable

    /// A transaction for a table.
    package init(table: NFTTable) { self.table = table }
}

/// A table of the family `inet`.
package struct NFTTable: Hashable, Sendable {
    /// The name.
    package var name: String
    /// Named sets.
    package var sets: [NFTSet]
    /// Chains; each name once.
    package var chains: [NFTChain]

    /// A table.
    package init(name: String, sets: [NFTSet], chains: [NFTChain]) {
        self.name = name
        self.sets = sets
        self.chains = chains
    }
}

/// A named set: `set NAME { type ipv4_addr; flags interval; elements = { … } }`.
package struct NFTSet: Hashable, Sendable {
    /// What the elements are.
    package enum Kind: String, Hashable, Sendable {
        case ipv4 = "ipv4_addr"
        case ipv6 = "ipv6_addr"
        case port = "inet_service"
    }

    package var name: String
    package var kind: Kind
    /// Disjoint single values, prefixes and ranges, ascending.
    package var elements: [NFTValue]

    /// A set.
    package init(name: String, kind: Kind, elements: [NFTValue]) {
        self.name = name
        self.kind = kind
        self.elements = elements
    }

    /// Whether an element is more than one value: then the set needs the flag `interval`.
    package var isInterval: Bool { elements.contains(where: \.isInterval) }
}

/// A chain with its rules.
package struct NFTChain: Hashable, Sendable {
    /// Where a base chain stands: `type filter hook forward priority -10; policy accept;`.
    package struct Hook: Hashable, Sendable {
        package var hook: String
        package var priority: Int
        package var policy: String

        /// A place.
        package init(hook: String, priority: Int, policy: String) {
            self.hook = hook
            self.priority = priority
            self.policy = policy
        }
    }

    package var name: String
    package var hook: Hook?
    package var rules: [NFTRule]

    /// A chain.
    package init(name: String, hook: Hook? = nil, rules: [NFTRule]) {
        self.name = name
        self.hook = hook
        self.rules = rules
    }
}

/// Statements in order, and a comment of 128 bytes at most.
package struct NFTRule: Hashable, Sendable {
    package var statements: [NFTStatement]
    package var comment: String

    /// A rule.
    package init(_ statements: [NFTStatement], comment: String) {
        self.statements = statements
        self.comment = comment
    }
}
