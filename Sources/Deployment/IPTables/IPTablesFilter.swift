internal import Diagnostics
package import IPTablesBackend
internal import NFTablesBackend
package import PacketModel

/// The filter table of one variant and family, as its save tool prints it.
package struct IPTablesFilter: Hashable, Sendable {
    /// The variant.
    package var variant: IPTablesVariant
    /// The family.
    package var family: AddressFamily
    /// The table; without chains, if the kernel has none.
    package var table: SaveTable

    /// A table.
    package init(variant: IPTablesVariant, family: AddressFamily, table: SaveTable) {
        self.variant = variant
        self.family = family
        self.table = table
    }

    /// Whether the kernel has the table.
    package var exists: Bool { !table.chains.isEmpty }

    /// Our own chain, and our further ones.
    package var ownChains: [SaveChain] { table.chains.filter { Self.isOwn($0.name) } }

    /// Whether a chain is ours by its name.
    static func isOwn(_ chain: String) -> Bool {
        chain == IPTablesNames.ownChain || chain.hasPrefix(IPTablesNames.chainPrefix)
    }

    /// Reads the table with the save tool alone: listing with `iptables-legacy` would make the tables that it lists.
    ///
    /// - Throws: `DiagnosticError` if the tool is missing, fails, or prints what cannot be read.
    static func read(
        _ variant: IPTablesVariant, _ family: AddressFamily, tools: any HostToolRunner, in namespace: NetworkNamespace?
    ) async throws -> IPTablesFilter {
        guard tools.isPrivileged else { throw DiagnosticError.notPrivileged("reading the rules of iptables") }
        // Without -t, which makes a table that is not there.
        let call = HostToolCall(variant.saveTool(family), ["-c"], in: namespace)
        let result = try await tools.run(call)
        guard result.code == 0 else { throw DiagnosticError.toolFailed(call.tool, result) }
        do {
            // iptables-nft prints this in place of a table that holds rules of nft's own.
            if String(decoding: result.output, as: UTF8.self).contains("# Table `filter' is incompatible") {
                throw DiagnosticError.foreignFilterTable(call.tool, family)
            }
            let listing = try SaveListing.parse(result.output)
            return IPTablesFilter(
                variant: variant, family: family, table: listing.table("filter") ?? SaveTable(name: "filter"))
        } catch let error as SaveListingError {
            throw DiagnosticError.unreadableListing(call.tool, "\(error)")
        }
    }
}
