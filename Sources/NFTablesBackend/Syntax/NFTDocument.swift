package import Diagnostics
package import FirewallIR
package import PacketModel

/// A transaction that puts one table in the place of its former self.
package struct NFTDocument: Hashable, Sendable {
    /// The table.
    package var table: NFTTable
    /// The chains that bear another name than in the rule set, in the order of the rule set.
    package var renamedChains: [NFTRenamedChain]
    /// Warnings: what was changed that means nothing to packets, such as comments that nft cannot hold.
    package var notes: [Diagnostic]
    /// The rules of the policy that the elements of sets and maps came from: for each of them, by its name, the identifiers
    /// for each element in turn. A set of one rule alone that was not merged is left out.
    package var elementSources: [String: [[String]]]

    /// A transaction for a table.
    package init(
        table: NFTTable, renamedChains: [NFTRenamedChain] = [], notes: [Diagnostic] = [],
        elementSources: [String: [[String]]] = [:]
    ) {
        self.table = table
        self.elementSources = elementSources
        self.renamedChains = renamedChains
        self.notes = notes
    }
}

/// A chain of the rule set that bears another name in the table: nft's own language cannot write its name, or another
/// scope has a chain of the same name.
package struct NFTRenamedChain: Hashable, Sendable {
    /// The hook of its scope.
    package var hook: Scope.Hook
    /// The families of its scope.
    package var families: FamilySet
    /// Its name in the rule set.
    package var original: String
    /// Its name in the table.
    package var name: String

    /// A chain with both names.
    package init(hook: Scope.Hook, families: FamilySet, original: String, name: String) {
        self.hook = hook
        self.families = families
        self.original = original
        self.name = name
    }
}

/// A family of tables that sees packets of the Internet protocols.
package enum NFTFamily: String, Hashable, Sendable, CaseIterable {
    case ip, ip6, inet

    /// The families of packets that a table sees.
    package var families: FamilySet {
        switch self {
        case .ip: .ip
        case .ip6: .ip6
        case .inet: .both
        }
    }
}

/// A table.
package struct NFTTable: Hashable, Sendable {
    /// The family; what Seawall writes is `inet`.
    package var family: NFTFamily
    /// The name.
    package var name: String
    /// Named sets.
    package var sets: [NFTSet]
    /// Named maps from keys to verdicts.
    package var maps: [NFTMap]
    /// Chains; each name once.
    package var chains: [NFTChain]

    /// A table.
    package init(
        family: NFTFamily = .inet, name: String, sets: [NFTSet] = [], maps: [NFTMap] = [], chains: [NFTChain]
    ) {
        self.family = family
        self.name = name
        self.sets = sets
        self.maps = maps
        self.chains = chains
    }
}

/// A named set: `set NAME { type ipv4_addr; flags interval; elements = { … } }`.
package struct NFTSet: Hashable, Sendable {
    /// What the elements are: a type of nft, or several in a row.
    package indirect enum Kind: Hashable, Sendable {
        case ipv4
        case ipv6
        case port
        case mac
        case interface
        /// A type whose elements are words and numbers, by its name: `mark`, `inet_proto`.
        case other(String)
        case concat([Kind])
    }

    package var name: String
    package var kind: Kind
    /// Disjoint single values, prefixes and ranges, ascending.
    package var elements: [NFTValue]
    /// Why the elements are not what they will be, or not all that there are: packets add some, or time removes them.
    package var volatility: String?

    /// A set.
    package init(name: String, kind: Kind, elements: [NFTValue], volatility: String? = nil) {
        self.name = name
        self.kind = kind
        self.elements = elements
        self.volatility = volatility
    }

    /// Whether an element is more than one value: then the set needs the flag `interval`.
    package var isInterval: Bool { elements.contains(where: \.isInterval) }
}

/// A named map to verdicts: `map NAME { type inet_service : verdict; elements = { 22 : accept } }`.
package struct NFTMap: Hashable, Sendable {
    package var name: String
    package var kind: NFTSet.Kind
    package var elements: [NFTVerdictMapElement]
    /// Why the elements are not what they will be, or not all that there are.
    package var volatility: String?

    /// A map.
    package init(name: String, kind: NFTSet.Kind, elements: [NFTVerdictMapElement], volatility: String? = nil) {
        self.name = name
        self.kind = kind
        self.elements = elements
        self.volatility = volatility
    }
}

/// A chain with its rules.
package struct NFTChain: Hashable, Sendable {
    /// Where a base chain stands: `type filter hook forward priority -10; policy accept;`.
    package struct Hook: Hashable, Sendable {
        package var hook: String
        package var priority: Int
        package var policy: String
        /// `filter`, `nat` or `route`; what Seawall writes is `filter`.
        package var type: String

        /// A place.
        package init(type: String = "filter", hook: String, priority: Int, policy: String) {
            self.hook = hook
            self.priority = priority
            self.policy = policy
            self.type = type
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

/// Statements in order, and a comment of 128 bytes at most; an empty one is none.
package struct NFTRule: Hashable, Sendable {
    package var statements: [NFTStatement]
    package var comment: String

    /// A rule.
    package init(_ statements: [NFTStatement], comment: String) {
        self.statements = statements
        self.comment = comment
    }
}
