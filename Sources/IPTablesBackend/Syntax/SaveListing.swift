/// What `iptables-save` printed, in its structure: tables, chains, and rules as words.
///
/// No match is understood here.
package struct SaveListing: Hashable, Sendable {
    /// The tables in the order of the text.
    package var tables: [SaveTable]

    /// A listing of tables.
    package init(tables: [SaveTable] = []) { self.tables = tables }

    /// The first table of a name.
    package func table(_ name: String) -> SaveTable? { tables.first { $0.name == name } }
}

/// A table: `*filter` … `COMMIT`.
package struct SaveTable: Hashable, Sendable {
    /// The name.
    package var name: String
    /// The chains in the order in which the text names them first.
    package var chains: [SaveChain]
    /// The line of `*NAME`, from 1.
    package var line: Int

    /// A table.
    package init(name: String, chains: [SaveChain] = [], line: Int = 0) {
        self.name = name
        self.chains = chains
        self.line = line
    }

    /// The chain of a name.
    package func chain(_ name: String) -> SaveChain? { chains.first { $0.name == name } }

    /// The rules of a chain; none if there is no such chain.
    package func rules(of chain: String) -> [SaveRule] { self.chain(chain)?.rules ?? [] }
}

/// A chain: `:NAME POLICY [PACKETS:BYTES]`, and the rules appended to it.
package struct SaveChain: Hashable, Sendable {
    /// The name.
    package var name: String
    /// `ACCEPT` or `DROP`; nothing for a user's chain, which is printed with `-`.
    package var policy: String?
    /// The counters of the policy.
    package var counters: SaveCounters?
    /// The rules, in order.
    package var rules: [SaveRule]
    /// The line of its declaration, from 1; that of its first rule, if it was not declared.
    package var line: Int

    /// A chain.
    package init(
        name: String, policy: String? = nil, counters: SaveCounters? = nil, rules: [SaveRule] = [], line: Int = 0
    ) {
        self.name = name
        self.policy = policy
        self.counters = counters
        self.rules = rules
        self.line = line
    }
}

/// Counters as `iptables-save -c` prints them: `[PACKETS:BYTES]`.
package struct SaveCounters: Hashable, Sendable, CustomStringConvertible {
    /// Packets.
    package var packets: UInt64
    /// Bytes.
    package var bytes: UInt64

    /// Both counters.
    package init(packets: UInt64, bytes: UInt64) {
        self.packets = packets
        self.bytes = bytes
    }

    /// `[1:60]`.
    package var description: String { "[\(packets):\(bytes)]" }
}

/// A rule: `-A CHAIN WORDS`.
package struct SaveRule: Hashable, Sendable {
    /// The words behind `-A CHAIN`, without their quotes.
    package var words: [String]
    /// The counters, where the listing has them.
    package var counters: SaveCounters?
    /// The line, from 1.
    package var line: Int

    /// A rule.
    package init(words: [String], counters: SaveCounters? = nil, line: Int = 0) {
        self.words = words
        self.counters = counters
        self.line = line
    }
}

/// Why a text is no listing of `iptables-save`.
package struct SaveListingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The line, from 1.
    package let line: Int
    /// What is wrong.
    package let message: String

    /// An error in a line.
    package init(line: Int, _ message: String) {
        self.line = line
        self.message = message
    }

    package var description: String { "line \(line): \(message)" }
}
