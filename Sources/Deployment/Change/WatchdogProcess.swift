internal import Diagnostics
internal import Glibc

/// The watchdog as a process of our own executable, outside of the login session: a transient unit where systemd runs, else
/// a process in a session of its own.
package struct WatchdogProcess: Watchdog {
    /// The first argument by which our executable knows that it is this; the folder, the state and the namespace follow.
    package static let command = "__watchdog"

    private let executable: String
    private let tools: any HostToolRunner

    /// A watchdog that is started with the path of `seawall`.
    package init(executable: String = OwnExecutable.path, tools: any HostToolRunner) {
        self.executable = executable
        self.tools = tools
    }

    package func arm(_ change: PendingChange, _ directory: StateDirectory) async throws {
        let arguments = Self.arguments(change, directory)
        if access("/run/systemd/system", F_OK) == 0, tools.path(of: "systemd-run") != nil {
            try await startUnit(change, arguments)
        } else {
            try startDetached(arguments)
        }
        try await waitUntilItRuns(change, directory)
    }

    package func isRunning(_ change: PendingChange, _ directory: StateDirectory) -> Bool {
        StateStore(directory).watchdog(of: change.target)?.isAlive == true
    }

    /// The arguments of our executable.
    static func arguments(_ change: PendingChange, _ directory: StateDirectory) -> [String] {
        [command, directory.path, String(change.target)] + (change.namespace.map { [$0] } ?? [])
    }

    /// Leaves the session of whoever started us.
    package static func leaveSession() {
        setsid()
        for number in [SIGHUP, SIGINT, SIGQUIT] { signal(number, SIG_IGN) }
    }

    private func startUnit(_ change: PendingChange, _ arguments: [String]) async throws {
        let unit = "seawall-watchdog-\(change.target)-\(getpid())"
        let call = HostToolCall(
            "systemd-run", ["--unit", unit, "--collect", "--quiet", "--no-ask-password", "--", executable] + arguments)
        let result = try await tools.run(call)
        guard result.code == 0 else { throw DiagnosticError.watchdogNotStarted(result.errors) }
    }

    /// Its first act is a session of its own: no terminal whose end would end it, no process group that is killed with ours.
    private func startDetached(_ arguments: [String]) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in Int32(0)...2 {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        var words: [UnsafeMutablePointer<CChar>?] = ([executable] + arguments).map { strdup($0) }
        words.append(nil)
        defer { for word in words { free(word) } }
        var pid = pid_t()
        let code = posix_spawn(&pid, executable, &actions, nil, words, environ)
        guard code == 0 else { throw DiagnosticError.watchdogNotStarted(String(cString: strerror(code))) }
    }

    private func waitUntilItRuns(_ change: PendingChange, _ directory: StateDirectory) async throws {
        let end = ContinuousClock.now + .seconds(10)
        while !isRunning(change, directory) {
            guard ContinuousClock.now < end else {
                throw DiagnosticError.watchdogNotStarted("it did not say that it runs within 10 s")
            }
            try await Task.sleep(for: .milliseconds(2))
        }
    }
}
