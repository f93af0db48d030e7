internal import Dispatch
internal import Glibc

/// Says what takes long, on a terminal.
enum Progress {
    /// Does some work; after a second a line on standard error says what is going on.
    ///
    /// The line has a thread of its own: work that computes may keep all others busy.
    static func during<Result>(_ what: String, _ work: () async throws -> Result) async rethrows -> Result {
        guard isatty(2) == 1 else { return try await work() }
        let note = DispatchWorkItem { try? Terminal.writeError("seawall: \(what) …\n") }
        DispatchQueue(label: "seawall.progress").asyncAfter(deadline: .now() + 1, execute: note)
        defer { note.cancel() }
        return try await work()
    }
}
