internal import Diagnostics
package import FirewallIR
internal import PacketModel

/// Rule sets of any size for tests and measurements: the same for the same seed.
package enum Workloads {}

extension FirewallRule {
    /// A rule of a generated rule set: the identifier and the line are its number.
    package init(number: Int, _ condition: [Box], _ verdict: Verdict) {
        let digits = String(number, radix: 36)
        self.init(
            id: String(repeating: "0", count: max(0, 8 - digits.count)) + digits,
            origin: SourceLocation(file: "Policy.swift", line: number + 1), condition: condition, verdict: verdict)
    }
}

extension Box {
    /// A changed copy.
    package func with(_ change: (inout Box) -> Void) -> Box {
        var copy = self
        change(&copy)
        return copy
    }
}

extension Ruleset {
    /// A rule set of one chain before Docker's rules.
    init(name: String, families: FamilySet, rules: [FirewallRule]) {
        let chain = Chain(name: "policy", rules: rules)
        self.init(
            name: name, scopes: [Scope(hook: .containers, families: families, entry: chain.name, chains: [chain])])
    }

    /// How many rules there are.
    package var ruleCount: Int {
        scopes.reduce(0) { $0 + $1.chains.reduce(0) { $0 + $1.rules.count } }
    }
}
