internal import FirewallIR

/// The user chains of the scopes of one table: what is the same in two scopes is one chain.
struct SharedChains {
    /// Chains that have been given a name, with their rules and the chains behind them.
    private var known: [Meaning: String] = [:]

    /// A chain with all that it leads to.
    private struct Meaning: Hashable {
        var name: String
        var chains: [Chain]
    }

    /// The names of the user chains of a scope, and which of them are new.
    mutating func add(
        _ scope: Scope, _ names: inout IPTablesChainNames
    ) -> (names: [String: String], new: Set<String>) {
        let chains = Dictionary(scope.chains.map { ($0.name, $0) }) { first, _ in first }
        var given: [String: String] = [:]
        var new: Set<String> = []
        for chain in scope.chains where chain.name != scope.entry {
            let behind = Self.reached(from: chain.name, chains)
            let meaning = Meaning(name: chain.name, chains: behind.sorted().compactMap { chains[$0] })
            if let name = known[meaning] {
                given[chain.name] = name
            } else {
                let name = names.unused(chain.name)
                known[meaning] = name
                given[chain.name] = name
                new.insert(chain.name)
            }
        }
        return (given, new)
    }

    private static func reached(from name: String, _ chains: [String: Chain]) -> Set<String> {
        var found: Set<String> = [name]
        var open = [name]
        while let name = open.popLast() {
            let targets = (chains[name]?.rules ?? []).compactMap(\.verdict.target)
            open += targets.filter { found.insert($0).inserted }
        }
        return found
    }
}
