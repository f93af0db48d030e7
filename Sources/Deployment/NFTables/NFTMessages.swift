internal import Diagnostics
internal import NFTablesBackend

/// What is said when nftables could not be changed or read.
extension DiagnosticError {
    static func nftChangedMeanwhile() -> DiagnosticError {
        DiagnosticError(
            .host, "changed-meanwhile",
            "the nft table inet seawall was changed by somebody else after it was read; nothing was written",
            notes: ["run the command again"])
    }

    static func nftDied(signal: Int32, errors: String) -> DiagnosticError {
        DiagnosticError(
            .host, "nft-died", "libnftables was ended by signal \(signal) (\(signalName(signal)))",
            notes: lines(errors) + [transactionNote])
    }

    static func nftExited(code: Int32, errors: String) -> DiagnosticError {
        DiagnosticError(
            .host, "nft-died", "libnftables ended its process with exit code \(code)",
            notes: lines(errors) + [transactionNote])
    }

    static func nftForeign(_ command: String) -> DiagnosticError {
        DiagnosticError(
            .refused, "nft-foreign-table",
            "the document changes more than the table '\(NFTTableName.seawall)': \(command)",
            notes: ["nothing was changed; Seawall never writes to another's table"])
    }

    static let nftNoCommands = DiagnosticError(
        .refused, "nft-no-commands", "the nftables document holds no command: expected {\"nftables\": […]}")

    static func nftNotListed(_ table: NFTTableName, _ failure: NFTFailure) -> DiagnosticError {
        DiagnosticError(.host, "nft-not-listed", "the table '\(table)' could not be listed", notes: failure.messages)
    }

    static func nftReadBack(_ differences: [String]) -> DiagnosticError {
        DiagnosticError(
            .host, "nft-read-back",
            "the table '\(NFTTableName.seawall)' was loaded, but what the kernel holds is not what was sent",
            notes: differences)
    }

    static func nftRefused(_ failure: NFTFailure, culprit: NFTCulprit?, check: Bool) -> DiagnosticError {
        let reason = failure.messages.first ?? "no reason was given"
        let more = failure.messages.dropFirst().prefix(5).map { "libnftables: \($0)" }
        let place =
            culprit.map { ["command \($0.index) of the document is the first that is refused: \($0.text)"] } ?? []
        let end = check ? [] : ["nothing was changed: the document is one transaction"]
        let notes = place + more + end
        return DiagnosticError(
            .host,
            [
                Diagnostic(
                    "nft-refused", at: nil, "libnftables refuses the rules: \(reason)", literal: culprit?.rule,
                    notes: notes.map { Diagnostic.Note($0) })
            ])
    }

    static func nftTimedOut(after timeout: Duration) -> DiagnosticError {
        DiagnosticError(
            .host, "nft-timed-out", "libnftables had not finished after \(timeout.components.seconds) s and was ended",
            notes: [transactionNote])
    }

    static func nftUnreadable(_ subject: String, _ reason: String) -> DiagnosticError {
        DiagnosticError(.host, "nft-unreadable", "\(subject) cannot be used: \(reason)")
    }

    static func nftWithoutJSON(_ failure: NFTFailure) -> DiagnosticError {
        DiagnosticError(
            .host, "nft-without-json", "the libnftables of this host was built without JSON, which Seawall needs",
            notes: failure.messages.prefix(1)
                + [
                    "Debian's package 'libnftables1' has it; another libnftables may stand before it in the library "
                        + "path"
                ])
    }

    private static let transactionNote =
        "its commands are one transaction: either all of them took effect or none; `seawall show` says which"
}
