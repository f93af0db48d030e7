internal import Diagnostics
package import IPTablesBackend
package import NFTablesBackend
internal import PacketModel

/// Puts the rules of a policy into `DOCKER-USER`, one transaction a family, and takes them out again if one of them
/// fails.
package struct IPTablesApplier: Sendable {
    let tools: any HostToolRunner
    let variant: IPTablesVariantChoice
    let namespace: NetworkNamespace?
    let steps: any DeploymentSteps

    /// An applier for a host, or for one of its network namespaces.
    package init(
        tools: any HostToolRunner, variant: IPTablesVariantChoice = .auto, namespace: NetworkNamespace? = nil,
        steps: any DeploymentSteps = NoDeploymentSteps()
    ) {
        self.steps = steps
        self.tools = tools
        self.variant = variant
        self.namespace = namespace
    }

    /// Reads the host and says what is to be done.
    ///
    /// - Throws: `DiagnosticError` if the rules would stand where no packet comes, or would remove those of others.
    package func plan(_ programs: [IPTablesProgram], options: IPTablesOptions = IPTablesOptions()) async throws
        -> IPTablesPlan
    {
        let programs = programs.sorted { $0.family < $1.family }
        let chosen = try await choose(programs.map(\.family), options)
        let sets = try await sets(programs, chosen.filters)
        return IPTablesPlan(
            variant: chosen.variant,
            families: try zip(programs, chosen.filters).map {
                try IPTablesPlanner(program: $0.namingSets(sets.names), filter: $1, options: options).plan()
            }, sets: sets)
    }

    /// Does it: all or nothing, over both families.
    ///
    /// - Parameters:
    ///   - plan: what is to be done.
    ///   - dryRun: tests the documents where that leaves no trace, and changes nothing.
    /// - Returns: the documents that were loaded, or would be.
    /// - Throws: `DiagnosticError`; what had been changed by then has been put back, or the message says what has not.
    @discardableResult
    package func apply(_ plan: IPTablesPlan, dryRun: Bool = false) async throws -> [IPTablesDocument] {
        guard tools.isPrivileged else { throw DiagnosticError.notPrivileged("changing the rules of iptables") }
        do {
            try await make(plan.sets.made)
            if !dryRun { try await steps.reached(.setsMade) }
            let documents = try await load(plan, dryRun: dryRun)
            await remove(dryRun ? plan.sets.made.map(\.name) : plan.sets.obsolete)
            if !dryRun { try await steps.reached(.setsRemoved) }
            return documents
        } catch {
            // The former rules are there again, and so are their sets.
            await remove(plan.sets.made.map(\.name))
            throw error
        }
    }

    /// Tests and loads the rules, whose sets are there.
    private func load(_ plan: IPTablesPlan, dryRun: Bool) async throws -> [IPTablesDocument] {
        for family in plan.families where family.hasTable || !dryRun {
            try await load(family, plan.variant, ["--test"])
        }
        var begun: [IPTablesFamilyPlan] = []
        do {
            for family in plan.families {
                guard IPTablesSeen(try await read(plan.variant, family.family)) == family.before else {
                    throw DiagnosticError.concurrentChange(filter(plan.variant, family.family))
                }
                if dryRun { continue }
                begun.append(family)
                try await load(family, plan.variant, [])
                try await steps.reached(family.family == .ip ? .rulesLoaded : .rules6Loaded)
            }
            for family in begun { try await readBack(family, plan.variant) }
        } catch {
            guard !begun.isEmpty else { throw error }
            throw await rolledBack(begun, plan.variant, error)
        }
        return plan.families.map(\.document)
    }

    // MARK: - Steps

    private func load(_ plan: IPTablesFamilyPlan, _ variant: IPTablesVariant, _ options: [String]) async throws {
        let result = try await restore(plan.document.text, plan.family, variant, options)
        guard result.code == 0 else { throw DiagnosticError.restoreRefused(variant.restoreTool(plan.family), result) }
    }

    private func restore(
        _ text: String, _ family: AddressFamily, _ variant: IPTablesVariant, _ options: [String]
    ) async throws -> HostToolResult {
        try await tools.run(
            HostToolCall(
                variant.restoreTool(family), ["--noflush", "--wait", "30"] + options, input: text, in: namespace))
    }

    private func readBack(_ plan: IPTablesFamilyPlan, _ variant: IPTablesVariant) async throws {
        let filter = try await read(variant, plan.family)
        let differences = plan.after.differences(in: filter)
        guard differences.isEmpty else { throw DiagnosticError.readBack(filter, differences) }
    }

    /// Puts back what was changed, and adds to the error what came of that.
    ///
    /// A task that was cancelled puts back as well.
    private func rolledBack(
        _ begun: [IPTablesFamilyPlan], _ variant: IPTablesVariant, _ error: any Error
    ) async -> any Error {
        let notes = await Task {
            var notes: [String] = []
            for plan in begun.reversed() { if let note = await putBack(plan, variant) { notes.append(note) } }
            return notes
        }.value
        guard let failure = error as? DiagnosticError else { return error }
        return DiagnosticError.notRestored(failure, notes)
    }

    /// - Returns: what came of it; nothing if the family had not been changed.
    private func putBack(_ plan: IPTablesFamilyPlan, _ variant: IPTablesVariant) async -> String? {
        let name = plan.family.displayName
        do {
            if IPTablesSeen(try await read(variant, plan.family)) == plan.before { return nil }
            let result = try await restore(plan.undo, plan.family, variant, ["--counters"])
            guard result.code == 0 else {
                throw DiagnosticError.restoreRefused(variant.restoreTool(plan.family), result)
            }
            guard IPTablesSeen(try await read(variant, plan.family)) == plan.before else {
                return
                    "the \(name) rules were changed already, and were put back, but are not as they were: look at "
                    + "them with `seawall show`"
            }
            return "the \(name) rules were changed already, and have been put back as they were"
        } catch {
            let reason = (error as? DiagnosticError)?.diagnostics.map(\.text).joined(separator: "; ") ?? "\(error)"
            return
                "the \(name) rules were changed already and could not be put back, the new ones are in force: \(reason)"
        }
    }

    func read(_ variant: IPTablesVariant, _ family: AddressFamily) async throws -> IPTablesFilter {
        try await IPTablesFilter.read(variant, family, tools: tools, in: namespace)
    }

    private func filter(_ variant: IPTablesVariant, _ family: AddressFamily) -> IPTablesFilter {
        IPTablesFilter(variant: variant, family: family, table: SaveTable(name: "filter"))
    }
}
