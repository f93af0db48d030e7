import FoundationEssentials
import Glibc
import Testing

/// Files that a test's results are compared with.
enum Goldens {
    /// The variable that has the results recorded.
    ///
    /// A recording fails all the same, so that it never passes for a test.
    static let switchName = "SEAWALL_RECORD_GOLDENS"
    static let isRecording = getenv(switchName).map { String(cString: $0) } == "1"

    /// Compares files, by their paths below a folder, with those that are there: no more, no fewer, and the same bytes.
    static func compare(_ results: [String: String], in folder: String) throws {
        let recorded = Project.files(below: folder).map { String($0.dropFirst(folder.count + 1)) }
        if isRecording {
            for path in recorded where results[path] == nil {
                try FileManager.default.removeItem(at: Project.url("\(folder)/\(path)"))
            }
            for (path, text) in results { try record(text, "\(folder)/\(path)") }
            Issue.record("recorded \(folder): look at the difference, and run again without \(switchName)")
            return
        }
        for path in Set(recorded).union(results.keys).sorted() {
            guard let result = results[path] else {
                Issue.record("\(folder)/\(path) is the golden of nothing: delete it")
                continue
            }
            guard recorded.contains(path) else {
                Issue.record("\(folder)/\(path) is missing: record it with \(switchName)=1")
                continue
            }
            if let difference = difference(try Project.text("\(folder)/\(path)"), result) {
                Issue.record("\(folder)/\(path) is another now: \(difference)")
            }
        }
    }

    private static func record(_ text: String, _ path: String) throws {
        let url = Project.url(path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: url, atomically: false, encoding: .utf8)
    }

    private static func difference(_ golden: String, _ result: String) -> String? {
        guard golden != result else { return nil }
        let (old, new) = (golden.split(separator: "\n"), result.split(separator: "\n"))
        let line =
            zip(old, new).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(old.count, new.count)
        func text(_ lines: [Substring]) -> String { line < lines.count ? String(lines[line].prefix(300)) : "(the end)" }
        return "line \(line + 1)\n- \(text(old))\n+ \(text(new))"
    }
}
