package import Diagnostics
package import FirewallIR
internal import IPTablesBackend
package import NFTablesBackend
internal import PacketModel

/// What is live, and what will be after a transaction.
package struct LivePlan: Hashable, Sendable {
    /// What is live now.
    package var before: LiveRules
    /// What will be.
    package var after: LiveRules
    /// Whether the transaction would leave everything as it is: rules, their comments, and the chains of ours.
    package var changesNothing: Bool
    /// Of nft: what would be done.
    package var change: NFTTableChange?
    /// What the user should know of the places.
    package var warnings: [Diagnostic] = []

    /// A plan.
    init(before: LiveRules, after: LiveRules, changesNothing: Bool, change: NFTTableChange? = nil) {
        self.before = before
        self.after = after
        self.changesNothing = changesNothing
        self.change = change
    }
}

extension LivePlan {
    /// The plan for iptables: each planned document is applied in memory to the table that was read.
    ///
    /// - Parameters:
    ///   - plan: what is to be done.
    ///   - tools: the host's tools: the content of sets is asked for, where rules ask any.
    ///   - namespace: where, if not in the namespace of the process.
    ///   - was: what is known of the policy whose rules are live.
    ///   - will: what is known of the policy that is planned.
    /// - Returns: both states.
    /// - Throws: `DiagnosticError` if the sets cannot be listed, or if the document does not go with the table.
    package static func iptables(
        _ plan: IPTablesPlan, tools: any HostToolRunner, in namespace: NetworkNamespace? = nil,
        was: LiveRules.Sources = LiveRules.Sources(), will: LiveRules.Sources = LiveRules.Sources()
    ) async throws -> LivePlan {
        let reader = LiveReader(tools: tools, namespace: namespace)
        let sets = try await reader.sets(plan.families.map(\.filter))
        let later = plan.sets.made.reduce(into: sets) { $0[$1.name] = $1 }
        let afterwards = try plan.families.map { try $0.filterAfterwards() }
        async let places = LivePlace.all(afterwards, sets: later, origins: will.origins)
        let before = await LivePlace.all(plan.families.map(\.filter), sets: sets, origins: was.origins)
        let after = await places
        return LivePlan(
            before: LiveRules(places: before), after: LiveRules(places: after),
            changesNothing: zip(before, after).allSatisfy { $0.isSame(as: $1) } && plan.sets.made.isEmpty
                && plan.sets.obsolete.isEmpty)
    }

    /// The plan for nft: a document takes the place of our table, or changes elements of it.
    ///
    /// - Parameters:
    ///   - document: what our table is to be.
    ///   - runner: libnftables.
    ///   - wasMark: the mark that Docker accepts, as the live rules were made for it.
    ///   - willMark: the same for the document.
    ///   - was: what is known of the policy whose rules are live.
    ///   - will: what is known of the policy that is planned.
    /// - Returns: both states.
    /// - Throws: `DiagnosticError` if the table cannot be listed or read.
    package static func nft(
        _ document: NFTDocument, runner: any NFTRunner, wasMark: AcceptMark? = nil, willMark: AcceptMark? = nil,
        was: LiveRules.Sources = LiveRules.Sources(), will: LiveRules.Sources = LiveRules.Sources()
    ) async throws -> LivePlan {
        var timings = NFTApplier.Timings()
        let listing = try await runner.list(.seawall, terse: false)
        let change = await NFTApplyPlan.make(listing, document.json, &timings).change
        let table = try listing.map { try ReadNFTListing.run($0, file: "nft").tables.first } ?? nil
        let before = LivePlace(nft: table, acceptMark: wasMark, origins: was.origins, sources: was.elements)
        let after = LivePlace(
            nft: document.table, acceptMark: willMark, origins: will.origins, sources: will.elements)
        return LivePlan(
            before: LiveRules(places: [before]), after: LiveRules(places: [after]),
            changesNothing: change == .nothing, change: change)
    }
}

extension IPTablesFamilyPlan {
    /// The table as the document would leave it behind.
    ///
    /// - Throws: `DiagnosticError` if the document does not go with the table, which is a mistake in Seawall.
    package func filterAfterwards() throws(DiagnosticError) -> IPTablesFilter {
        var filter = filter
        do throws(SaveListingError) {
            filter.table = try filter.table.applying(document.lines)
        } catch {
            throw DiagnosticError(
                .host, "plan-mismatch",
                "\(filter.label): what would be loaded does not go with the table that was read: \(error)",
                notes: ["this is a mistake in Seawall: please report it with what the save tool prints"])
        }
        return filter
    }
}

extension LivePlace {
    /// Whether the same rules stand there under the same names, whatever words a tool has for them.
    func isSame(as other: LivePlace) -> Bool {
        guard let filter, let others = other.filter else { return whole == other.whole }
        let isAlike =
            filter.reach == others.reach && filter.ownChains.map(\.name) == others.ownChains.map(\.name)
            && InputRules(filter.table).jumps.map(\.position) == InputRules(others.table).jumps.map(\.position)
        if case .known(let scopes) = whole, case .known(let later) = other.whole, filter.reach == .reached {
            return isAlike
                && scopes.map { $0.withoutPlaces(filter) } == later.map { $0.withoutPlaces(others) }
        }
        let chains = [filter, others].map { filter in
            [IPTablesNames.dockerUser, IPTablesNames.inputChain].flatMap { filter.table.reached(from: $0) }
                .map { [$0.name] + $0.rules.flatMap(\.words) }
        }
        return isAlike && chains[0] == chains[1]
    }
}

extension Scope {
    /// The same without the places of its rules.
    package var withoutOrigins: Scope {
        var scope = self
        let nowhere = SourceLocation(file: "")
        for chain in scope.chains.indices {
            for rule in scope.chains[chain].rules.indices { scope.chains[chain].rules[rule].origin = nowhere }
        }
        return scope
    }

    /// The same without the places of its rules, and without the RETURN that Docker puts at the end.
    fileprivate func withoutPlaces(_ filter: IPTablesFilter) -> Scope {
        var scope = withoutOrigins
        if DockerUserRules(filter.table).owners.last == .docker,
            let entry = scope.chains.firstIndex(where: { $0.name == IPTablesNames.dockerUser })
        {
            scope.chains[entry].rules.removeLast()
        }
        return scope
    }
}
