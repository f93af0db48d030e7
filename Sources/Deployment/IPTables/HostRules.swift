internal import Diagnostics
internal import IPTablesBackend
package import NFTablesBackend
package import PacketModel

/// All tables of the host's iptables for one family, as its save tool prints them.
package struct HostRules: Hashable, Sendable {
    /// The variant in which they stand.
    package var variant: IPTablesVariant
    /// The family.
    package var family: AddressFamily
    /// What the tool printed.
    package var text: [UInt8]

    /// The name of the tool: messages about the rules begin with it.
    package var tool: String { variant.saveTool(family) }
}

extension HostRules {
    /// Reads the rules of the variant that holds Docker's, or if none does of the only one that holds any; leaves no trace.
    ///
    /// - Parameters:
    ///   - families: which.
    ///   - variant: the variant, or that it is to be found out.
    ///   - tools: the host's tools.
    ///   - namespace: where, if not in the namespace of the process.
    /// - Returns: one text for each family, in their order.
    /// - Throws: `DiagnosticError` without the privilege, if a tool is missing or fails, if no variant holds rules, or if
    ///   both do.
    package static func read(
        _ families: [AddressFamily], variant: IPTablesVariantChoice, tools: any HostToolRunner,
        in namespace: NetworkNamespace? = nil
    ) async throws -> [HostRules] {
        guard tools.isPrivileged else { throw DiagnosticError.notPrivileged("reading the rules of iptables") }
        if let variant = variant.variant {
            return try await candidate(variant, families, tools, namespace).rules
        }
        var candidates: [Candidate] = []
        for variant in IPTablesVariant.allCases {
            let isInstalled = families.allSatisfy { tools.path(of: variant.saveTool($0)) != nil }
            if isInstalled { candidates.append(try await candidate(variant, families, tools, namespace)) }
        }
        if candidates.isEmpty {
            throw DiagnosticError.missingVariants(families.map { IPTablesVariant.legacy.saveTool($0) })
        }
        let docker = candidates.filter(\.isReachedByDocker)
        let chosen = docker.isEmpty ? candidates.filter(\.holdsRules) : docker
        if chosen.count > 1 { throw DiagnosticError.ambiguousVariant() }
        guard let only = chosen.first else {
            throw DiagnosticError(
                .host, "no-rules-on-host",
                "neither iptables-legacy nor iptables-nft holds rules here: for tables of nft use 'nft -j list table FAMILY NAME | seawall import -'"
            )
        }
        return only.rules
    }

    /// What one variant holds.
    private struct Candidate {
        var rules: [HostRules]
        var isReachedByDocker: Bool
        var holdsRules: Bool
    }

    private static func candidate(
        _ variant: IPTablesVariant, _ families: [AddressFamily], _ tools: any HostToolRunner,
        _ namespace: NetworkNamespace?
    ) async throws -> Candidate {
        var candidate = Candidate(rules: [], isReachedByDocker: false, holdsRules: false)
        for family in families {
            let call = HostToolCall(variant.saveTool(family), in: namespace)
            let result = try await tools.run(call)
            guard result.code == 0 else { throw DiagnosticError.toolFailed(call.tool, result) }
            candidate.rules.append(HostRules(variant: variant, family: family, text: result.output))
            guard let table = (try? SaveListing.parse(result.output))?.table("filter") else { continue }
            if table.reach(of: IPTablesNames.dockerUser) == .reached { candidate.isReachedByDocker = true }
            if table.chains.contains(where: { !$0.rules.isEmpty || $0.policy == "DROP" }) {
                candidate.holdsRules = true
            }
        }
        return candidate
    }
}
