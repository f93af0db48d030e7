package import Diagnostics
package import PacketModel

/// Rules of iptables as a text holds them: tables, chains and rules in its order, each with its line.
package struct IPTablesFile: Hashable, Sendable {
    /// As it is called in messages.
    package var name: String
    /// The family.
    package var family: AddressFamily
    /// The tables in the order of the text; one that stands twice is there twice.
    package var tables: [IPTablesTable]
    /// Comment lines behind the last table, with their `#`.
    package var trailer: [String]

    /// A file.
    package init(name: String, family: AddressFamily, tables: [IPTablesTable] = [], trailer: [String] = []) {
        self.name = name
        self.family = family
        self.tables = tables
        self.trailer = trailer
    }

    /// The last table of a name: the one that `iptables-restore` leaves behind.
    package func table(_ name: String) -> IPTablesTable? { tables.last { $0.name == name } }
}

/// A table: `*filter` … `COMMIT`.
package struct IPTablesTable: Hashable, Sendable {
    /// The name.
    package var name: String
    /// The chains in the order in which the text names them first.
    package var chains: [IPTablesFileChain]
    /// The line of `*NAME`, from 1; that of the first rule, if there is none.
    package var line: Int
    /// Comment lines before it, with their `#`.
    package var comments: [String]
    /// Comment lines before its `COMMIT`.
    package var lastComments: [String]

    /// A table.
    package init(
        name: String, chains: [IPTablesFileChain] = [], line: Int = 0, comments: [String] = [], lastComments: [String] = []
    ) {
        self.name = name
        self.chains = chains
        self.line = line
        self.comments = comments
        self.lastComments = lastComments
    }

    /// The chain of a name.
    package func chain(_ name: String) -> IPTablesFileChain? { chains.first { $0.name == name } }
}

/// A chain with its rules.
package struct IPTablesFileChain: Hashable, Sendable {
    /// What becomes of packets at the end of a built-in chain.
    package enum Policy: String, Hashable, Sendable {
        case accept = "ACCEPT"
        case drop = "DROP"
    }

    /// The name.
    package var name: String
    /// Whether the text makes it: by `:NAME`, `-N`, or a policy.
    package var isDeclared: Bool
    /// The policy, if the text says one.
    package var policy: Policy?
    /// The counters of the declaration.
    package var counters: SaveCounters?
    /// The line of the declaration, from 1; that of the first rule, if it is not declared.
    package var line: Int
    /// Comment lines before the declaration.
    package var comments: [String]
    /// The rules in the order in which they are asked.
    package var rules: [IPTablesFileRule]

    /// A chain.
    package init(
        name: String, isDeclared: Bool = true, policy: Policy? = nil, counters: SaveCounters? = nil, line: Int = 0,
        comments: [String] = [], rules: [IPTablesFileRule] = []
    ) {
        self.name = name
        self.isDeclared = isDeclared
        self.policy = policy
        self.counters = counters
        self.line = line
        self.comments = comments
        self.rules = rules
    }
}

/// A rule and its line.
package struct IPTablesFileRule: Hashable, Sendable {
    /// What is known of a rule.
    package enum Content: Hashable, Sendable {
        /// A rule of the filter table.
        case rule(IPTablesRule)
        /// A rule of another table, as it stands in the text behind its chain.
        case raw(String)
        /// A rule that was refused: its text behind its chain, and why.
        indirect case refused(String, Diagnostic)
    }

    /// The rule.
    package var content: Content
    /// The line, from 1.
    package var line: Int
    /// The counters `[1:60]`, where the text has them.
    package var counters: SaveCounters?
    /// Comment lines before it.
    package var comments: [String]

    /// A rule.
    package init(_ content: Content, line: Int = 0, counters: SaveCounters? = nil, comments: [String] = []) {
        self.content = content
        self.line = line
        self.counters = counters
        self.comments = comments
    }
}

/// What reading a text gave.
package struct IPTablesReading: Sendable {
    /// A file for each family that the text speaks of; lists of commands may speak of both.
    package var files: [IPTablesFile]
    /// What was refused (errors), and what was read in another way than it stands there (warnings), line by line.
    package var diagnostics: [Diagnostic]

    /// The rules of one family.
    package func file(_ family: AddressFamily) -> IPTablesFile? { files.first { $0.family == family } }

    /// Whether every rule of the filter tables was taken.
    package var isComplete: Bool { !diagnostics.contains { $0.severity == .error } }
}
