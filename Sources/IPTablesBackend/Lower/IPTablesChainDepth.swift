internal import FirewallIR

/// How many chains lie on the longest way from the first chain to each of the others.
enum IPTablesChainDepth {
    /// 1 for a chain that the first one leads to, and so on; a chain that nothing leads to is left out.
    static func depths(entry: [IPTablesRule], chains: [IPTablesChain]) -> [String: Int] {
        let targets = Dictionary(chains.map { ($0.name, Self.targets(of: $0.rules)) }) { first, _ in first }
        return ChainDepths.depths(from: Self.targets(of: entry), targets)
    }

    private static func targets(of rules: [IPTablesRule]) -> [String] {
        rules.compactMap { rule in
            switch rule.target {
            case .jump(let name), .goto(let name): name
            default: nil
            }
        }
    }
}
