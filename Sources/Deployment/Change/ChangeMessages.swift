internal import Diagnostics
internal import PacketModel

/// What is said of changes of the host; in the order of the ids.
extension DiagnosticError {
    static func changeUnconfirmed(_ change: PendingChange, left: Duration) -> DiagnosticError {
        DiagnosticError(
            .host, "change-unconfirmed",
            "state \(change.target) waits to be confirmed (\(left.seconds) s left): `seawall confirm` keeps it, `seawall rollback` takes it back"
        )
    }

    static func changeUnfinished(_ change: PendingChange) -> DiagnosticError {
        DiagnosticError(
            .host, "change-unfinished",
            "a former change of this host (state \(change.target)) was cut short: `seawall recover` finishes or undoes it"
        )
    }

    static func confirmedTooLate(_ change: PendingChange) -> DiagnosticError {
        DiagnosticError(
            .host, "confirmed-too-late",
            "the time to confirm state \(change.target) is over: the host goes back to what it was before",
            notes: ["apply the policy again to try once more"])
    }

    static func nothingToConfirm() -> DiagnosticError {
        DiagnosticError(
            .host, "nothing-to-confirm",
            "no change waits to be confirmed: `seawall history` shows what became of the last one")
    }

    static func notUndone(_ error: any Error, _ other: any Error) -> any Error {
        let first = failure(error)
        let second = failure(other)
        let note = Diagnostic(
            "not-undone", .error, at: nil,
            "the host could not be brought back to what it was: `seawall recover` tries it again",
            notes: second.diagnostics.map { Diagnostic.Note($0.text) })
        return DiagnosticError(.host, first.diagnostics + [note])
    }

    static func probeFailed(_ address: IPAddress, _ port: UInt16, reason: String) -> DiagnosticError {
        let place = address.family == .ip ? "\(address):\(port)" : "[\(address)]:\(port)"
        return DiagnosticError(
            .host, "probe-failed", "no connection to \(place) can be opened: \(reason)",
            notes: [
                "nothing was confirmed: the host goes back when the time is over, or at once with `seawall rollback`"
            ])
    }

    static func undone(_ error: any Error) -> any Error {
        guard let failure = error as? DiagnosticError else { return error }
        var diagnostics = failure.diagnostics
        diagnostics[diagnostics.count - 1].notes.append(Diagnostic.Note("the host is as it was before"))
        return DiagnosticError(failure.outcome, diagnostics)
    }

    static func watchdogNotStarted(_ reason: String) -> DiagnosticError {
        DiagnosticError(
            .host, "watchdog-not-started",
            "the watchdog that would bring the host back could not be started: \(reason)",
            notes: ["nothing was changed"])
    }

    private static func failure(_ error: any Error) -> DiagnosticError {
        error as? DiagnosticError ?? DiagnosticError(.host, "unexpected", "\(error)")
    }
}

extension Duration {
    /// Whole seconds, a begun one counts.
    package var seconds: Int64 { components.seconds + (components.attoseconds > 0 ? 1 : 0) }
}
