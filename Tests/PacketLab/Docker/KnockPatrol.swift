internal import CLinux
internal import Glibc
package import PacketModel
internal import Synchronization

/// Opens a connection from one machine every few milliseconds, in the background, and takes down what came of each.
package final class KnockPatrol: Sendable {
    /// What it saw.
    package struct Report: Hashable, Sendable {
        /// How many connections were opened.
        package var sent = 0
        /// How many came to stand: somebody answered, or at least took them.
        package var answered = 0
        /// How many were refused.
        package var refused = 0
        /// How many nothing came back for.
        package var silent = 0
        /// The milliseconds, since the patrol began, at which those had been opened.
        package var answerTimes: [Int] = []
    }

    /// What is dialled, how often, and when a connection is given up; milliseconds.
    package struct Order: Sendable {
        /// Who dials.
        package var machine: DockerLab.Outside
        /// What is dialled.
        package var address: IPAddress
        /// The port.
        package var port: UInt16
        /// The time between two connections.
        package var interval: Int
        /// How long a connection that stands is waited for to be greeted: longer than a container may take.
        package var greetingPatience = Knocking.greetingPatience

        /// An order.
        package init(_ machine: DockerLab.Outside, to address: IPAddress, _ port: UInt16, every interval: Int) {
            (self.machine, self.address, self.port, self.interval) = (machine, address, port, interval)
        }
    }

    private let order: Order
    private let namespace: String
    private let isOver = Atomic(false)
    private let answered = Atomic(0)
    private let outcome = Mutex<Result<Report, any Error>?>(nil)
    private let worker = Mutex<Worker?>(nil)

    /// Begins.
    ///
    /// - Parameters:
    ///   - lab: the lab.
    ///   - order: what is dialled.
    /// - Throws: `LabError` if there is no thread to be had.
    package init(in lab: DockerLab, _ order: Order) throws {
        self.order = order
        namespace = lab[order.machine].path
        let worker = try Worker { self.walk() }
        self.worker.withLock { $0 = worker }
    }

    /// How many connections somebody has answered so far.
    package var answeredSoFar: Int { answered.load(ordering: .relaxed) }

    /// Ends once all connections are decided, and says what it saw.
    package func end() throws -> Report {
        isOver.store(true, ordering: .relaxed)
        worker.withLock { $0 }?.join()
        guard let outcome = outcome.withLock({ $0 }) else { throw LabError("the patrol saw nothing") }
        return try outcome.get()
    }

    private func walk() {
        let failed = seawall_enter_network_namespace(namespace)
        let result = Result {
            if failed != 0 { throw LabError(call: "enter \(namespace)", errno: failed) }
            return try rounds()
        }
        outcome.withLock { $0 = result }
    }

    private func rounds() throws -> Report {
        var round = try PatrolRound(order)
        while true {
            let isOver = isOver.load(ordering: .relaxed)
            if isOver && round.isEmpty { return round.report }
            if !isOver { try round.open() }
            try round.look(for: isOver ? 20 : round.pause)
            answered.store(round.report.answered, ordering: .relaxed)
        }
    }
}
