package import JSONC
package import NFTablesBackend

/// Hands JSON commands to nftables.
package protocol NFTRunner: Sendable {
    /// Runs commands in one transaction, or only checks them.
    ///
    /// - Parameters:
    ///   - commands: `{"nftables": [COMMAND, …]}`.
    ///   - check: whether they are only checked.
    /// - Returns: whether they were done.
    /// - Throws: `DiagnosticError` if nothing can be run on this host, or if it is not known what became of the
    ///   commands.
    func run(_ commands: JSONValue, check: Bool) async throws -> NFTResult

    /// Lists one table.
    ///
    /// - Parameters:
    ///   - table: the table.
    ///   - terse: leaves out the elements of sets, which are dear to list.
    /// - Returns: `{"nftables": [OBJECT, …]}`; nothing, if there is no such table.
    /// - Throws: `DiagnosticError` if nothing can be listed on this host.
    func list(_ table: NFTTableName, terse: Bool) async throws -> JSONValue?

    /// Lists our table in nft's own language, without the elements of sets.
    ///
    /// - Returns: the text; nothing, if there is no table or this runner has no text.
    /// - Throws: `DiagnosticError` if nothing can be listed on this host.
    func listText() async throws -> String?
}

extension NFTRunner {
    package func listText() async throws -> String? { nil }
}

/// What became of a transaction.
package enum NFTResult: Hashable, Sendable {
    /// All of it was done; libnftables took so long for it, without the start of its process.
    case done(Duration)
    /// Nothing of it was done.
    case refused(NFTFailure)
}
