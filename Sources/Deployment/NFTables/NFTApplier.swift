internal import Diagnostics
package import JSONC
internal import NFTablesBackend

/// Loads our own table, `inet seawall`, and nothing else.
package struct NFTApplier: Sendable {
    let runner: any NFTRunner
    private let steps: any DeploymentSteps

    /// An applier.
    package init(runner: any NFTRunner, steps: any DeploymentSteps = NoDeploymentSteps()) {
        self.runner = runner
        self.steps = steps
    }

    /// Makes our table what a document makes of it, in one transaction, and asks the kernel whether it is.
    ///
    /// What is loaded is listed first. If it is what is wanted, nothing is done; if only elements of sets differ, these are
    /// changed, and all else stays as it is; otherwise, and wherever that is not certain, the document is loaded as it is.
    ///
    /// - Parameters:
    ///   - document: `{"nftables": [add table, delete table, add table, …]}`, all of it about `inet seawall`.
    ///   - dryRun: lets the kernel check what would be done, and changes nothing.
    ///   - isReplacing: loads the document whatever is loaded.
    ///   - basis: what the host held when it was decided to do this; a table that is another one by now stays.
    /// - Returns: what was done, or would be.
    /// - Throws: `DiagnosticError`; nothing was changed, except where it is the comparison that failed
    ///   (`nft-read-back`) or the end of the child process that is unknown (`nft-died`, `nft-timed-out`).
    @discardableResult
    package func apply(
        _ document: JSONValue, dryRun: Bool = false, isReplacing: Bool = false, basis: HostSnapshot? = nil
    ) async throws -> Outcome {
        try Self.requireOwnTable(document)
        let sent = NFTTableShape(document)
        var timings = Timings()
        let change = try await perform(
            document, sent, basis, dryRun: dryRun, isReplacing: isReplacing, &timings)
        if !dryRun { try await steps.reached(.tableLoaded) }
        return Outcome(
            chains: sent.chains.count, rules: sent.chains.reduce(0) { $0 + $1.comments.count }, sets: sent.sets.count,
            change: change, timings: timings)
    }

    /// Removes our table, if it is there.
    package func remove() async throws {
        let name: JSONValue = [
            "family": .string(NFTTableName.seawall.family), "name": .string(NFTTableName.seawall.name),
        ]
        try await runner.transact(["nftables": [["add": ["table": name]], ["delete": ["table": name]]]], check: false)
    }

    // MARK: - What is done

    private func perform(
        _ document: JSONValue, _ sent: NFTTableShape, _ basis: HostSnapshot?, dryRun: Bool, isReplacing: Bool,
        _ timings: inout Timings
    ) async throws -> NFTTableChange {
        var reason = "it was asked for"
        if !isReplacing || basis != nil {
            let listing = try await timings.during(\.listing) { try await runner.list(.seawall, terse: false) }
            if let basis, !HostSnapshot.isSame(listing, basis.table) { throw DiagnosticError.nftChangedMeanwhile() }
            let plan = await NFTApplyPlan.make(isReplacing ? nil : listing, document, &timings)
            switch plan.change {
            case .nothing: return .nothing
            case .elements(let changes):
                guard let failure = try await perform(changes, plan, dryRun: dryRun, &timings) else {
                    return plan.change
                }
                reason = failure
            case .replacement(let difference): if !isReplacing { reason = difference }
            }
        }
        timings.transaction += try await runner.transact(document, check: dryRun)
        if !dryRun { try await timings.during(\.readBack) { try await readBack(sent) } }
        return .replacement(reason: reason)
    }

    /// Changes elements.
    ///
    /// - Returns: why that did not lead to what is wanted; nothing, if it did.
    private func perform(
        _ changes: [NFTSetChange], _ plan: NFTApplyPlan, dryRun: Bool, _ timings: inout Timings
    ) async throws -> String? {
        do {
            switch try await runner.run(NFTTableChange.commands(changes), check: dryRun) {
            case .done(let duration): timings.transaction += duration
            case .refused(let failure):
                return "nft refuses the change of elements: \(failure.messages.first ?? "no reason was given")"
            }
        } catch let error as DiagnosticError where error.diagnostics.first?.id == "nft-died" {
            // Whether or not the transaction was done, the whole table takes its place.
            return "changing elements ended libnftables"
        }
        guard !dryRun else { return nil }
        let isWanted = try await timings.during(\.readBack) { try await plan.isInForce(changes, runner: runner) }
        return isWanted ? nil : "it was changed by somebody else meanwhile"
    }

    private func readBack(_ sent: NFTTableShape) async throws {
        guard let listing = try await runner.list(.seawall, terse: true) else {
            if sent.chains.isEmpty, sent.sets.isEmpty { return }
            throw DiagnosticError.nftReadBack(["there is no such table"])
        }
        let differences = NFTTableShape(listing).differences(from: sent)
        guard differences.isEmpty else { throw DiagnosticError.nftReadBack(differences) }
    }

    // MARK: - What a document may hold

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
