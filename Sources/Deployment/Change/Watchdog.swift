internal import Diagnostics
internal import JSONC

/// Brings the host back if a change is not confirmed in time, whatever becomes of the process that made it.
package protocol Watchdog: Sendable {
    /// Starts it, and waits until it has said that it runs.
    ///
    /// - Throws: `DiagnosticError` if it does not run.
    func arm(_ change: PendingChange, _ directory: StateDirectory) async throws

    /// Whether the one of a change runs.
    func isRunning(_ change: PendingChange, _ directory: StateDirectory) -> Bool
}

/// What the watchdog's process does: waits, and fires.
package struct WatchdogDuty: Sendable {
    let host: ManagedHost
    let target: Int

    /// The duty for the change that leads to a state.
    package init(_ host: ManagedHost, target: Int) {
        self.host = host
        self.target = target
    }

    /// Says that it runs, waits for the confirmation, and brings the host back if none comes.
    ///
    /// - Returns: whether the host was brought back.
    /// - Throws: `DiagnosticError` if the journal cannot be read at the start, or if the host could not be brought back, after
    ///   many attempts; the journal stays for `seawall recover`.
    @discardableResult
    package func run() async throws -> Bool {
        if let own = ProcessIdentity.own { try host.store.keepWatchdog(own, target: target) }
        guard var change = try pending() else { return false }
        while let left = change.left(host.clock) {
            if left == .zero { return try await fire() }
            try await Task.sleep(for: min(left, Self.pause))
            guard let present = pending(otherwise: change) else { return false }
            change = present
        }
        return false
    }

    /// The change while it waits; as it was known, while the journal cannot be read: that is no reason to stop watching.
    private func pending(otherwise known: PendingChange) -> PendingChange? {
        do {
            return try pending()
        } catch {
            return known
        }
    }

    /// The change, while it waits for a confirmation.
    private func pending() throws -> PendingChange? {
        guard let change = try host.store.pendingChange(), change.target == target,
            change.bootID == host.clock.bootID, try host.store.head().confirmed != target
        else { return nil }
        return change
    }

    private func fire() async throws -> Bool {
        for attempt in 1... {
            do {
                return try await bringBack()
            } catch {
                host.store.note("attempt \(attempt) to bring the host back failed: \(text(error))")
                if attempt == Self.attempts { throw error }
                try await Task.sleep(for: .milliseconds(500))
            }
        }
        return false
    }

    private func bringBack() async throws -> Bool {
        let lock = try await takeLock()
        defer { lock.release() }
        // It may have been confirmed, or undone, while we waited.
        guard let change = try pending() else { return false }
        try await UndoChange(host).run(change, .expired)
        host.store.note("state \(target) was not confirmed in time: the host is as it was before")
        return true
    }

    /// The right to change the host.
    ///
    /// A change that still runs at its own deadline hangs: it is ended.
    private func takeLock() async throws -> StateLock {
        do {
            return try await StateLock.take(host.store.directory, patience: .seconds(2))
        } catch {
            guard let applier = try pending()?.applier else { throw error }
            applier.end()
            return try await StateLock.take(host.store.directory, patience: .seconds(10))
        }
    }

    private func text(_ error: any Error) -> String {
        (error as? DiagnosticError)?.diagnostics.map(\.text).joined(separator: "; ") ?? "\(error)"
    }

    private static let pause = Duration.milliseconds(50)
    private static let attempts = 600
}

extension StateStore {
    func keepWatchdog(_ process: ProcessIdentity, target: Int) throws {
        try write(
            ["target": .integer(Int64(target)), "process": process.json], to: directory.watchdog)
    }

    /// The process that watches over the change that leads to a state.
    func watchdog(of target: Int) -> ProcessIdentity? {
        guard let json = try? json(directory.watchdog), json["target"]?.integer == Int64(target),
            let process = json["process"]
        else { return nil }
        return try? ProcessIdentity(json: process, path: "$.process")
    }

    /// Writes a line for people into the log of the watchdog; that it cannot be written stops nothing.
    func note(_ line: String) {
        let former = ((try? DurableFiles.read(directory.log)) ?? nil) ?? []
        try? DurableFiles.write(Array(former.suffix(1 << 16)) + Array((line + "\n").utf8), to: directory.log)
    }
}
