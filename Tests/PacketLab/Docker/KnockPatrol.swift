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
        /// How many were answered by somebody.
        package var answered = 0
        /// How many were refused.
        package var refused = 0
        /// How many nothing came back for.
        package var silent = 0
        /// The milliseconds, since the patrol began, at which those that were answered had been opened.
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
        /// How long each is waited for.
        package var patience: Int

        /// An order.
        package init(
            _ machine: DockerLab.Outside, to address: IPAddress, _ port: UInt16, every interval: Int,
            patience: Int = Knocking.patience
        ) {
            (self.machine, self.address, self.port) = (machine, address, port)
            (self.interval, self.patience) = (interval, patience)
        }
    }

    private let order: Order
    private let namespace: String
    private let isOver = Atomic(false)
    private let outcome = Mutex<Result<Report, any Error>?>(nil)
    private let thread = Mutex<pthread_t?>(nil)

    /// Begins.
    ///
    /// - Parameters:
    ///   - lab: the lab.
    ///   - order: what is dialled.
    /// - Throws: `LabError` if there is no thread to be had.
    package init(in lab: DockerLab, _ order: Order) throws {
        self.order = order
        namespace = lab[order.machine].path
        var thread = pthread_t()
        let created = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<KnockPatrol>.fromOpaque(argument).takeRetainedValue().walk() }
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        if created != 0 { throw LabError(call: "pthread_create", errno: created) }
        let started = UInt(thread)
        self.thread.withLock { $0 = pthread_t(started) }
    }

    /// Ends once all connections are decided, and says what it saw.
    package func end() throws -> Report {
        isOver.store(true, ordering: .relaxed)
        if let thread = thread.withLock({ $0 }) { pthread_join(thread, nil) }
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
        var report = Report()
        var underWay: [(start: Int, knock: Knocking)] = []
        let begin = Deadline.now
        var next = begin
        while true {
            let isOver = isOver.load(ordering: .relaxed)
            if isOver && underWay.isEmpty { return report }
            if !isOver && Deadline.now >= next {
                underWay.append(
                    (Deadline.now - begin, try Knocking(to: order.address, port: order.port, patience: order.patience)))
                report.sent += 1
                next = max(next + order.interval, Deadline.now - 50)
            }
            let pause = isOver ? 20 : max(0, next - Deadline.now)
            let events = wait(underWay.map(\.knock.entry), until: Deadline(in: pause))
            for index in underWay.indices {
                if events[index] != 0 { underWay[index].knock.step() }
                underWay[index].knock.expire()
            }
            for (start, knock) in underWay { if let reply = knock.reply { report.note(reply, at: start) } }
            underWay.removeAll { $0.knock.reply != nil }
        }
    }
}

extension KnockPatrol.Report {
    fileprivate mutating func note(_ reply: Reply, at time: Int) {
        switch reply {
        case .answer:
            answered += 1
            answerTimes.append(time)
        case .refused: refused += 1
        case .silence, .mute: silent += 1
        }
    }
}
