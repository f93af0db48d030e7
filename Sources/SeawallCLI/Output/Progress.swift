internal import Glibc

/// Says what takes long, on a terminal.
enum Progress {
    /// Does some work; after a second a line on standard error says what is going on.
    static func during<Result: Sendable>(_ what: String, _ work: () async throws -> Result) async rethrows -> Result {
        guard isatty(2) == 1 else { return try await work() }
        let note = Task {
            try await Task.sleep(for: .seconds(1))
            try Terminal.writeError("seawall: \(what) …\n")
        }
        defer { note.cancel() }
        return try await work()
    }
}
