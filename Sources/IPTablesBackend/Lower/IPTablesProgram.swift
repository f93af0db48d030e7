package import Diagnostics
package import PacketModel

/// The rules of a policy for one family: what `DOCKER-USER` holds, before it is decided in which chain that begins, or a
/// whole filter table.
package struct IPTablesProgram: Hashable, Sendable {
    /// The family.
    package var family: AddressFamily
    /// The rules of the first chain; none in a whole table.
    ///
    /// RETURN from it hands a packet on to what follows the policy.
    package var entry: [IPTablesRule]
    /// The rules of the first chain for what docker-proxy accepts, to which INPUT jumps; without rules there is no such chain.
    package var input: [IPTablesRule] = []
    /// The built-in chains of a whole table; none for `DOCKER-USER`.
    package var builtIn: [IPTablesBuiltInChain]
    /// Further chains that the rules refer to; beside `DOCKER-USER`, all names begin with `SEAWALL-`.
    package var chains: [IPTablesChain]
    /// The sets of addresses that the rules ask; they have to be there before the rules.
    package var sets: [IPSet] = []
    /// Warnings: what was changed that means nothing to packets, such as comments that iptables cannot hold.
    package var notes: [Diagnostic] = []

    /// A program.
    package init(
        family: AddressFamily, entry: [IPTablesRule], builtIn: [IPTablesBuiltInChain] = [], chains: [IPTablesChain]
    ) {
        self.family = family
        self.entry = entry
        self.builtIn = builtIn
        self.chains = chains
    }

    /// Whether it is a filter table with its built-in chains, and not what `DOCKER-USER` holds.
    package var isWholeTable: Bool { !builtIn.isEmpty }
}

/// A built-in chain with its policy and its rules.
package struct IPTablesBuiltInChain: Hashable, Sendable {
    /// `INPUT`, `FORWARD` or `OUTPUT`.
    package var name: String
    /// What becomes of a packet at its end.
    package var policy: IPTablesPolicy
    /// The rules.
    package var rules: [IPTablesRule]

    /// A built-in chain.
    package init(name: String, policy: IPTablesPolicy, rules: [IPTablesRule]) {
        self.name = name
        self.policy = policy
        self.rules = rules
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
    /// Our own chain for what docker-proxy accepts, with one jump at the top of INPUT.
    package static let inputChain = "SEAWALL-INPUT"
    /// What the names of our further chains begin with.
    package static let chainPrefix = "SEAWALL-"
    /// What the comments of all our rules begin with.
    package static let commentPrefix = "sw:"

    /// Whether a comment is one of ours: `sw:jump`, or an identifier, perhaps with the letter of a part and its number behind
    /// `~`, and a text.
    ///
    /// Others begin their comments with `sw:` as well, and their rules are not ours to replace.
    package static func isOwnComment(_ text: String) -> Bool {
        guard text.hasPrefix(commentPrefix) else { return false }
        let word = text.dropFirst(commentPrefix.count).prefix { $0 != " " }
        let isIdentifier = word.prefix(8).utf8.allSatisfy("0123456789abcdefghjkmnpqrstvwxyz".utf8.contains)
        let parts = word.dropFirst(8).split(separator: "~", maxSplits: 1, omittingEmptySubsequences: false)
        let letter = parts.first ?? ""
        let isPart = letter.isEmpty || letter.count == 1 && "reiudlv".contains(letter)
        let isNumbered = parts.count < 2 || !parts[1].isEmpty && parts[1].utf8.allSatisfy { (48...57).contains($0) }
        return word == "jump" || isIdentifier && word.count >= 8 && isPart && isNumbered
    }
}
