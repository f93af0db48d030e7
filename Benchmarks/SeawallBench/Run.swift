internal import BenchReport
internal import Glibc

/// One run: the parts in their order, with the results so far.
struct Run {
    let arguments: Arguments
    let seawall: Seawall
    let folder: String
    private(set) var results = BenchResults()

    init(_ arguments: Arguments, seawall path: String, folder: String) throws {
        self.arguments = arguments
        self.folder = folder
        // What is applied here is of no host.
        setenv("SEAWALL_STATE_DIR", folder + "/state", 1)
        seawall = try Seawall(path, folder: folder)
        results.machine = Machine.facts(seawall: path, folder: folder)
    }

    /// Measures everything that was asked for; what has been found is written behind each number of rules.
    mutating func measure() throws {
        for selection in Arguments.Selection.allCases where arguments.selection.contains(selection) {
            Progress.say("measuring: \(selection.rawValue)")
            results = try measured(selection)
            try Report.save(results, arguments)
        }
        for table in ResultTables(results).all { print("\n## \(table.name)\n\n\(table.text)") }
    }

    /// The results with those of one more part.
    private func measured(_ selection: Arguments.Selection) throws -> BenchResults {
        var results = results
        switch selection {
        case .commands: results.rows += try CommandBench(seawall: seawall.path, folder: folder).rows()
        case .proofs: results.rows += try ProofBench().rows()
        case .imports: results.rows += try ImportBench(seawall: seawall.path, folder: folder).rows()
        case .docker: results.events = try DockerBench(arguments, seawall: seawall.path, folder: folder).counts()
        case .hosts: results.rows += try HostBench(seawall: seawall, folder: folder).rows()
        case .compile: try CompileBench(arguments, seawall, folder).measure(&results)
        case .loading:
            try LoadBench(arguments, seawall, folder).measure(&results)
            try UpdateBench(arguments, seawall, folder).measure(&results)
        case .packets: try PacketBench(arguments, seawall, folder).measure(&results)
        }
        return results
    }

    /// Whether no bar is missed of those that were measured.
    var isWithinBars: Bool {
        results.rows.allSatisfy(\.isWithinBar) && results.events.allSatisfy(\.isWithinBar)
            && !Bars.judge(results).contains { $0.outcome == .over }
    }
}

/// What is going on, for somebody who waits.
enum Progress {
    /// Says it on standard error.
    static func say(_ text: String) {
        let bytes = Array("seawall-bench: \(text)\n".utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }
}
