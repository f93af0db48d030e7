internal import Deployment
internal import Diagnostics
internal import IPTablesBackend
internal import Importing
internal import PacketModel
internal import PolicyLoading

/// Dumps in the place of a host's iptables.
struct MigrationDump {
    /// The filter table of each family, IPv4 first.
    var filters: [IPTablesFilter] = []
    /// All tables.
    var tables: [SaveTable] = []

    /// Reads files of one variant.
    ///
    /// - Throws: `DiagnosticError` if a file cannot be read, or if it is open for which family it is.
    static func read(_ files: [String], _ variant: IPTablesVariant) throws -> MigrationDump {
        var dump = MigrationDump()
        for file in files {
            let bytes = try InputText.bytes(named: file)
            try dump.add(bytes, file == "-" ? "standard input" : file, variant)
        }
        dump.filters.sort { $0.family < $1.family }
        return dump
    }

    private mutating func add(_ bytes: [UInt8], _ name: String, _ variant: IPTablesVariant) throws {
        let families = IPTablesFamilySigns.families(name: name, bytes)
        guard !families.isEmpty else { throw DiagnosticError.openFamily(of: name) }
        let reading = IPTablesReader.read(bytes, file: name, family: families.families[0])
        var isEmpty = true
        for file in reading.files {
            let listing: SaveListing
            do throws(SaveListingError) { listing = try SaveListing.parse(Array(file.text.utf8)) } catch {
                throw DiagnosticError.noListing(name, error)
            }
            tables += listing.tables
            guard let table = listing.table("filter") else { continue }
            if filters.contains(where: { $0.family == file.family }) {
                throw DiagnosticError.familyTwice(name, file.family)
            }
            filters.append(IPTablesFilter(variant: variant, family: file.family, table: table))
            isEmpty = false
        }
        if isEmpty { throw DiagnosticError.noTable(name) }
    }
}

/// What of a host's firewall may use marks of packets.
struct MarkedTables {
    /// The tables of both variants of iptables, as far as they are there.
    var tables: [SaveTable] = []
    /// The rules of others in nft that are about marks.
    var uses: [NFTMarkUse] = []

    /// Reads a host.
    ///
    /// - Throws: `DiagnosticError` if something of it cannot be read: it may use any mark.
    static func read(_ host: ManagedHost) async throws -> MarkedTables {
        var result = MarkedTables()
        var printed: Set<String> = []
        for variant in IPTablesVariant.allCases {
            for family in AddressFamily.allCases where host.tools.path(of: variant.saveTool(family)) != nil {
                let choice = variant == .legacy ? IPTablesVariantChoice.legacy : .nft
                let rules = try await HostRules.read(
                    [family], variant: choice, tools: host.tools, in: host.namespace)
                for one in rules {
                    let listing: SaveListing
                    do throws(SaveListingError) { listing = try SaveListing.parse(one.text) } catch {
                        throw DiagnosticError.noListing(one.tool, error)
                    }
                    result.tables += listing.tables
                    if variant == .nft { printed.formUnion(listing.tables.map { "\(family.rawValue) \($0.name)" }) }
                }
            }
        }
        result.uses = try await NFTMarkUse.read(.host(namespace: host.namespace), besides: printed)
        return result
    }
}

extension DiagnosticError {
    fileprivate static func openFamily(of name: String) -> DiagnosticError {
        DiagnosticError(
            .unreadable, "family-open", at: SourceLocation(file: name),
            "these rules may be for IPv4 or for IPv6, and neither the text nor its name says which: name the file rules.v4 or rules.v6"
        )
    }

    fileprivate static func familyTwice(_ name: String, _ family: AddressFamily) -> DiagnosticError {
        DiagnosticError(
            .unreadable, "hook-twice", at: SourceLocation(file: name),
            "another file speaks of \(family.displayName): name one for each family")
    }

    fileprivate static func noListing(_ name: String, _ error: SaveListingError) -> DiagnosticError {
        DiagnosticError(
            .unreadable, "unreadable-listing", at: SourceLocation(file: name),
            "this is no text of iptables-save: \(error)")
    }

    fileprivate static func noTable(_ name: String) -> DiagnosticError {
        DiagnosticError(
            .unreadable, "nothing-to-import", at: SourceLocation(file: name),
            "there is no filter table: nothing to import")
    }
}
