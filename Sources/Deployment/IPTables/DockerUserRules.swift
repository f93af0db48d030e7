package import IPTablesBackend

/// The rules of `DOCKER-USER` by whose they are.
package struct DockerUserRules: Hashable, Sendable {
    /// Whose a rule is.
    package enum Owner: Hashable, Sendable {
        /// Seawall's: by its comment, or by the chain that it jumps to.
        case seawall
        /// Docker 20.10's: a lone RETURN at the end.
        case docker
        /// Somebody else's.
        case foreign
    }

    /// The rules in order.
    package var rules: [SaveRule]
    /// Whose each of them is.
    package var owners: [Owner]

    /// The rules of the chain, or none.
    package init(_ table: SaveTable) {
        rules = table.rules(of: IPTablesNames.dockerUser)
        owners = rules.map { Self.isOurs($0) ? .seawall : .foreign }
        if let last = rules.last, last.words == ["-j", "RETURN"] { owners[rules.count - 1] = .docker }
    }

    /// The rules of one owner, in order.
    package func rules(of owner: Owner) -> [SaveRule] { zip(rules, owners).filter { $0.1 == owner }.map(\.0) }

    /// The rules that are not ours, in order.
    package var others: [SaveRule] { zip(rules, owners).filter { $0.1 != .seawall }.map(\.0) }

    /// Whether the jump to our own chain stands at the top, and no other rule of ours in the chain is that same jump.
    package var hasJumpAtTop: Bool {
        rules.first?.words == Self.jumpWords && rules.count { $0.words == Self.jumpWords } == 1
    }

    /// The rules of others that stand before the first one of ours, where ours begin with the jump to our own chain.
    package var beforeJump: [SaveRule] {
        guard let jump = rules.firstIndex(where: { $0.words == Self.jumpWords }) else { return [] }
        return zip(rules, owners).prefix(jump).filter { $0.1 == .foreign }.map(\.0)
    }

    /// The words of `-A DOCKER-USER -m comment --comment "sw:jump" -j SEAWALL`.
    package static let jumpWords = [
        "-m", "comment", "--comment", IPTablesNames.commentPrefix + "jump", "-j", IPTablesNames.ownChain,
    ]

    private static func isOurs(_ rule: SaveRule) -> Bool {
        if rule.comment.map(IPTablesNames.isOwnComment) == true { return true }
        return rule.target.map { IPTablesFilter.isOwn($0.name) } == true
    }
}
