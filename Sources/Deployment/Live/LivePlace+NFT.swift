package import Diagnostics
internal import FirewallIR
package import NFTablesBackend
internal import PacketModel

extension LivePlace {
    /// Our nft table; without one, packets meet nothing.
    ///
    /// - Parameters:
    ///   - table: the table, if there is one.
    ///   - acceptMark: the mark that Docker is configured to accept.
    ///   - origins: the places of a policy's rules, by the identifiers in their comments.
    ///   - sources: where the elements of a document's sets came from; those of the table are found among them by their
    ///     values.
    package init(
        nft table: NFTTable?, acceptMark: AcceptMark? = nil, origins: [String: SourceLocation] = [:],
        sources: NFTElementSources? = nil
    ) {
        let name = "nft"
        guard let table else {
            self.init(name: name, families: .both, whole: .known([]), own: .known([]))
            return
        }
        let known = sources?.sources(of: table) ?? NFTSources()
        let meaning: LiveMeaning
        do throws(DiagnosticError) {
            let lift = try LiftFromNFTables.lift(
                [table], acceptMark: acceptMark, origins: origins, sources: known)
            meaning = .known(lift.scopes.map { $0.placed(at: name) })
        } catch {
            meaning = .unknown(error.diagnostics.map { UnknownRule($0) })
        }
        self.init(name: name, families: .both, whole: meaning, own: meaning)
        self.table = table
    }
}

extension UnknownRule {
    /// What a lift refused.
    fileprivate init(_ refusal: Diagnostic) {
        let prefix = "the rule is: "
        let rule = refusal.notes.map(\.message).first { $0.hasPrefix(prefix) }?.dropFirst(prefix.count)
        self.init(text: rule.map(String.init) ?? refusal.location.map { "\($0)" } ?? "", reason: refusal.message)
    }
}
