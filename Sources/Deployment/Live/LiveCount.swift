internal import Diagnostics
internal import FirewallIR
package import IPTablesBackend
internal import NFTablesBackend
internal import PacketModel

/// What one rule of ours in the kernel has counted.
package struct LiveCount: Hashable, Sendable {
    /// `iptables-legacy`, `nft`.
    package var place: String
    /// The identifier of the policy's rule that it bears, without the number of a part.
    package var rule: String
    /// Of iptables: where the rule sends packets; nothing for one that only counts.
    package var target: String?
    /// What it counted; nothing, if it has no counter.
    package var counters: SaveCounters?
}

extension LiveCount {
    /// What the rules of ours have counted in tables of iptables, in the order of the tables.
    package static func all(_ filters: [IPTablesFilter]) -> [LiveCount] {
        filters.flatMap { filter in
            let name = filter.variant.name(filter.family)
            let chains = filter.table.chains.filter { chain in
                chain.name == IPTablesNames.dockerUser || filter.ownChains.contains { $0.name == chain.name }
            }
            return chains.flatMap(\.rules).compactMap { rule in
                identifier(rule.comment).map {
                    LiveCount(place: name, rule: $0, target: rule.target?.name, counters: rule.counters)
                }
            }
        }
    }

    /// What the rules of our nft table have counted; none without a table.
    ///
    /// - Throws: `DiagnosticError` if the table cannot be listed.
    package static func all(runner: any NFTRunner) async throws -> [LiveCount] {
        guard let listing = try await runner.list(.seawall, terse: true) else { return [] }
        return NFTablesState(listing).chains.flatMap(\.rules).compactMap { rule in
            identifier(rule.comment).map {
                LiveCount(place: "nft", rule: $0, target: nil, counters: rule.counters)
            }
        }
    }

    /// The identifier in a comment of ours.
    private static func identifier(_ comment: String?) -> String? {
        guard let comment, comment.hasPrefix(IPTablesNames.commentPrefix) else { return nil }
        let word = comment.dropFirst(IPTablesNames.commentPrefix.count).prefix { $0 != " " }
        return word.isEmpty ? nil : FirewallRule.whole(String(word))
    }
}
