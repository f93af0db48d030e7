internal import Glibc
internal import Synchronization

/// Opens connections again and again, in the background, while something is done to the firewall: some that have to be let
/// through at any time, and some that must not be at any time.
package final class Patrol: Sendable {
    /// What it saw.
    package struct Report: Hashable, Sendable {
        /// How many packets were sent that have to arrive, and how many that must not.
        package var sent = (allowed: 0, forbidden: 0)
        /// How many of the allowed ones did not arrive.
        package var refused = 0
        /// How many of the forbidden ones arrived.
        package var leaked = 0

        package static func == (a: Report, b: Report) -> Bool {
            a.sent == b.sent && a.refused == b.refused && a.leaked == b.leaked
        }

        package func hash(into hasher: inout Hasher) {
            hasher.combine(refused)
            hasher.combine(leaked)
        }
    }

    private let lab: Lab
    private let allowed: [Probe]
    private let forbidden: [Probe]
    private let isOver = Atomic(false)
    private let outcome = Mutex<Result<Report, any Error>?>(nil)
    private let worker = Mutex<Worker?>(nil)

    /// Begins.
    ///
    /// - Parameters:
    ///   - lab: the lab; nobody else sends in it meanwhile.
    ///   - allowed: what has to arrive.
    ///   - forbidden: what must not arrive.
    /// - Throws: `LabError` if there is no thread to be had.
    package init(in lab: Lab, allowed: [Probe], forbidden: [Probe]) throws {
        self.lab = lab
        self.allowed = allowed
        self.forbidden = forbidden
        let worker = try Worker { self.walk() }
        self.worker.withLock { $0 = worker }
    }

    /// Ends, and says what it saw.
    package func end() throws -> Report {
        isOver.store(true, ordering: .relaxed)
        worker.withLock { $0 }?.join()
        guard let outcome = outcome.withLock({ $0 }) else { throw LabError("the patrol saw nothing") }
        return try outcome.get()
    }

    private func walk() {
        let result = Result { try rounds() }
        outcome.withLock { $0 = result }
    }

    private func rounds() throws -> Report {
        var report = Report()
        while !isOver.load(ordering: .relaxed) {
            let fates = try lab.send(allowed + forbidden, timeout: 40, among: allowed.count)
            report.sent.allowed += allowed.count
            report.sent.forbidden += forbidden.count
            report.refused += fates.prefix(allowed.count).count { $0 != .passed }
            report.leaked += fates.dropFirst(allowed.count).count { $0 == .passed }
        }
        return report
    }
}
