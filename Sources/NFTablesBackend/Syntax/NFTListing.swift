/// What nft lists, or what commands make of it: tables of the families of the Internet protocols.
package struct NFTListing: Hashable, Sendable {
    /// The tables in order of appearance.
    package var tables: [NFTTable]
    /// The tables that are not read: of families that see other packets, or switched off (`flags dormant`), each with why.
    package var others: [NFTOtherTable]
    /// Where the elements of our own sets came from, if the document says so.
    package var sources = NFTSources()

    /// A listing.
    package init(tables: [NFTTable] = [], others: [NFTOtherTable] = []) {
        self.tables = tables
        self.others = others
    }
}

/// A table that is not read.
package struct NFTOtherTable: Hashable, Sendable {
    /// Its family and name.
    package var name: NFTTableName
    /// Why it is not read.
    package var reason: String

    /// A table with the reason.
    package init(_ name: NFTTableName, _ reason: String) {
        self.name = name
        self.reason = reason
    }
}
