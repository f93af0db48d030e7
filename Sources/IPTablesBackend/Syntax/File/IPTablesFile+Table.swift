internal import Diagnostics

extension IPTablesFile {
    /// The filter table that the file leaves behind, for lifting; `nil` if it has none.
    package var filterTable: IPTablesTable? {
        guard let table = table("filter") else { return nil }
        return IPTablesTable(
            family: family,
            chains: table.chains.map { chain in
                IPTablesTableChain(
                    chain.name, policy: chain.policy, line: chain.line,
                    rules: chain.rules.map(\.tableRule))
            })
    }
}

extension IPTablesFileRule {
    fileprivate var tableRule: IPTablesTableRule {
        switch content {
        case .rule(let rule): IPTablesTableRule(.rule(rule), line: line)
        case .raw(let text): IPTablesTableRule(.refused(text: text, reason: "a rule of another table"), line: line)
        case .refused(let text, let diagnostic):
            IPTablesTableRule(.refused(text: text, reason: diagnostic.message), line: line)
        }
    }
}
