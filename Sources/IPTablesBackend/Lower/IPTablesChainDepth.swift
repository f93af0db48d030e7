/// How many chains lie on the longest way from the first chain to each of the others.
enum IPTablesChainDepth {
    /// 1 for a chain that the first one leads to, and so on; a chain that nothing leads to is left out.
    static func depths(entry: [IPTablesRule], chains: [IPTablesChain]) -> [String: Int] {
        let targets = Dictionary(chains.map { ($0.name, Self.targets(of: $0.rules)) }) { first, _ in first }
        var depths: [String: Int] = [:]
        for name in inOrder(from: Self.targets(of: entry), targets) {
            // All that lead here come before it.
            let own = depths[name] ?? 1
            depths[name] = own
            for next in targets[name] ?? [] { depths[next] = max(depths[next] ?? 1, own + 1) }
        }
        return depths
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

    private static func targets(of rules: [IPTablesRule]) -> [String] {
        rules.compactMap { rule in
            switch rule.target {
            case .jump(let name), .goto(let name): name
            default: nil
            }
        }
    }
}
