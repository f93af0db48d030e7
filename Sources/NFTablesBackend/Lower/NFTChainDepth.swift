internal import FirewallIR

/// Which chain lies deeper than the kernel follows.
enum NFTChainDepth {
    /// The chains of the longest way that the kernel takes, the base chain with them (`NFT_JUMP_STACK_SIZE`,
    /// `nft_chain_validate`); `goto` counts as well.
    static let most = 16

    /// The first chain, in the order of the table, that lies too deep; `nil` if the kernel takes them all.
    static func tooDeep(_ chains: [NFTChain]) -> NFTChain? {
        let targets = Dictionary(chains.map { ($0.name, Self.targets(of: $0)) }) { first, _ in first }
        let depths = ChainDepths.depths(from: chains.filter { $0.hook != nil }.map(\.name), targets)
        return chains.first { depths[$0.name, default: 1] > most }
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
