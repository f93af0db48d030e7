package import Diagnostics
package import NFTablesBackend

extension LoadedState {
    /// What the other backend holds, read alone: the rest of the state is not there.
    ///
    /// - Parameters:
    ///   - loadedIntoNFTables: whether rules are meant for our nftables table, or else for iptables.
    ///   - tools: the host's tools.
    ///   - nft: libnftables.
    ///   - namespace: where, if not in the namespace of the process.
    /// - Returns: one warning, or none.
    /// - Throws: `DiagnosticError` without the privilege to read, or without the namespace.
    package static func leftovers(
        besides loadedIntoNFTables: Bool, tools: any HostToolRunner, nft: any NFTRunner,
        in namespace: NetworkNamespace? = nil
    ) async throws -> [Diagnostic] {
        let state =
            loadedIntoNFTables
            ? LoadedState(
                nftables: .absent, iptables: try await iptables(tools: tools, in: namespace).parts)
            : LoadedState(nftables: try await nftables(nft, isBrief: true), iptables: [])
        return state.leftovers(besides: loadedIntoNFTables)
    }

    /// Warnings of former rules of ours that the other backend still holds: they go on deciding.
    ///
    /// - Parameter loadedIntoNFTables: whether rules have just been loaded into our nftables table, or else into iptables.
    /// - Returns: one warning, or none.
    package func leftovers(besides loadedIntoNFTables: Bool) -> [Diagnostic] {
        if loadedIntoNFTables {
            let places = iptables.filter { if case .present(let state) = $0.part { !state.isEmpty } else { false } }
            guard !places.isEmpty else { return [] }
            let names = places.map { $0.variant.name($0.family) }.joined(separator: ", ")
            return [
                warning(
                    "\(names) still holds rules of a former policy of Seawall's: packets have to pass them as well",
                    remedy: "apply a policy with an empty Containers { } to them with `--backend iptables`")
            ]
        }
        guard case .present = nftables else { return [] }
        return [
            warning(
                "the nft table inet seawall still holds a former policy: packets have to pass it as well",
                remedy: "`nft delete table inet seawall` removes it")
        ]
    }

    private func warning(_ message: String, remedy: String) -> Diagnostic {
        Diagnostic("other-backend", .warning, at: nil, message, notes: [Diagnostic.Note(remedy)])
    }
}
