internal import Glibc

/// Wall time, processor time and largest memory of a program and its children.
struct Measurement {
    var seconds: Double
    var processorSeconds: Double
    var bytes: Int

    /// Runs a program.
    ///
    /// A process of its own starts it and measures it, since the kernel counts what was in memory of the one that starts a
    /// program as that program's: of this one, that can be hundreds of megabytes. So nothing below some megabytes, which
    /// are the starter's, can be told.
    ///
    /// - Parameters:
    ///   - program: looked up in `PATH`.
    ///   - arguments: its arguments.
    ///   - environment: variables besides `PATH`, `HOME`, `LANG` and `SEAWALL_STATE_DIR`, or in their place.
    ///   - output: the file that its output goes to; otherwise it is thrown away.
    ///   - accepted: another exit code that it may end with.
    /// - Returns: what it took.
    /// - Throws: `BenchError` unless it ends with 0.
    static func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], output: String = "/dev/null",
        accepting accepted: Int = 0
    ) throws -> Measurement {
        let variables =
            inherited.filter { !environment.keys.contains(String($0.prefix { $0 != "=" })) }
            + environment.map { "\($0)=\($1)" }
        let report = try Starter.report(of: [program] + arguments, environment: variables, output: output)
        guard report.count == 4 else { throw BenchError("cannot start \(program)") }
        // Reports tell of it: by the names of files, wherever they are.
        let words = ([program] + arguments).map { $0.split(separator: "/").last.map { String($0) } ?? $0 }
            .joined(separator: " ")
        guard report[3] == 0 || report[3] == accepted << 8 else {
            if report[3] & 0x7f == SIGKILL {
                throw BenchError("\(program) was ended after \(Starter.patience) s of processor time")
            }
            throw BenchError("\(words) ended with \(Self.text(status: report[3]))")
        }
        return Measurement(
            seconds: Double(report[0]) / 1e9, processorSeconds: Double(report[1]) / 1e9, bytes: report[2])
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
        let names: [String] = ["PATH", "HOME", "LANG", "SEAWALL_STATE_DIR"]
        return names.compactMap { name in getenv(name).map { "\(name)=\(String(cString: $0))" } }
    }

    private static func text(status: Int) -> String {
        status & 0x7f == 0 ? "exit code \(status >> 8)" : "signal \(status & 0x7f)"
    }
}
