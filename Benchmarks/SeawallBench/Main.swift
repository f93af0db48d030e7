internal import BenchReport
internal import Glibc

/// Measures what `docs/performance.md` promises, with the release binary; prints tables, writes JSON and plots.
@main
enum Main {
    static func main() {
        do {
            let words = Array(CommandLine.arguments.dropFirst())
            if words.first == Starter.word { return try Starter.run(Array(words.dropFirst())) }
            if words.contains("--help") { return print(Arguments.help) }
            if words.count == 2, words[0] == "--read" { return try ImportBench.read(words[1]) }
            let arguments = try Arguments(words)
            if let report = arguments.report {
                return try Report.fill(results: report[0], document: report[1], plots: report[2])
            }
            exit(try measure(arguments) ? 0 : 1)
        } catch {
            Progress.say("\(error)")
            exit(2)
        }
    }

    /// Measures, and says whether all bars are kept.
    private static func measure(_ arguments: Arguments) throws -> Bool {
        let folder = try makeFolder()
        defer { _ = try? Measurement.run("rm", ["-rf", folder]) }
        var run = try Run(arguments, seawall: arguments.seawall ?? seawallPath(), folder: folder)
        try run.measure()
        return run.isWithinBars
    }

    /// The binary that stands beside this one.
    private static func seawallPath() throws -> String {
        guard let own = realpath("/proc/self/exe", nil) else { throw BenchError("cannot find this program") }
        defer { free(own) }
        let folder = String(cString: own).split(separator: "/").dropLast().joined(separator: "/")
        return "/\(folder)/seawall"
    }

    private static func makeFolder() throws -> String {
        var template = Array("/tmp/seawall-bench-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw BenchError("cannot make a folder for the results") }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
