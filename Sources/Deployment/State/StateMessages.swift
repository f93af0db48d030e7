internal import Diagnostics
internal import JSONC

/// What is said of the state directory; in the order of the ids.
extension DiagnosticError {
    static func hostBusy(_ holder: Int32?, _ patience: Duration) -> DiagnosticError {
        let name = holder.map { "process \($0)" } ?? "another process"
        return DiagnosticError(
            .host, "host-busy",
            "another Seawall is changing this host (\(name)), and was not done after \(patience.components.seconds) s: try again when it is"
        )
    }

    static func noSuchState(_ number: Int) -> DiagnosticError {
        DiagnosticError(
            .unreadable, "no-such-state", "there is no state \(number): `seawall history` lists those that are kept")
    }

    static func notAsBefore(_ differences: [String]) -> DiagnosticError {
        DiagnosticError(
            .host, "not-as-before", "the former rules were brought back, but the host is not as it was",
            notes: differences + ["`seawall recover` tries it again; `seawall show` shows what is loaded"])
    }

    static func stateUnreadable(_ path: String, _ error: JSONError) -> DiagnosticError {
        DiagnosticError(
            .host, "state-unreadable", "'\(path)' is not what Seawall wrote there: \(error)",
            notes: ["move it away to go on without it; the rules in the kernel are not touched by that"])
    }

    static func stateUnusable(_ verb: String, _ path: String, reason: String) -> DiagnosticError {
        DiagnosticError(
            .host, "state-unusable", "cannot \(verb) '\(path)': \(reason)",
            notes: ["SEAWALL_STATE_DIR names another folder for what Seawall keeps of this host"])
    }
}
