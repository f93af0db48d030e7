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
        let text = try await listing(variant, family, tools: tools, in: namespace)
        return try IPTablesFilter(variant, family, listing: text)
    }

    /// What the save tool prints of all tables, with counters.
    ///
    /// - Throws: `DiagnosticError` if the tool is missing or fails.
    static func listing(
        _ variant: IPTablesVariant, _ family: AddressFamily, tools: any HostToolRunner, in namespace: NetworkNamespace?
    ) async throws -> String {
        guard tools.isPrivileged else { throw DiagnosticError.notPrivileged("reading the rules of iptables") }
        // Without -t, which makes a table that is not there.
        let call = HostToolCall(variant.saveTool(family), ["-c"], in: namespace)
        let result = try await tools.run(call)
        guard result.code == 0 else { throw DiagnosticError.toolFailed(call.tool, result) }
        return String(decoding: result.output, as: UTF8.self)
    }

    /// The table in what the save tool printed; empty, if it is not there.
    ///
    /// - Throws: `DiagnosticError` if that cannot be read.
    init(_ variant: IPTablesVariant, _ family: AddressFamily, listing text: String) throws {
        let tool = variant.saveTool(family)
        guard !Self.isIncompatible(text) else { throw DiagnosticError.foreignFilterTable(tool, family) }
        do throws(SaveListingError) {
            let table = try SaveListing.parse(Array(text.utf8)).table("filter") ?? SaveTable(name: "filter")
            self.init(variant: variant, family: family, table: table)
        } catch {
            throw DiagnosticError.unreadableListing(tool, "\(error)")
        }
    }

    /// Whether iptables-nft printed, in place of the filter table, that it holds rules of nft's own.
    static func isIncompatible(_ text: String) -> Bool { text.contains("# Table `filter' is incompatible") }
}
