internal import BenchReport
internal import Glibc
internal import JSONC

/// Results as documents: tables between the marks of a document, plots in a folder.
enum Report {
    /// Fills in a document, and draws the plots, from results that were written before.
    static func fill(results path: String, document: String, plots: String) throws {
        let results = try BenchResults(JSONValue.parse(TextFile.read(path).utf8))
        let text = try MarkedDocument.filled(TextFile.read(document), with: ResultTables(results).all)
        try TextFile.write(text, to: document)
        try draw(results, in: plots)
    }

    /// Writes the results so far to where they are wanted: a long run that is interrupted has not been in vain.
    static func save(_ results: BenchResults, _ arguments: Arguments) throws {
        if let path = arguments.json { try TextFile.write(results.json.text(.pretty) + "\n", to: path) }
        if let plots = arguments.plots { try draw(results, in: plots) }
    }

    /// Draws all plots of the results.
    static func draw(_ results: BenchResults, in folder: String) throws {
        guard mkdir(folder, 0o777) == 0 || errno == EEXIST else { throw BenchError("cannot make the folder \(folder)") }
        for plot in ResultPlots(results).all { try TextFile.write(plot.svg, to: "\(folder)/\(plot.name).svg") }
    }
}
