import FoundationEssentials
import Testing

/// `docs/faults.md`, which holds what the trials find.
enum FaultPage {
    /// Sees to it that a table stands in the page, behind its head line and perhaps words.
    static func expect(_ rows: [String], under title: String) {
        let table = rows.joined(separator: "\n") + "\n"
        print(table)
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        let path = parts.prefix { $0 != "Tests" }.joined(separator: "/") + "/docs/faults.md"
        let page = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        let section = page.components(separatedBy: "\n## ").first { $0.hasPrefix(title + "\n") } ?? ""
        #expect((section + "\n").contains("\n\n" + table), "docs/faults.md has another table for \(title)")
    }
}
