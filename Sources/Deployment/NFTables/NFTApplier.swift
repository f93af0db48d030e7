internal import Diagnostics
package import JSONC
internal import NFTablesBackend

/// Loads our own table, `inet seawall`, and nothing else.
package struct NFTApplier: Sendable {
    private let runner: any NFTRunner

    /// An applier.
    package init(runner: any NFTRunner) { self.runner = runner }

    /// What was loaded, or would be.
    package struct Outcome: Hashable, Sendable {
        /// The number of chains.
        package var chains: Int
        /// The number of rules in them.
        package var rules: Int
        /// The number of sets.
        package var sets: Int

        /// Counts.
        package init(chains: Int, rules: Int, sets: Int) {
            self.chains = chains
            self.rules = rules
            self.sets = sets
        }
    }

    /// Loads a document in one transaction, lists the table and compares.
    ///
    /// - Parameters:
    ///   - document: `{"nftables": [add table, delete table, add table, …]}`, all of it about `inet seawall`.
    ///   - dryRun: lets the kernel check the document, and changes nothing.
    /// - Returns: what was loaded, or would be.
    /// - Throws: `DiagnosticError`; nothing was changed, except where it is the comparison that failed
    ///   (`nft-read-back`) or the end of the child process that is unknown (`nft-died`, `nft-timed-out`).
    @discardableResult
    package func apply(_ document: JSONValue, dryRun: Bool = false) async throws -> Outcome {
        try Self.requireOwnTable(document)
        let sent = NFTTableShape(document)
        try await runner.transact(document, check: dryRun)
        if !dryRun { try await readBack(sent) }
        return Outcome(
            chains: sent.chains.count, rules: sent.chains.reduce(0) { $0 + $1.comments.count }, sets: sent.sets.count)
    }

    /// Removes our table, if it is there.
    package func remove() async throws {
        let name: JSONValue = [
            "family": .string(NFTTableName.seawall.family), "name": .string(NFTTableName.seawall.name),
        ]
        try await runner.transact(["nftables": [["add": ["table": name]], ["delete": ["table": name]]]], check: false)
    }

    private func readBack(_ sent: NFTTableShape) async throws {
        guard let listing = try await runner.list(.seawall, terse: true) else {
            if sent.chains.isEmpty, sent.sets.isEmpty { return }
            throw DiagnosticError.nftReadBack(["there is no such table"])
        }
        let differences = NFTTableShape(listing).differences(from: sent)
        guard differences.isEmpty else { throw DiagnosticError.nftReadBack(differences) }
    }

    /// Refuses a document that speaks of anything but our table: also `flush ruleset`, which names none.
    private static func requireOwnTable(_ document: JSONValue) throws {
        guard let commands = document["nftables"]?.array, !commands.isEmpty else { throw DiagnosticError.nftNoCommands }
        for command in commands where command["metainfo"] == nil {
            guard case .object(let members) = command, members.count == 1, let member = members.first,
                ["add", "create", "insert", "delete", "flush"].contains(member.key), isOwn(member.value)
            else { throw DiagnosticError.nftForeign(String(command.text().prefix(200))) }
        }
    }

    private static func isOwn(_ object: JSONValue) -> Bool {
        guard case .object(let members) = object, members.count == 1, let member = members.first else { return false }
        let name = member.key == "table" ? member.value["name"] : member.value["table"]
        return name?.string == NFTTableName.seawall.name
            && member.value["family"]?.string == NFTTableName.seawall.family
    }
}
