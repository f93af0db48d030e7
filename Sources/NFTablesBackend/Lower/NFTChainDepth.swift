/// How many chains lie on the longest way from a base chain to each chain.
enum NFTChainDepth {
    /// The chains of the longest way that the kernel takes, the base chain with them (`NFT_JUMP_STACK_SIZE`,
    /// `nft_chain_validate`); `goto` counts as well.
    static let most = 16

    /// The first chain, in the order of the table, that lies too deep; `nil` if the kernel takes them all.
    static func tooDeep(_ chains: [NFTChain]) -> NFTChain? {
        let targets = Dictionary(chains.map { ($0.name, Self.targets(of: $0)) }) { first, _ in first }
        var depths: [String: Int] = [:]
        for name in inOrder(from: chains.filter { $0.hook != nil }.map(\.name), targets) {
            // All that lead here come before it.
            let own = depths[name] ?? 1
            depths[name] = own
            for next in targets[name] ?? [] { depths[next] = max(depths[next] ?? 1, own + 1) }
        }
        return chains.first { depths[$0.name, default: 1] > most }
    }

    /// The chains that can be reached, each before those that it leads to.
    private static func inOrder(from roots: [String], _ targets: [String: [String]]) -> [String] {
        var done: Set<String> = []
        var order: [String] = []
        var stack: [(name: String, isFinished: Bool)] = roots.map { ($0, false) }
        while let (name, isFinished) = stack.popLast() {
            if isFinished {
                order.append(name)
            } else if done.insert(name).inserted {
                stack.append((name, true))
                stack += (targets[name] ?? []).map { ($0, false) }
            }
        }
        return order.reversed()
    }

    private static func targets(of chain: NFTChain) -> [String] {
        chain.rules.flatMap(\.statements).compactMap { statement in
            switch statement {
            case .jump(let name), .goto(let name): name
            default: nil
            }
        }
    }
}
