/// How many chains lie on the longest way to each chain, itself included: kernels follow only so many.
package enum ChainDepths {
    /// 1 for the first chains, 2 for those that they lead to, and so on; a chain that nothing leads to is left out.
    ///
    /// - Parameters:
    ///   - roots: the chains with which packets begin.
    ///   - targets: where each chain leads to, by a jump or a goto; no chain leads back to itself.
    /// - Returns: the depths by name.
    package static func depths(from roots: [String], _ targets: [String: [String]]) -> [String: Int] {
        var depths: [String: Int] = [:]
        for name in inOrder(from: roots, targets) {
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
}
