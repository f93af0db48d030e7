internal import Diagnostics
internal import Glibc

/// What is said when a program of the host could not do its work; in the order of the ids.
extension DiagnosticError {
    static func namespace(_ failure: NamespaceChild.Failure) -> DiagnosticError {
        namespace(failure.subject, code: failure.code, reason: failure.reason)
    }

    static func namespace(_ name: String, code: Int32, reason: String) -> DiagnosticError {
        if code == EPERM { return notPrivileged("entering the network namespace '\(name)'") }
        return DiagnosticError(
            .host, "bad-namespace", "the network namespace '\(name)' cannot be entered: \(reason)",
            notes: [
                "`ip netns list` names those that exist; a path, such as /proc/PID/ns/net, names one without a name"
            ])
    }

    static func notPrivileged(_ task: String, notes: [String] = []) -> DiagnosticError {
        DiagnosticError(
            .host, "not-privileged", "\(task) needs root, or the capability CAP_NET_ADMIN: run seawall with sudo",
            notes: notes)
    }

    static func notStarted(_ name: String, path: String, reason: String) -> DiagnosticError {
        DiagnosticError(.host, "tool-not-started", "'\(name)' (\(path)) could not be run: \(reason)")
    }

    static func toolDied(_ name: String, signal: Int32, errors: String) -> DiagnosticError {
        DiagnosticError(
            .host, "tool-died", "'\(name)' was ended by signal \(signal) (\(signalName(signal)))",
            notes: lines(errors))
    }

    static func toolMissing(_ tool: String) -> DiagnosticError {
        DiagnosticError(
            .host, "tool-missing",
            "'\(tool)' is neither in PATH nor in /usr/sbin or /sbin: install the Debian package 'iptables'")
    }

    static func toolTimedOut(_ name: String, after timeout: Duration) -> DiagnosticError {
        DiagnosticError(
            .host, "tool-timed-out", "'\(name)' had not finished after \(timeout.components.seconds) s and was ended",
            notes: ["another program may hold /run/xtables.lock; `seawall show` says what is loaded now"])
    }

    /// The name of a signal: "Killed".
    static func signalName(_ signal: Int32) -> String { strsignal(signal).map { String(cString: $0) } ?? "unknown" }

    /// What a tool said, a note for each line; the last ones, if there are many.
    static func lines(_ text: String) -> [String] { text.split(separator: "\n").suffix(10).map(String.init) }
}
