package import PacketModel

/// The rules of a policy for one family, before it is decided in which chain they begin.
package struct IPTablesProgram: Hashable, Sendable {
    /// The family.
    package var family: AddressFamily
    /// The rules of the first chain; RETURN from it hands a packet on to what follows the policy.
    package var entry: [IPTablesRule]
    /// Further chains that the rules refer to; all names begin with `SEAWALL-`.
    package var chains: [IPTablesChain]

    /// A program.
    package init(family: AddressFamily, entry: [IPTablesRule], chains: [IPTablesChain]) {
        self.family = family
        self.entry = entry
        self.chains = chains
    }
}

/// A user chain with its rules.
package struct IPTablesChain: Hashable, Sendable {
    /// The name: 28 bytes at most.
    package var name: String
    /// The rules.
    package var rules: [IPTablesRule]

    /// A chain.
    package init(name: String, rules: [IPTablesRule]) {
        self.name = name
        self.rules = rules
    }
}

/// Names of chains that both the rules and the host know.
package enum IPTablesNames {
    /// Docker's chain for its users.
    package static let dockerUser = "DOCKER-USER"
    /// Our own chain, where `DOCKER-USER` is shared with others.
    package static let ownChain = "SEAWALL"
    /// What the names of our further chains begin with.
    package static let chainPrefix = "SEAWALL-"
    /// What the comments of all our rules begin with.
    package static let commentPrefix = "sw:"

    /// Whether a comment is one of ours: `sw:jump`, or an identifier, perhaps with the letter of a part, and a text.
    ///
    /// Others begin their comments with `sw:` as well, and their rules are not ours to replace.
    package static func isOwnComment(_ text: String) -> Bool {
        guard text.hasPrefix(commentPrefix) else { return false }
        let word = text.dropFirst(commentPrefix.count).prefix { $0 != " " }
        let isIdentifier = word.prefix(8).utf8.allSatisfy("0123456789abcdefghjkmnpqrstvwxyz".utf8.contains)
        let isPart = word.count == 9 && "reiudlv".contains(word.suffix(1))
        return word == "jump" || isIdentifier && (word.count == 8 || isPart)
    }
}
