package import Diagnostics
package import FirewallIR
internal import PacketModel

/// What tables of nft mean, as far as it is known.
package struct NFTLift: Hashable, Sendable {
    /// A scope for each base chain of a filter.
    package var scopes: [Scope]
    /// What was left out because it is no filter, and what is not quite the same in other engines.
    package var notes: [Diagnostic]
}

/// Reads tables of nft into the intermediate representation: `[NFTTable] -> [Scope]`.
///
/// Each match is taken as the kernel evaluates it: a field that a packet lacks ends the rule (BREAK), whatever is asked of
/// it. A base chain at the forward hook before the priority `filter` is what Docker forwards: there `accept` ends this
/// chain and no other, so it is *leave*; with the mark that Docker accepts set before, it is *accept*. Base chains at the
/// hooks input, forward and output are whole filters; there `accept` is *leave*, too, since chains of other tables may stand
/// at the same hook. Others are no filters, and are named in a note. What is not known exactly is refused by name; nothing is passed over.
package enum LiftFromNFTables {
    /// The scopes of our own table, in the order of its base chains.
    ///
    /// - Parameters:
    ///   - table: a table.
    ///   - acceptMark: the mark that Docker is configured to accept.
    ///   - origins: the places in the policy, by the identifiers in the comments.
    /// - Returns: the scopes, each with the chains that can be reached.
    /// - Throws: `DiagnosticError` of the kind `refused` with everything whose meaning is not known.
    package static func lift(
        _ table: NFTTable, acceptMark: AcceptMark? = nil, origins: [String: SourceLocation] = [:]
    ) throws(DiagnosticError) -> [Scope] {
        try lift([table], acceptMark: acceptMark, origins: origins).scopes
    }

    /// The scopes of a listing.
    ///
    /// - Parameters:
    ///   - listing: what was read.
    ///   - file: the name of the file that it was read from, for places.
    ///   - acceptMark: the mark that Docker is configured to accept.
    /// - Returns: the scopes, and what was left out.
    /// - Throws: `DiagnosticError` of the kind `refused` with everything whose meaning is not known.
    package static func lift(
        _ listing: NFTListing, file: String, acceptMark: AcceptMark? = nil
    ) throws(DiagnosticError) -> NFTLift {
        var lift = try lift(listing.tables, file: file, acceptMark: acceptMark, sources: listing.sources)
        lift.notes += listing.others.map {
            Diagnostic(
                "not-lifted", .warning, at: SourceLocation(file: file),
                "the table \($0.name) was left out: \($0.reason)")
        }
        return lift
    }

    /// The scopes of some tables.
    ///
    /// - Parameters:
    ///   - tables: the tables.
    ///   - file: the name of the file that they were read from, for places; none for what we made ourselves.
    ///   - acceptMark: the mark that Docker is configured to accept.
    ///   - origins: the places in the policy, by the identifiers in the comments.
    ///   - sources: where the elements of sets came from, as the document says.
    /// - Returns: the scopes, and what was left out.
    /// - Throws: `DiagnosticError` of the kind `refused` with everything whose meaning is not known.
    package static func lift(
        _ tables: [NFTTable], file: String? = nil, acceptMark: AcceptMark? = nil,
        origins: [String: SourceLocation] = [:], sources: NFTSources = NFTSources()
    ) throws(DiagnosticError) -> NFTLift {
        let origins = origins.merging(sources.places) { known, _ in known }
        var result = NFTLift(scopes: [], notes: [])
        var refusals: [Diagnostic] = []
        for table in tables {
            var lifting = TableLifting(
                table, place: NFTPlace(file: file, table: tables.count > 1 || file != nil ? table : nil),
                acceptMark: acceptMark, origins: origins,
                sources: table.isOurs ? sources : NFTSources())
            result.scopes += lifting.scopes()
            result.notes += lifting.notes
            refusals += lifting.refusals
        }
        refusals += twice(result.scopes, file)
        guard refusals.isEmpty else { throw DiagnosticError(.refused, refusals) }
        return result
    }

    /// Two base chains that judge the same packets at one hook: a scope is one list of rules.
    private static func twice(_ scopes: [Scope], _ file: String?) -> [Diagnostic] {
        scopes.enumerated().compactMap { index, scope in
            guard
                let other = scopes[..<index].first(where: {
                    $0.hook == scope.hook && !$0.families.isDisjoint(with: scope.families)
                })
            else { return nil }
            return Diagnostic(
                "not-liftable", at: file.map { SourceLocation(file: $0) },
                "two base chains judge the same packets at the hook '\(scope.hook.netfilterName)', '\(other.entry)' and '\(scope.entry)': write them as one, the one that is asked first jumping to the other"
            )
        }
    }
}

/// Where a rule stands, for messages.
struct NFTPlace {
    let file: String?
    /// The table, if there are several or if it is not ours.
    let table: NFTTable?

    /// A rule of a chain; its number counts from 1.
    func location(_ chain: String, _ number: Int?) -> SourceLocation {
        let parts = [file, table.map { "\($0.family.rawValue) \($0.name) \(chain)" } ?? chain].compactMap { $0 }
        return SourceLocation(file: parts.joined(separator: ": "), line: number)
    }
}

extension Scope.Hook {
    /// The hook as netfilter calls it.
    fileprivate var netfilterName: String { self == .containers ? "forward" : self == .proxied ? "input" : rawValue }
}
