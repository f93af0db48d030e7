internal import Diagnostics

/// Confirms the change that waits for it: from then on it stays.
package struct ConfirmChange: Sendable {
    let host: ManagedHost

    /// Confirmations on a host.
    package init(_ host: ManagedHost) { self.host = host }

    /// Confirms it.
    ///
    /// - Parameter probe: what has to succeed first, while the change is still undone without it.
    /// - Returns: the state that is confirmed now.
    /// - Throws: `DiagnosticError` if nothing waits for it or the time is over, or what the probe throws.
    package func run(probe: () async throws -> Void = {}) async throws -> AppliedState {
        try await probe()
        let lock = try await StateLock.take(host.store.directory)
        defer { lock.release() }
        try await host.steps.reached(.confirmLocked)
        guard let change = try host.store.pendingChange() else { throw DiagnosticError.nothingToConfirm() }
        guard change.bootID == host.clock.bootID, change.phase == .unconfirmed else {
            throw DiagnosticError.changeUnfinished(change)
        }
        guard let left = change.left(host.clock), left > .zero else { throw DiagnosticError.confirmedTooLate(change) }
        // From this on the watchdog does nothing, whatever becomes of this process.
        try host.store.setHead(StateStore.Head(current: change.target, confirmed: change.target))
        try await host.steps.reached(.confirmed)
        return try await end(change)
    }

    /// What is left to do once the head says that the target is confirmed.
    func end(_ change: PendingChange) async throws -> AppliedState {
        try host.store.end(change.target, .confirmed)
        try host.store.endChange()
        try await host.steps.reached(.confirmEnded)
        guard let state = try host.store.state(change.target) else { throw DiagnosticError.noSuchState(change.target) }
        return state
    }
}
