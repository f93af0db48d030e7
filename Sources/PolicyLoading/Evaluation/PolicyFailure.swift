internal import Diagnostics
internal import Glibc

/// Why a policy's program did not end well, in words.
struct PolicyFailure {
    private let run: ChildProcess.Run
    private let options: PolicyLoader.Options
    private let shown: ShownPaths

    init(_ run: ChildProcess.Run, options: PolicyLoader.Options, shown: ShownPaths) {
        self.run = run
        self.options = options
        self.shown = shown
    }

    /// The message; nothing if all is well.
    var error: DiagnosticError? {
        if run.errors.hasPrefix(PolicySandbox.failurePrefix) { return .sandboxFailed(run.errors) }
        if run.end != .exited(0) && run.end != .timedOut && isOutOfMemory {
            return failure("policy-out-of-memory", "the policy used more than its \(memory) of memory")
        }
        switch run.end {
        case .exited(0): return nil
        case .exited(let code): return failure("policy-failed", "the policy ended with exit code \(code)")
        case .timedOut:
            return failure(
                "policy-timed-out",
                "the policy did not end within \(options.timeLimit) s: does it loop for ever? Set another limit with --policy-time-limit"
            )
        case .signaled(let signal): return crash(signal)
        }
    }

    private func crash(_ signal: Int32) -> DiagnosticError {
        let name = signalNames[signal] ?? "signal \(signal)"
        let why =
            switch signal {
            case SIGKILL:
                ": by its limit of \(options.timeLimit + 1) s of processor time, or because the host's memory ran out"
            case SIGXFSZ: ": it wrote more than \(memory)"
            case SIGSEGV: ": endless recursion, or unsafe code"
            default: ""
            }
        return failure("policy-crashed", "the policy was ended by \(name)\(why)")
    }

    private var memory: String {
        options.memoryLimit % 1_048_576 == 0 ? "\(options.memoryLimit / 1_048_576) MiB" : "\(options.memoryLimit) bytes"
    }

    // Nothing but these words tells a refused allocation from another crash.
    private var isOutOfMemory: Bool {
        ["failed to allocate", "bad_alloc", "out of memory", "Cannot allocate memory", "failed to map segment"]
            .contains { run.errors.contains($0) }
    }

    private func failure(_ id: String, _ message: String) -> DiagnosticError {
        // The runtime's own trace has addresses and no lines.
        let words = run.errors.split(separator: "\nCurrent stack trace:").first.map(String.init) ?? ""
        let notes = PolicyWords.notes(words, "it wrote to standard error")
        return DiagnosticError(
            .unreadable, [Diagnostic(id, at: place(in: words) ?? shown.whole, message, notes: notes)])
    }

    // `fatalError` and `precondition` say where they stand: `SeawallPolicy/Policy.swift:12: Fatal error: …`.
    private func place(in words: String) -> SourceLocation? {
        let module = SourceCompiler.moduleName + "/"
        guard let line = words.split(separator: "\n").first(where: { $0.hasPrefix(module) }) else { return nil }
        let parts = line.dropFirst(module.count).split(separator: ":", maxSplits: 2)
        guard parts.count == 3, let number = Int(parts[1]) else { return nil }
        return SourceLocation(file: shown.path(String(parts[0])), line: number)
    }
}

private let signalNames: [Int32: String] = [
    SIGABRT: "SIGABRT", SIGBUS: "SIGBUS", SIGFPE: "SIGFPE", SIGILL: "SIGILL", SIGINT: "SIGINT", SIGKILL: "SIGKILL",
    SIGSEGV: "SIGSEGV", SIGSYS: "SIGSYS", SIGTERM: "SIGTERM", SIGTRAP: "SIGTRAP", SIGXCPU: "SIGXCPU",
    SIGXFSZ: "SIGXFSZ", SIGPIPE: "SIGPIPE", SIGALRM: "SIGALRM", SIGHUP: "SIGHUP", SIGQUIT: "SIGQUIT",
]
