internal import Diagnostics
internal import FirewallIR
internal import PacketModel
internal import Seawall

extension PolicyResolver {
    /// The scopes of the policy: one for what stands in no block, which is what Docker forwards, and one for each block.
    mutating func resolveBlocks() -> [Scope] {
        var blocks: [BlockNode] = []
        var others: [PolicyNode] = []
        for node in document.content {
            if case .block(let block) = node { blocks.append(block) } else { others.append(node) }
        }
        var scopes: [Scope] = []
        let isEmpty = others.allSatisfy { if case .expectation = $0 { true } else { false } }
        let rest = resolve(others, .containers, .both, .leave)
        if blocks.isEmpty || !isEmpty { scopes.append(rest) }
        for block in blocks {
            guard let families = families(of: block) else { continue }
            if scopes.contains(where: { $0.hook == block.hook.scope && !$0.families.isDisjoint(with: families) }) {
                report(
                    "duplicate-block", at: block.location,
                    "\(block.hook.word) stands there twice for \(families.displayName): put the rules into one, in their order"
                )
            }
            scopes.append(resolve(block.children, block.hook.scope, families, block.policy.verdict))
        }
        return scopes
    }

    private mutating func families(of block: BlockNode) -> FamilySet? {
        var families: FamilySet = block.families.isEmpty ? .both : []
        for name in block.families {
            guard let family = AddressFamily(rawValue: name) else {
                report("unknown-value", at: block.location, "unknown family '\(name)'", literal: name)
                return nil
            }
            families.formUnion(FamilySet(family))
        }
        return families
    }

    private mutating func resolve(
        _ nodes: [PolicyNode], _ hook: Scope.Hook, _ families: FamilySet, _ policy: Verdict
    ) -> Scope {
        blockBox = Box().with { $0.families = families }
        blockHook = hook
        furtherChains = []
        chainNames = []
        for chain in nodes.flatMap(\.chains) where !chainNames.insert(chain.name).inserted {
            report(
                "duplicate-chain", at: chain.location,
                "two chains are called '\(chain.name)': give one another name, or put the rules into one",
                literal: chain.name)
        }
        let rules = nodes.flatMap { resolve($0, in: nil) }
        let entry = FirewallIR.Chain(name: unusedName(hook), rules: rules)
        return Scope(
            hook: hook, families: families, entry: entry.name, chains: [entry] + furtherChains, policy: policy)
    }

    /// A name for the chain of a block that none of its own chains bears.
    private func unusedName(_ hook: Scope.Hook) -> String {
        var name = hook.rawValue
        while chainNames.contains(name) { name += "-policy" }
        return name
    }

    /// Reads the rules of a chain.
    mutating func resolve(_ chain: ChainNode) {
        check(text: chain.name, called: "name of the chain", at: chain.location)
        if chain.name.isEmpty { report("unnamed-chain", at: chain.location, "a chain has no name") }
        let rules = chain.children.flatMap { resolve($0, in: nil) }
        furtherChains.append(FirewallIR.Chain(name: chain.name, rules: rules))
    }
}

extension PolicyNode {
    /// The chains among the nodes, those in chains too.
    fileprivate var chains: [ChainNode] {
        switch self {
        case .chain(let chain): [chain] + chain.children.flatMap(\.chains)
        case .group(let group): group.children.flatMap(\.chains)
        case .scope(let scope): scope.children.flatMap(\.chains)
        case .block, .rule, .expectation: []
        }
    }
}

extension BlockNode.Hook {
    fileprivate var scope: Scope.Hook {
        switch self {
        case .containers: .containers
        case .input: .input
        case .forward: .forward
        case .output: .output
        }
    }

    /// The word of the language.
    fileprivate var word: String {
        switch self {
        case .containers: "Containers"
        case .input: "Input"
        case .forward: "Forward"
        case .output: "Output"
        }
    }
}

extension BlockNode.Policy {
    fileprivate var verdict: Verdict {
        switch self {
        case .allow: .leave
        case .accept: .accept
        case .drop: .drop
        }
    }
}
