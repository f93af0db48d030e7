import FoundationEssentials
import TestSupport
import Testing

/// Folders of files that a test's results are compared with.
enum Goldens {
    /// Compares files, by their paths below a folder, with those that are there: no more, no fewer, and the same bytes.
    ///
    /// With `SEAWALL_TEST_RECORD=1` they are written anew, and the comparison fails all the same.
    static func compare(_ results: [String: String], in folder: String) throws {
        let recorded = Project.files(below: folder).map { String($0.dropFirst(folder.count + 1)) }
        if TestEnvironment.isRecording {
            for path in recorded where results[path] == nil {
                try FileManager.default.removeItem(at: Project.url("\(folder)/\(path)"))
            }
            for (path, text) in results { try record(text, "\(folder)/\(path)") }
            Issue.record("recorded \(folder): look at the difference, and run again without SEAWALL_TEST_RECORD")
            return
        }
        for path in Set(recorded).union(results.keys).sorted() {
            guard let result = results[path] else {
                Issue.record("\(folder)/\(path) is the golden of nothing: delete it")
                continue
            }
            guard recorded.contains(path) else {
                Issue.record("\(folder)/\(path) is missing: record it with SEAWALL_TEST_RECORD=1")
                continue
            }
            let golden = try Project.text("\(folder)/\(path)")
            if golden != result { Issue.record("\(folder)/\(path)\n\(difference(golden, result))") }
        }
    }

    private static func record(_ text: String, _ path: String) throws {
        let url = Project.url(path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: url, atomically: false, encoding: .utf8)
    }
}
