internal import Deployment
internal import Diagnostics
internal import IPTablesBackend
internal import Importing
internal import PacketModel
internal import PolicyLoading

/// Dumps in the place of a host's iptables.
enum MigrationDump {
    /// The filter table of each family that files hold.
    ///
    /// - Throws: `DiagnosticError` if a file cannot be read, or if it is open for which family it is.
    static func filters(of files: [String], _ variant: IPTablesVariant) throws -> [IPTablesFilter] {
        var filters: [IPTablesFilter] = []
        for file in files {
            let bytes = try InputText.bytes(named: file)
            let shown = file == "-" ? "standard input" : file
            for filter in try read(bytes, shown, variant) {
                guard !filters.contains(where: { $0.family == filter.family }) else {
                    throw DiagnosticError(
                        .unreadable, "hook-twice", at: SourceLocation(file: shown),
                        "another file speaks of \(filter.family.displayName): name one for each family")
                }
                filters.append(filter)
            }
        }
        return filters.sorted { $0.family < $1.family }
    }

    private static func read(_ bytes: [UInt8], _ name: String, _ variant: IPTablesVariant) throws -> [IPTablesFilter] {
        let families = IPTablesFamilySigns.families(name: name, bytes)
        guard !families.isEmpty else {
            throw DiagnosticError(
                .unreadable, "family-open", at: SourceLocation(file: name),
                "these rules may be for IPv4 or for IPv6, and neither the text nor its name says which: name the file rules.v4 or rules.v6"
            )
        }
        let reading = IPTablesReader.read(bytes, file: name, family: families.families[0])
        let filters = try reading.files.compactMap { file -> IPTablesFilter? in
            let text = Array(file.text.utf8)
            let listing: SaveListing
            do throws(SaveListingError) { listing = try SaveListing.parse(text) } catch {
                throw DiagnosticError(
                    .unreadable, "unreadable-listing", at: SourceLocation(file: name),
                    "this is no text of iptables-save: \(error)")
            }
            return listing.table("filter").map { IPTablesFilter(variant: variant, family: file.family, table: $0) }
        }
        guard !filters.isEmpty else {
            throw DiagnosticError(
                .unreadable, "nothing-to-import", at: SourceLocation(file: name),
                "there is no filter table: nothing to import")
        }
        return filters
    }
}
