internal import CLinux
internal import Glibc

/// The process that starts a program and measures it: this executable, with little in memory.
enum Starter {
    /// The first argument of such a process; the file for the output and the program with its arguments follow.
    static let word = "--start"

    /// How much processor time a program may take.
    static let patience = 300

    /// What the process does: it writes wall time and processor time in nanoseconds, bytes, and the status.
    static func run(_ words: [String]) throws {
        guard words.count >= 2 else { throw BenchError("\(word): expected a file and a program") }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_addopen(&actions, 1, words[0], O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        _ = seawall_limit_processor_time(UInt64(patience))
        let start = Clock.nanoseconds
        let child = try spawn(words[1], Array(words[1...]), environ, &actions)
        let (status, usage) = wait(for: child)
        let processor = usage.ru_utime.nanoseconds + usage.ru_stime.nanoseconds
        print(Clock.nanoseconds - start, processor, usage.ru_maxrss * 1024, status)
    }

    /// Starts such a process, and reads what it writes; empty if it failed.
    static func report(of words: [String], environment: [String], output: String) throws -> [Int] {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw BenchError("no pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer { for variable in variables { free(variable) } }
        let child = try spawn("/proc/self/exe", ["seawall-bench", word, output] + words, &variables, &actions)
        close(ends[1])
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 256)
        while case let count = read(ends[0], &buffer, buffer.count), count > 0 { bytes += buffer[..<count] }
        guard wait(for: child).status == 0 else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
    }

    private static func spawn(
        _ program: String, _ words: [String], _ environment: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>,
        _ actions: inout posix_spawn_file_actions_t
    ) throws -> pid_t {
        defer { posix_spawn_file_actions_destroy(&actions) }
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var child: pid_t = 0
        guard posix_spawnp(&child, program, &actions, nil, &arguments, environment) == 0 else {
            throw BenchError("cannot start \(program)")
        }
        return child
    }

    private static func wait(for child: pid_t) -> (status: Int32, usage: rusage) {
        var status: Int32 = 0
        var usage = rusage()
        while wait4(child, &status, 0, &usage) < 0 && errno == EINTR {}
        return (status, usage)
    }
}

extension timeval {
    fileprivate var nanoseconds: Int { tv_sec * 1_000_000_000 + Int(tv_usec) * 1000 }
}
