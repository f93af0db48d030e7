/// Takes all that is Seawall's out of the kernel, and says that no state is in force; the states stay on disk.
package struct ForgetHost: Sendable {
    let host: ManagedHost

    /// A host that is to be left.
    package init(_ host: ManagedHost) { self.host = host }

    /// Does it; a change that waits to be confirmed ends with it.
    ///
    /// - Throws: `DiagnosticError` if something of ours cannot be taken out.
    package func run() async throws {
        let lock = try await StateLock.take(host.store.directory)
        defer { lock.release() }
        try await RemoveOwnRules(host).fromIPTables()
        try await RemoveOwnRules(host).fromNFTables()
        if let change = try host.store.pendingChange() { try host.store.end(change.target, .undone) }
        try host.store.setHead(StateStore.Head())
        try host.store.endChange()
    }
}
