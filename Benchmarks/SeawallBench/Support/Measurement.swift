internal import Glibc

/// Wall time, processor time and largest memory of a child process.
struct Measurement {
    var seconds: Double
    var processorSeconds: Double
    var bytes: Int

    /// Runs a program.
    ///
    /// - Parameters:
    ///   - program: looked up in `PATH`.
    ///   - arguments: its arguments.
    ///   - environment: variables besides `PATH`, `HOME` and `LANG`.
    ///   - output: the file that its output goes to; otherwise it is thrown away.
    /// - Returns: what it took.
    /// - Throws: `BenchError` unless it ends with 0.
    static func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], output: String = "/dev/null"
    ) throws -> Measurement {
        let words = [program] + arguments
        var argv: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        var envp: [UnsafeMutablePointer<CChar>?] =
            (inherited + environment.map { "\($0)=\($1)" }).map { strdup($0) } + [nil]
        defer { for word in argv + envp { free(word) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var child: pid_t = 0
        let start = now()
        guard posix_spawnp(&child, program, &actions, nil, &argv, &envp) == 0 else {
            throw BenchError("cannot start \(program)")
        }
        var status: Int32 = 0
        var usage = rusage()
        while wait4(child, &status, 0, &usage) < 0 && errno == EINTR {}
        guard status == 0 else { throw BenchError("\(words.joined(separator: " ")) ended with status \(status)") }
        return Measurement(
            seconds: now() - start, processorSeconds: usage.ru_utime.seconds + usage.ru_stime.seconds,
            bytes: usage.ru_maxrss * 1024)
    }

    /// The middle one of several, by wall time.
    static func median(of count: Int, _ measure: () throws -> Measurement) rethrows -> Measurement {
        try (0..<count).map { _ in try measure() }.sorted { $0.seconds < $1.seconds }[count / 2]
    }

    /// One after the other.
    func joined(_ other: Measurement) -> Measurement {
        Measurement(
            seconds: seconds + other.seconds, processorSeconds: processorSeconds + other.processorSeconds,
            bytes: max(bytes, other.bytes))
    }

    private static var inherited: [String] {
        let names: [String] = ["PATH", "HOME", "LANG"]
        return names.compactMap { name in getenv(name).map { "\(name)=\(String(cString: $0))" } }
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

extension timeval {
    fileprivate var seconds: Double { Double(tv_sec) + Double(tv_usec) / 1e6 }
}
