internal import Diagnostics
internal import IPTablesBackend
internal import PacketModel

extension IPTablesApplier {
    /// A variant with the tables of the families to be written.
    struct Chosen {
        var variant: IPTablesVariant
        var filters: [IPTablesFilter]
    }

    /// The named variant, or the one in which `DOCKER-USER` is reached.
    func choose(_ families: [AddressFamily], _ options: IPTablesOptions) async throws -> Chosen {
        if let variant = variant.variant { return try await named(variant, families, options) }
        var candidates: [Chosen] = []
        for variant in IPTablesVariant.allCases where families.allSatisfy({ isInstalled(variant, $0) }) {
            candidates.append(try await chosen(variant, families))
        }
        if candidates.isEmpty { throw DiagnosticError.missingVariants(tools(families)) }
        let reached = candidates.filter { $0.filters.contains { $0.reach == .reached } }
        if reached.count > 1 { throw DiagnosticError.ambiguousVariant() }
        if let only = reached.first { return only }
        // Not reached anywhere: the one that has the chain says why, or is given its jump.
        let present = candidates.filter { $0.filters.contains { $0.reach != .missing } }
        if present.count > 1, options.withoutDocker { throw DiagnosticError.ambiguousVariant() }
        guard let first = present.first else { throw DiagnosticError.noVariant(candidates.flatMap(\.filters)) }
        return first
    }

    private func named(_ variant: IPTablesVariant, _ families: [AddressFamily], _ options: IPTablesOptions) async throws
        -> Chosen
    {
        let result = try await chosen(variant, families)
        guard !options.withoutDocker, let filter = result.filters.first(where: { $0.reach != .reached }) else {
            return result
        }
        // Only for the message: the other variant may be the right one.
        let other =
            isInstalled(variant.other, filter.family) ? try? await read(variant.other, filter.family).reach : nil
        throw DiagnosticError.dockerUser(filter.reach, filter, other: other)
    }

    private func chosen(_ variant: IPTablesVariant, _ families: [AddressFamily]) async throws -> Chosen {
        var filters: [IPTablesFilter] = []
        for family in families {
            for tool in tools(variant, family) where tools.path(of: tool) == nil {
                throw DiagnosticError.toolMissing(tool)
            }
            filters.append(try await read(variant, family))
        }
        return Chosen(variant: variant, filters: filters)
    }

    private func isInstalled(_ variant: IPTablesVariant, _ family: AddressFamily) -> Bool {
        tools(variant, family).allSatisfy { tools.path(of: $0) != nil }
    }

    private func tools(_ variant: IPTablesVariant, _ family: AddressFamily) -> [String] {
        [variant.saveTool(family), variant.restoreTool(family)]
    }

    private func tools(_ families: [AddressFamily]) -> [String] {
        IPTablesVariant.allCases.flatMap { variant in families.map { variant.restoreTool($0) } }
    }
}

extension IPTablesFilter {
    /// Whether `DOCKER-USER` is reached here.
    package var reach: ChainReach { table.reach(of: IPTablesNames.dockerUser) }
}
