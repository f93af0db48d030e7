/// What the trials of some rule sets found, as text.
struct TrialReport {
    let results: [Trial.Result]

    /// What was found of one: how it was judged, what moved, and what went wrong.
    static func text(of result: Trial.Result) -> String {
        if let unread = result.unread { return "\(result.file.name): not tried: \(unread)" }
        let judged =
            "\(result.packets) packets of \(result.classes) classes meet \(result.rules.met) of \(result.rules.all) rules"
        var lines = ["\(result.file.name): \(judged)"]
        for run in result.runs {
            let what =
                if let moved = run.moved { "moved \(moved.0) of \(moved.1)" } else {
                    run.refusal.map { "refused: \($0)" } ?? "failed"
                }
            let fates = run.fates.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
            lines.append("  FORWARD \(run.behind.rawValue): \(what); \(fates); \(run.differences.count) different")
            if let failure = run.failure { lines.append("    FAILED: \(failure)") }
            lines += run.differences.map { "    DIFFERENT: \($0)" }
        }
        lines += result.unexpected.map { "  not as meant: \($0)" }
        return lines.joined(separator: "\n")
    }

    /// The sums.
    var sums: String {
        let tried = results.filter { $0.unread == nil }
        let runs = tried.flatMap(\.runs)
        let whole = tried.filter(\.isWhole)
        return [
            "\(results.count) rule sets, \(tried.count) tried, \(whole.count) of them import whole, \(whole.count { result in result.runs.contains { $0.moved != nil } }) of these were migrated",
            "\(runs.count { $0.moved != nil }) migrations there and back, \(runs.count { $0.refusal != nil }) refused, \(runs.count { $0.failure != nil }) failed",
            "\(tried.map(\.packets).reduce(0, +)) packets, each judged before, after, and after the way back: \(runs.map(\.differences.count).reduce(0, +)) differences",
            "\(tried.map(\.unexpected.count).reduce(0, +)) packets were not what they were meant to be",
            "",
        ].joined(separator: "\n")
    }
}
