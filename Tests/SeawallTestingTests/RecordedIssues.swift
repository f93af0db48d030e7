import Synchronization
import Testing

/// The issues that are recorded, as a reader of the test's output sees them: `LINE: TEXT`, the line from that of the call.
///
/// They do not count as failures of the test. Files of this folder are shown without it.
func issues(from line: Int = #line, file: String = #filePath, _ body: () -> Void) -> [String] {
    let folder = file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/"
    let recorded = Mutex<[String]>([])
    withKnownIssue(isIntermittent: true) {
        body()
    } matching: { issue in
        let text = issue.comments.map(\.rawValue).joined(separator: "\n").replacing(folder, with: "")
        recorded.withLock { $0.append("\((issue.sourceLocation?.line ?? 0) - line): \(text)") }
        return true
    }
    return recorded.withLock { $0 }
}
