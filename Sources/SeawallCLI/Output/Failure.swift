internal import ArgumentParser
internal import Diagnostics
internal import JSONC

/// The end of the command line when something went wrong.
enum Failure {
    /// Shows an error, and says with which code to exit (see the exit codes in the README).
    static func report(_ error: any Error) -> Int32 {
        if let error = error as? DiagnosticError {
            return show(error)
        }
        let message = SeawallCommand.fullMessage(for: error)
        if SeawallCommand.exitCode(for: error) == .success {
            try? Terminal.write(message.isEmpty ? "" : message + "\n")
            return 0
        }
        if let code = error as? ExitCode { return code.rawValue }
        if error is ValidationError || error is CleanExit
            || String(reflecting: type(of: error)).hasPrefix("ArgumentParser.")
        {
            if wantsJSON { return show(DiagnosticError(.unreadable, "bad-usage", SeawallCommand.message(for: error))) }
            Terminal.show(text: message)
            return DiagnosticError.Outcome.unreadable.rawValue
        }
        return show(DiagnosticError(.host, "unexpected", "\(error)"))
    }

    /// Whether the result is wanted as JSON; asked of the words themselves, since they may not be a command.
    private static var wantsJSON: Bool { CommandLine.arguments.contains("--json") }

    private static func show(_ error: DiagnosticError) -> Int32 {
        if wantsJSON {
            let report: JSONValue = [
                "outcome": .string(error.outcome.name), "diagnostics": .array(error.diagnostics.map(\.json)),
            ]
            try? Terminal.write(report.text(.pretty) + "\n")
        } else {
            Terminal.show(error.diagnostics)
        }
        return error.outcome.rawValue
    }
}

extension DiagnosticError.Outcome {
    /// The name in JSON.
    var name: String {
        switch self {
        case .findings: "findings"
        case .unreadable: "unreadable"
        case .refused: "refused"
        case .host: "host-error"
        }
    }
}

extension Terminal {
    /// Writes a text to standard error.
    fileprivate static func show(text: String) { try? writeError(text + "\n") }
}
