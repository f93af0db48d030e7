internal import FirewallIR

/// Which chain lies deeper than the kernel follows.
enum NFTChainDepth {
    /// The chains of the longest way that the kernel takes, the base chain with them (`NFT_JUMP_STACK_SIZE`,
    /// `nft_chain_validate`); `goto` counts as well.
    static let most = 16

    /// The first chain, in the order of the table, that lies too deep; `nil` if the kernel takes them all.
    static func tooDeep(_ chains: [NFTChain], _ maps: [NFTMap]) -> NFTChain? {
        let maps = Dictionary(maps.map { ($0.name, $0) }) { first, _ in first }
        let targets = Dictionary(chains.map { ($0.name, Self.targets(of: $0, maps)) }) { first, _ in first }
        let depths = ChainDepths.depths(from: chains.filter { $0.hook != nil }.map(\.name), targets)
        return chains.first { depths[$0.name, default: 1] > most }
    }

    private static func targets(of chain: NFTChain, _ maps: [String: NFTMap]) -> [String] {
        chain.rules.flatMap(\.statements).flatMap { statement -> [String] in
            switch statement {
            case .jump(let name), .goto(let name): [name]
            case .verdictMap(_, .named(let map)): maps[map]?.elements.compactMap { $0.verdict.target } ?? []
            case .verdictMap(_, .elements(let elements)): elements.compactMap { $0.verdict.target }
            default: []
            }
        }
    }
}

extension NFTStatement {
    /// The chain that it leads to.
    fileprivate var target: String? {
        switch self {
        case .jump(let name), .goto(let name): name
        default: nil
        }
    }
}
