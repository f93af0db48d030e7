package import Diagnostics
internal import FirewallIR

extension LiftFromIPTables {
    /// The meaning of one chain of a table in the kernel, with what it leads to, as a scope of what Docker forwards or of its hook.
    ///
    /// Rules of ours are called by the identifiers in their comments, and stand where the policy has them; all others are
    /// called by chain and position.
    ///
    /// - Parameters:
    ///   - table: what was read.
    ///   - entry: the chain that is asked first.
    ///   - origins: the places in the policy, by the identifiers in the comments.
    /// - Returns: the one scope, or every rule that was refused; neither, if the table has no such chain.
    package static func liftChain(
        _ table: FilterTable, from entry: String, origins: [String: SourceLocation] = [:]
    ) -> IPTablesLift {
        guard table.chain(entry) != nil else { return IPTablesLift(scopes: [], refusals: [], notes: []) }
        let names = LiftedRuleNames(prefix: IPTablesNames.commentPrefix, origins: origins)
        var lifting = TableLifting(table, naming: RuleNaming(names))
        lifting.liftReached(from: entry)
        guard lifting.refusals.isEmpty else {
            return IPTablesLift(scopes: [], refusals: lifting.refusals, notes: [])
        }
        let scope = lifting.ownScope(entry, chains: lifting.reached(from: entry))
        return IPTablesLift(scopes: [scope], refusals: [], notes: [])
    }
}
