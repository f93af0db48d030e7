package import Diagnostics
internal import FirewallIR
internal import IPTablesBackend
package import NFTablesBackend
package import PacketModel

extension LiveRules {
    /// What helps to say where rules came from.
    package struct Sources: Sendable {
        /// The places of a policy's rules, by the identifiers in their comments.
        package var origins: [String: SourceLocation]
        /// Of nft: where the elements of sets came from.
        package var elements: NFTElementSources?

        /// What is known of a policy; of none, nothing.
        package init(origins: [String: SourceLocation] = [:], elements: NFTElementSources? = nil) {
            self.origins = origins
            self.elements = elements
        }

        /// The same with a text before the name of each file, to tell it from that of another policy.
        package func prefixed(_ prefix: String) -> Sources {
            Sources(
                origins: origins.mapValues { SourceLocation(file: prefix + $0.file, line: $0.line) },
                elements: elements?.prefixed(prefix))
        }
    }

    /// Reads `DOCKER-USER` of the variant of iptables that is named, or that holds Docker's rules; leaves no trace.
    ///
    /// - Parameters:
    ///   - families: which families.
    ///   - variant: the variant, or that it is to be found out.
    ///   - tools: the host's tools.
    ///   - namespace: where, if not in the namespace of the process.
    ///   - sources: what is known of the policy whose rules they are.
    /// - Returns: a place for each family, in their order.
    /// - Throws: `DiagnosticError` without the privilege, if a tool is missing or fails, or if it is not known which variant
    ///   is meant.
    package static func readIPTables(
        _ families: [AddressFamily] = AddressFamily.allCases, variant: IPTablesVariantChoice = .auto,
        tools: any HostToolRunner, in namespace: NetworkNamespace? = nil, sources: Sources = Sources()
    ) async throws -> LiveRules {
        let filters = try await filters(families, variant: variant, tools: tools, in: namespace)
        return try await readIPTables(filters, tools: tools, in: namespace, sources: sources)
    }

    /// The tables in which rules of ours are, or would be.
    ///
    /// Without a named variant they are those of the one in which `DOCKER-USER` is reached, else of the one that holds rules
    /// of ours, else of the one that has the chain, else of the first that is installed.
    package static func filters(
        _ families: [AddressFamily], variant: IPTablesVariantChoice, tools: any HostToolRunner,
        in namespace: NetworkNamespace? = nil
    ) async throws -> [IPTablesFilter] {
        try await LiveReader(tools: tools, namespace: namespace).filters(families, variant)
    }

    /// The same of tables that have been read.
    package static func readIPTables(
        _ filters: [IPTablesFilter], tools: any HostToolRunner, in namespace: NetworkNamespace? = nil,
        sources: Sources = Sources()
    ) async throws -> LiveRules {
        let reader = LiveReader(tools: tools, namespace: namespace)
        let sets = try await reader.sets(filters)
        return LiveRules(places: filters.map { LivePlace($0, sets: sets, origins: sources.origins) })
    }

    /// Reads our nft table; leaves no trace.
    ///
    /// - Parameters:
    ///   - runner: libnftables.
    ///   - acceptMark: the mark that Docker is configured to accept.
    ///   - sources: what is known of the policy whose rules they are.
    /// - Returns: the one place.
    /// - Throws: `DiagnosticError` without the privilege, or if the table cannot be listed or read.
    package static func readNFT(
        runner: any NFTRunner, acceptMark: AcceptMark? = nil, sources: Sources = Sources()
    ) async throws -> LiveRules {
        let listing = try await runner.list(.seawall, terse: false)
        let table = try listing.map { try ReadNFTListing.run($0, file: "nft").tables.first } ?? nil
        let place = LivePlace(
            nft: table, acceptMark: acceptMark, origins: sources.origins, sources: sources.elements)
        return LiveRules(places: [place])
    }
}

/// Reads the tables of iptables in which rules of ours are, or would be.
struct LiveReader {
    let tools: any HostToolRunner
    let namespace: NetworkNamespace?

    /// The tables of the variant that is named, or that is found.
    func filters(_ families: [AddressFamily], _ variant: IPTablesVariantChoice) async throws -> [IPTablesFilter] {
        if let variant = variant.variant { return try await filters(families, variant) }
        var candidates: [[IPTablesFilter]] = []
        for variant in IPTablesVariant.allCases
        where families.allSatisfy({ tools.path(of: variant.saveTool($0)) != nil }) {
            candidates.append(try await filters(families, variant))
        }
        if candidates.isEmpty {
            throw DiagnosticError.missingVariants(families.map { IPTablesVariant.legacy.saveTool($0) })
        }
        let signs: [(IPTablesFilter) -> Bool] = [{ $0.reach == .reached }, \.holdsOwnRules, { $0.reach != .missing }]
        var left = candidates
        for isSign in signs {
            let found = left.filter { $0.contains(where: isSign) }
            if found.count == 1 { return found[0] }
            if !found.isEmpty { left = found }
        }
        if left.count > 1, left[0].contains(where: { $0.reach != .missing }) {
            throw DiagnosticError.ambiguousVariant()
        }
        return left[0]
    }

    private func filters(_ families: [AddressFamily], _ variant: IPTablesVariant) async throws -> [IPTablesFilter] {
        var filters: [IPTablesFilter] = []
        for family in families {
            filters.append(try await IPTablesFilter.read(variant, family, tools: tools, in: namespace))
        }
        return filters
    }

    /// The sets of ours with their content, where rules ask any.
    func sets(_ filters: [IPTablesFilter]) async throws -> [String: IPSet] {
        guard filters.contains(where: \.asksOwnSets), tools.path(of: "ipset") != nil else { return [:] }
        let call = HostToolCall("ipset", ["save"], in: namespace)
        let result = try await tools.run(call)
        guard result.code == 0 else { throw DiagnosticError.toolFailed(call.tool, result) }
        return IPSetListing(String(decoding: result.output, as: UTF8.self)).sets
    }
}

extension IPTablesFilter {
    /// Whether anything of ours is in the table.
    var holdsOwnRules: Bool {
        !ownChains.isEmpty || !DockerUserRules(table).rules(of: .seawall).isEmpty
    }
}
