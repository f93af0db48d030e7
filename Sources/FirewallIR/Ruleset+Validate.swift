package import Diagnostics
internal import PacketModel

extension Ruleset {
    /// The mistakes in a rule set that no backend could make sense of; every pass is followed by this.
    ///
    /// Checked: chain names are unique and not empty, the entry and all targets exist, no chain leads back to itself, rule
    /// identifiers are unique, boxes name families of their scope, a TCP reset is for TCP alone, and an answer exists in the
    /// families that it is for.
    package func validate() -> [Diagnostic] { scopes.flatMap { $0.validate() } }
}

extension Scope {
    fileprivate func validate() -> [Diagnostic] {
        var found: [Diagnostic] = []
        var rulesByName: [String: [FirewallRule]] = [:]
        for chain in chains {
            if chain.name.isEmpty { found.append(invalid("a chain has no name")) }
            if rulesByName.updateValue(chain.rules, forKey: chain.name) != nil {
                found.append(invalid("two chains are called '\(chain.name)'"))
            }
        }
        if ![.leave, .accept, .drop].contains(policy) {
            found.append(invalid("a policy leaves, accepts or drops, and does not '\(policy.text)'"))
        }
        if rulesByName[entry] == nil { found.append(invalid("the entry chain '\(entry)' does not exist")) }
        var ids: Set<String> = []
        for rule in chains.flatMap(\.rules) {
            if !ids.insert(rule.id).inserted { found.append(invalid("two rules are called '\(rule.id)'", rule)) }
            found += rule.validate(in: self, chains: rulesByName.keys)
        }
        if let loop = loop(from: entry, chains: rulesByName) {
            found.append(invalid("chain '\(loop)' leads back to itself"))
        }
        return found
    }

    private func loop(from start: String, chains: [String: [FirewallRule]]) -> String? {
        var open: Set<String> = []
        var done: Set<String> = []
        func visit(_ name: String) -> String? {
            if open.contains(name) { return name }
            if !done.insert(name).inserted { return nil }
            open.insert(name)
            defer { open.remove(name) }
            for target in (chains[name] ?? []).compactMap(\.verdict.target) {
                if let loop = visit(target) { return loop }
            }
            return nil
        }
        return visit(start)
    }
}

extension FirewallRule {
    fileprivate func validate(in scope: Scope, chains: Dictionary<String, [FirewallRule]>.Keys) -> [Diagnostic] {
        var found: [Diagnostic] = []
        if let target = verdict.target, !chains.contains(target) {
            found.append(invalid("chain '\(target)' does not exist", self))
        }
        for box in allStages.flatMap(\.condition) where !scope.families.isSuperset(of: box.families) {
            found.append(invalid("a box speaks of a family that its scope does not", self))
        }
        if case .reject(let kind) = verdict {
            if kind == .tcpReset, condition.contains(where: { $0.protocols?.single != IPProtocol.tcp.rawValue }) {
                found.append(invalid("a TCP reset answers TCP alone, and the rule is not restricted to it", self))
            }
            if condition.contains(where: { !kind.families.isSuperset(of: $0.possibleFamilies) }) {
                found.append(invalid("the answer '\(kind.rawValue)' does not exist in a family of the rule", self))
            }
        }
        return found
    }
}

extension Verdict {
    /// The chain that is gone to, if any.
    package var target: String? {
        switch self {
        case .jump(let name), .goto(let name): name
        default: nil
        }
    }
}

private func invalid(_ message: String, _ rule: FirewallRule? = nil) -> Diagnostic {
    Diagnostic("invalid-ir", at: rule?.origin, message)
}
