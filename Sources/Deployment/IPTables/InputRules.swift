package import IPTablesBackend

/// What of ours is in INPUT: the jump to the chain for what docker-proxy accepts.
///
/// All other rules there are somebody else's.
package struct InputRules: Hashable, Sendable {
    /// The built-in chain.
    package static let chain = "INPUT"
    /// The words of `-A INPUT -m comment --comment "sw:jump" -j SEAWALL-INPUT`.
    package static let jumpWords = [
        "-m", "comment", "--comment", IPTablesNames.commentPrefix + "jump", "-j", IPTablesNames.inputChain,
    ]

    private let rules: [SaveRule]

    /// The rules of the chain.
    package init(_ table: SaveTable) { rules = table.rules(of: Self.chain) }

    /// Our jumps with their positions, from 1.
    package var jumps: [(position: Int, rule: SaveRule)] {
        rules.enumerated().filter { Self.isOurs($1) }.map { ($0 + 1, $1) }
    }

    /// Whether the jump stands at the top, and nowhere else.
    package var hasJumpAtTop: Bool { jumps.map(\.position) == [1] }

    /// Whether a rule is our jump, word for word.
    package static func isOurs(_ rule: SaveRule) -> Bool { rule.words == jumpWords }
}
