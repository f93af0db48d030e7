internal import Diagnostics

/// Takes back a change that waits to be confirmed, without waiting for its time to run out.
package struct UndoUnconfirmed: Sendable {
    let host: ManagedHost

    /// The way back on a host.
    package init(_ host: ManagedHost) { self.host = host }

    /// Takes it back.
    ///
    /// - Returns: the state that is taken back; nothing, if none waits to be confirmed.
    /// - Throws: `DiagnosticError` if the host could not be brought back, or a change was cut short.
    package func run() async throws -> Int? {
        let lock = try await StateLock.take(host.store.directory)
        defer { lock.release() }
        guard let change = try host.store.pendingChange(), change.bootID == host.clock.bootID else { return nil }
        guard change.phase == .unconfirmed, try host.store.head().confirmed != change.target else {
            throw DiagnosticError.changeUnfinished(change)
        }
        try await UndoChange(host).run(change, .undone)
        return change.target
    }
}
