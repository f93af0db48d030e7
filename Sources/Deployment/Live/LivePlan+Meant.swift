internal import Diagnostics
internal import FirewallIR
package import IPTablesBackend
package import NFTablesBackend
internal import PacketModel

extension LivePlan {
    /// What is live, and what it would be if nothing had drifted: the rules of the policy where they were put, and behind
    /// them those of others.
    ///
    /// In the layout `docker-user` the chain holds the policy and nothing else. In the layout `own-chain` our jump stands at
    /// the top, and others' rules behind it as they are now.
    ///
    /// - Parameters:
    ///   - programs: what the policy is for each family.
    ///   - layout: where the rules were put; where they stand now, if nothing says.
    ///   - filters: the tables as they were read, in the order of the programs.
    ///   - tools: the host's tools: the content of sets is asked for, where rules ask any.
    ///   - namespace: where, if not in the namespace of the process.
    ///   - sources: what is known of the policy.
    /// - Returns: what is live as the state before, what is meant as the one after.
    /// - Throws: `DiagnosticError` if the sets cannot be listed, or if the programs are whole tables.
    package static func meantIPTables(
        _ programs: [IPTablesProgram], layout: IPTablesLayout?, filters: [IPTablesFilter],
        tools: any HostToolRunner, in namespace: NetworkNamespace? = nil,
        sources: LiveRules.Sources = LiveRules.Sources()
    ) async throws -> LivePlan {
        let reader = LiveReader(tools: tools, namespace: namespace)
        let sets = try await reader.sets(filters)
        let wanted = IPSetPlan(programs, IPSetListing(sets))
        let later = wanted.made.reduce(into: sets) { $0[$1.name] = $1 }
        var live: [LivePlace] = []
        var meant: [LivePlace] = []
        var warnings: [Diagnostic] = []
        for (program, filter) in zip(programs, filters) {
            live.append(LivePlace(filter, sets: sets, origins: sources.origins))
            let plan = try filter.planMeant(program.namingSets(wanted.names), layout ?? filter.layout)
            meant.append(LivePlace(try plan.filterAfterwards(), sets: later, origins: sources.origins))
            warnings += plan.warnings
        }
        var plan = LivePlan(
            before: LiveRules(places: live), after: LiveRules(places: meant),
            changesNothing: zip(live, meant).allSatisfy { $0.isSame(as: $1) } && wanted.made.isEmpty)
        plan.warnings = warnings
        return plan
    }
}

extension IPTablesFilter {
    /// Where our rules stand; where they would be put, if there are none.
    var layout: IPTablesLayout {
        let contents = DockerUserRules(table)
        if table.chain(IPTablesNames.ownChain) != nil { return .ownChain }
        if !contents.rules(of: .seawall).isEmpty { return .dockerUser }
        return contents.rules(of: .foreign).isEmpty ? .dockerUser : .ownChain
    }

    /// The plan that puts a program there, with nothing in its way.
    fileprivate func planMeant(_ program: IPTablesProgram, _ layout: IPTablesLayout) throws -> IPTablesFamilyPlan {
        var filter = self
        if layout == .dockerUser {
            for index in filter.table.chains.indices where filter.table.chains[index].name == IPTablesNames.dockerUser {
                filter.table.chains[index].rules = DockerUserRules(table).rules(of: .seawall)
            }
        }
        let options = IPTablesOptions(layout: layout, withoutDocker: true)
        return try IPTablesPlanner(program: program, filter: filter, options: options).plan()
    }
}
