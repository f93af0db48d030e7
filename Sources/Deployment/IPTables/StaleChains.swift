internal import Diagnostics
internal import IPTablesBackend

/// Chains of ours that a new program no longer needs.
struct StaleChains {
    /// They are emptied and removed.
    private(set) var removed: [String] = []
    /// They stay, because a rule of somebody else's leads to them: the chain, and that rule.
    private(set) var kept: [(chain: String, rule: String)] = []

    /// The chains of ours that are not among those that the program needs.
    init(_ filter: IPTablesFilter, keeping needed: [String]) {
        let stale = filter.ownChains.map(\.name).filter { !needed.contains($0) }
        var references = Self.foreignReferences(filter)
        // What a chain that stays refers to stays as well.
        var open = stale.filter { references[$0] != nil }
        while let chain = open.popLast() {
            for rule in filter.table.rules(of: chain) {
                guard let target = rule.target?.name, stale.contains(target), references[target] == nil else {
                    continue
                }
                references[target] = IPTablesLine.appendWords(chain, words: rule.words).text
                open.append(target)
            }
        }
        removed = stale.filter { references[$0] == nil }
        kept = stale.compactMap { chain in references[chain].map { (chain, $0) } }
    }

    /// The first rule outside of our chains and of `DOCKER-USER` that refers to each chain; our own jump in INPUT is none.
    private static func foreignReferences(_ filter: IPTablesFilter) -> [String: String] {
        var result: [String: String] = [:]
        for chain in filter.table.chains
        where !IPTablesFilter.isOwn(chain.name) && chain.name != IPTablesNames.dockerUser {
            for rule in chain.rules {
                guard let target = rule.target?.name, IPTablesFilter.isOwn(target), result[target] == nil,
                    !(chain.name == InputRules.chain && InputRules.isOurs(rule))
                else { continue }
                result[target] = IPTablesLine.appendWords(chain.name, words: rule.words).text
            }
        }
        return result
    }

    func warnings(_ filter: IPTablesFilter) -> [Diagnostic] { kept.map { .staleChainKept($0.chain, $0.rule, filter) } }
}
