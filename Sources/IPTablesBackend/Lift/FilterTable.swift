package import PacketModel

/// A filter table of one family as it was read, with the lines of its rules.
package struct FilterTable: Hashable, Sendable {
    /// The family.
    package var family: AddressFamily
    /// The chains in the order of the text; each name once.
    package var chains: [FilterChain]
    /// The sets of addresses whose content is known, by name: those of a program.
    var sets: [String: IPSet] = [:]

    /// A table.
    package init(family: AddressFamily, chains: [FilterChain]) {
        self.family = family
        self.chains = chains
    }

    /// The chain of a name.
    package func chain(_ name: String) -> FilterChain? { chains.first { $0.name == name } }
}

/// A chain of a table, with its rules in order.
package struct FilterChain: Hashable, Sendable {
    /// The name.
    package var name: String
    /// `ACCEPT` or `DROP` of a built-in chain; `nil` for a user chain, and where the text does not say it.
    package var policy: IPTablesPolicy?
    /// The line that declares it, if one does.
    package var line: Int?
    /// The rules.
    package var rules: [FilterRule]

    /// A chain.
    package init(_ name: String, policy: IPTablesPolicy? = nil, line: Int? = nil, rules: [FilterRule]) {
        self.name = name
        self.policy = policy
        self.line = line
        self.rules = rules
    }
}

/// A rule of a chain, or what stands in the place of one that could not be read.
package struct FilterRule: Hashable, Sendable {
    /// What was read.
    package enum Content: Hashable, Sendable {
        /// A rule.
        case rule(IPTablesRule)
        /// The text of a rule that was refused, and why.
        case refused(text: String, reason: String)
    }

    /// The rule.
    package var content: Content
    /// Where it stands in the file; `nil` if it came from no file.
    package var line: Int?

    /// A rule of a line.
    package init(_ content: Content, line: Int?) {
        self.content = content
        self.line = line
    }

    /// The text behind `-A CHAIN`.
    package var text: String {
        switch content {
        case .rule(let rule): String(rule.text.dropFirst())
        case .refused(let text, _): text
        }
    }
}

/// Which chains of a table are taken.
package enum IPTablesSelection: Hashable, Sendable {
    /// `DOCKER-USER`, and what it leads to.
    case dockerUser
    /// One chain, and what it leads to.
    case named(String)
    /// The built-in chains, and what they lead to.
    case whole
}
