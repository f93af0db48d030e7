internal import Diagnostics

extension IPTablesFile {
    /// The filter table that the file leaves behind, for lifting; `nil` if it has none.
    package var filterTable: FilterTable? {
        guard let table = table("filter") else { return nil }
        return FilterTable(
            family: family,
            chains: table.chains.map { chain in
                FilterChain(
                    chain.name, policy: chain.policy, line: chain.line,
                    rules: chain.rules.map(\.tableRule))
            })
    }
}

extension IPTablesFileRule {
    fileprivate var tableRule: FilterRule {
        switch content {
        case .rule(let rule): FilterRule(.rule(rule), line: line)
        case .raw(let text): FilterRule(.refused(text: text, reason: "a rule of another table"), line: line)
        case .refused(let text, let diagnostic):
            FilterRule(.refused(text: text, reason: diagnostic.message), line: line)
        }
    }
}
