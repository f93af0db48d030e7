internal import Diagnostics
internal import FirewallIR

extension TableLifting {
    /// What there is to say of a table beside its rules.
    func notes(_ entries: [String], _ selection: IPTablesSelection) -> [Diagnostic] {
        let reached = entries.map { Set(self.reached(from: $0)) }
        let all = reached.reduce(into: Set()) { $0.formUnion($1) }
        var notes: [Diagnostic] = []
        let rest = table.chains.filter { !all.contains($0.name) && !($0.rules.isEmpty && selection != .whole) }
        if !rest.isEmpty { notes.append(leftOut(rest, selection)) }
        for entry in entries {
            guard IPTablesNames.builtIn.contains(entry), let chain = table.chain(entry), chain.policy == nil else {
                continue
            }
            notes.append(
                Diagnostic(
                    "policy-unsaid", .warning, at: location(chain.line),
                    "the policy of '\(entry)' is not said: ACCEPT is taken, with which the kernel begins"))
        }
        for chain in table.chains where reached.count(where: { $0.contains(chain.name) }) > 1 {
            for rule in rules(of: chain.name).compactMap({ $0 }) where !rule.allGuards.isEmpty {
                notes.append(shared(rule, chain.name))
            }
        }
        return notes
    }

    private func location(_ line: Int?) -> SourceLocation? { file.map { SourceLocation(file: $0, line: line) } }

    private func leftOut(_ chains: [FilterChain], _ selection: IPTablesSelection) -> Diagnostic {
        let names = chains.map { "'\($0.name)'" }.joined(separator: ", ")
        let count = chains.reduce(0) { $0 + $1.rules.count }
        let what = chains.count == 1 ? "the chain \(names) is" : "\(chains.count) chains are"
        return Diagnostic(
            "chains-left-out", .warning, at: location(selection == .whole ? chains[0].line : nil),
            "\(what) not reached and left out, with \(count) rule\(count == 1 ? "" : "s")",
            notes: chains.count == 1 ? [] : [Diagnostic.Note("they are \(names)")])
    }

    private func shared(_ rule: FirewallRule, _ chain: String) -> Diagnostic {
        let words = rule.allGuards.map(\.text).joined(separator: ", ")
        return Diagnostic(
            "shared-guard", .warning, at: rule.origin,
            "'\(words)' stands in the chain '\(chain)', which several built-in chains lead to: iptables counts their packets together, elsewhere each hook counts its own"
        )
    }
}
