internal import Diagnostics

/// Brings the host back to what it was before a change, and says so in the journal.
package struct UndoChange: Sendable {
    let host: ManagedHost

    /// The way back on a host; the caller has the right to change it.
    package init(_ host: ManagedHost) { self.host = host }

    /// Goes back; called again after it was cut short, it does what is left.
    ///
    /// - Throws: `DiagnosticError` if the host could not be brought back; the journal stays.
    package func run(_ change: PendingChange, _ outcome: AppliedState.Outcome) async throws {
        var change = change
        change.phase = .restoring
        try host.store.keep(change)
        try await host.steps.reached(.restoreBegun)
        // Without a snapshot nothing was changed: it is written before the journal.
        if let snapshot = try host.store.formerSnapshot() { try await host.restore.run(snapshot) }
        try host.store.setHead(change.former)
        try await host.steps.reached(.restoreHeadWritten)
        try host.store.end(change.target, outcome)
        try host.store.endChange()
        try await host.steps.reached(.restoreEnded)
    }

    /// Goes back after a failure.
    ///
    /// - Returns: the failure, with what became of the host.
    func after(_ error: any Error, _ change: PendingChange) async -> any Error {
        // A task that was cancelled goes back as well.
        await Task {
            do {
                // What somebody else has done to it is not undone; the appliers have put back what they had loaded by then.
                if error.saysChangedMeanwhile {
                    try host.store.end(change.target, .undone)
                    try host.store.endChange()
                    return error
                }
                try await run(change, .undone)
                return DiagnosticError.undone(error)
            } catch let other {
                return DiagnosticError.notUndone(error, other)
            }
        }.value
    }
}

extension StateStore {
    /// Forgets a change of a former boot: the kernel holds nothing of it.
    func dropChangeOfFormerBoot(_ change: PendingChange) throws {
        let head = try head()
        if head.confirmed == change.target {
            try end(change.target, .confirmed)
        } else {
            try setHead(Head(current: change.former.confirmed, confirmed: change.former.confirmed))
            try end(change.target, .expired)
        }
        try endChange()
    }
}

extension Error {
    /// Whether the host was found to be another one than it was when it was read.
    fileprivate var saysChangedMeanwhile: Bool {
        (self as? DiagnosticError)?.diagnostics.first?.id == "changed-meanwhile"
    }
}
