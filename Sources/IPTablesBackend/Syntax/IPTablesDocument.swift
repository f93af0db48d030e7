package import PacketModel

/// A document for `iptables-restore --noflush` or its IPv6 twin: part of the filter table of one family.
package struct IPTablesDocument: Hashable, Sendable {
    /// The family.
    package var family: AddressFamily
    /// Comment lines at the top, without `# `.
    package var header: [String]
    /// What happens in the filter table, in order.
    package var lines: [IPTablesLine]

    /// A document.
    package init(family: AddressFamily, header: [String], lines: [IPTablesLine]) {
        self.family = family
        self.header = header
        self.lines = lines
    }
}

/// A line between `*filter` and `COMMIT`.
package enum IPTablesLine: Hashable, Sendable {
    /// `:CHAIN - [0:0]`: makes a user chain, and empties it if it exists.
    case chain(String)
    /// `:INPUT DROP [0:0]`: sets the policy of a built-in chain.
    case policy(String, IPTablesPolicy)
    /// `-A CHAIN RULE`.
    case append(String, IPTablesRule)
    /// `-I CHAIN NUMBER RULE`.
    case insert(String, position: Int, IPTablesRule)
    /// `-D CHAIN WORDS`: words of a rule as `iptables-save` prints it.
    case delete(String, words: [String])
    /// `-X CHAIN`: removes a user chain that is empty and that nothing refers to.
    case deleteChain(String)
    /// `-A CHAIN WORDS`: a rule of somebody else's, in the words in which `iptables-save` printed it.
    case appendWords(String, words: [String])
}

/// What becomes of a packet at the end of a built-in chain.
package enum IPTablesPolicy: String, Hashable, Sendable {
    case accept = "ACCEPT"
    case drop = "DROP"
}

/// Matches that all hold, and a target.
package struct IPTablesRule: Hashable, Sendable {
    /// In the order in which they are asked.
    package var matches: [IPTablesMatch]
    /// Without a target the rule only counts.
    package var target: IPTablesTarget?

    /// A rule.
    package init(_ matches: [IPTablesMatch] = [], target: IPTablesTarget?) {
        self.matches = matches
        self.target = target
    }
}

/// A value that may be negated with `!`.
package struct Negatable<Value: Hashable & Sendable>: Hashable, Sendable {
    package var value: Value
    package var isNegated: Bool

    /// A value, negated or not.
    package init(_ value: Value, isNegated: Bool = false) {
        self.value = value
        self.isNegated = isNegated
    }
}

extension Negatable {
    /// The value under the same sign.
    package func map<T>(_ transform: (Value) -> T) -> Negatable<T> {
        Negatable<T>(transform(value), isNegated: isNegated)
    }
}
