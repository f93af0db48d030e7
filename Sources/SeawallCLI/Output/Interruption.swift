internal import Glibc

/// Signals that ask for an end.
enum Interruption {
    /// Does something that must not end in the middle: what is asked for by then is not heard, here or in child processes.
    ///
    /// Between the transactions of two families an end would leave the one new and the other old, and nobody would say so.
    static func heldOff<Result>(_ body: () async throws -> Result) async rethrows -> Result {
        let former = [SIGINT, SIGTERM, SIGHUP].map { ($0, signal($0, SIG_IGN)) }
        defer { for (number, handler) in former { signal(number, handler) } }
        return try await body()
    }
}
