internal import Glibc

/// Measures what `docs/performance.md` promises, with the release binary, and prints a table; `--proofs` asks the engine
/// alone, `--imports` the importer.
@main
enum Main {
    static func main() {
        do {
            if CommandLine.arguments.count == 3, CommandLine.arguments[1] == "--read" {
                try ImportBench.read(CommandLine.arguments[2])
                return
            }
            let bench = try Bench(seawall: seawallPath(), folder: makeFolder())
            defer { bench.removeFolder() }
            let rows =
                CommandLine.arguments.contains("--proofs")
                ? try ProofBench().rows()
                : CommandLine.arguments.contains("--imports") ? try bench.imports() : try bench.run()
            print(Table.text(rows))
            exit(rows.allSatisfy(\.isWithinBar) ? 0 : 1)
        } catch {
            print("seawall-bench: \(error)")
            exit(2)
        }
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

/// Why a measurement could not be made.
struct BenchError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
