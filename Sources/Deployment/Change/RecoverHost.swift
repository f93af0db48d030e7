internal import Diagnostics

/// Finishes or undoes what a crash left.
package struct RecoverHost: Sendable {
    /// What became of it.
    package enum Outcome: Hashable, Sendable {
        /// No change is under way.
        case nothing
        /// A change waits to be confirmed, and its watchdog runs.
        case waiting(target: Int, left: Duration)
        /// The confirmation of a state was cut short, and is done now.
        case finished(target: Int)
        /// A change was cut short or not confirmed; the host is as it was before it.
        case undone(target: Int)
        /// A change of a former boot was forgotten: the kernel holds nothing of it.
        case forgotten(target: Int)
    }

    let host: ManagedHost

    /// Recoveries of a host.
    package init(_ host: ManagedHost) { self.host = host }

    /// Does it.
    ///
    /// - Throws: `DiagnosticError` if the host could not be brought back.
    package func run() async throws -> Outcome {
        let lock = try await StateLock.take(host.store.directory)
        defer { lock.release() }
        guard let change = try host.store.pendingChange() else { return .nothing }
        let target = change.target
        if change.bootID != host.clock.bootID {
            try host.store.dropChangeOfFormerBoot(change)
            return .forgotten(target: target)
        }
        if try host.store.head().confirmed == target {
            _ = try await ConfirmChange(host).end(change)
            return .finished(target: target)
        }
        if change.phase == .unconfirmed, let left = change.left(host.clock), left > .zero,
            host.watchdog.isRunning(change, host.store.directory)
        {
            return .waiting(target: target, left: left)
        }
        try await UndoChange(host).run(change, change.phase == .unconfirmed ? .expired : .undone)
        return .undone(target: target)
    }
}
