internal import CLinux
internal import Glibc

/// The connections of a patrol that are under way.
///
/// Only those are looked at to which something happens: there are hundreds, and nothing happens to most.
struct PatrolRound {
    private let order: KnockPatrol.Order
    private let poll: Descriptor
    private let begin = Deadline.now
    private var next = Deadline.now
    /// By their numbers, in the order in which they were opened.
    private var underWay: [UInt64: (start: Int, knock: Knocking)] = [:]
    /// The numbers of those that may have to be given up, from the first on.
    private var oldest: UInt64 = 0
    private(set) var report = KnockPatrol.Report()

    init(_ order: KnockPatrol.Order) throws {
        self.order = order
        poll = Descriptor(try check(epoll_create1(Int32(EPOLL_CLOEXEC)), "epoll_create1"))
    }

    var isEmpty: Bool { underWay.isEmpty }
    /// The milliseconds until the next connection is due.
    var pause: Int { max(0, next - Deadline.now) }

    /// Opens a connection, if one is due.
    mutating func open() throws {
        guard Deadline.now >= next else { return }
        next = max(next + order.interval, Deadline.now - 50)
        let knock = try Knocking(
            to: order.address, port: order.port, greetingPatience: order.greetingPatience)
        let number = UInt64(report.sent)
        underWay[number] = (Deadline.now - begin, knock)
        report.sent += 1
        if !settle(number) { try watch(number, EPOLL_CTL_ADD) }
    }

    /// Waits for so many milliseconds at most, and takes note of what has happened.
    mutating func look(for pause: Int) throws {
        var events = [epoll_event](repeating: epoll_event(), count: 64)
        let count = epoll_wait(poll.number, &events, Int32(events.count), Int32(pause))
        for number in events.prefix(max(0, Int(count))).map(\.data.u64) {
            underWay[number]?.knock.step()
            if !settle(number) { try watch(number, EPOLL_CTL_MOD) }
        }
        expire()
    }

    /// Gives up those that have waited long enough.
    private mutating func expire() {
        while oldest < report.sent {
            underWay[oldest]?.knock.expire()
            if !settle(oldest) { return }
            oldest += 1
        }
    }

    /// Takes note of one that is decided; says whether it is.
    private mutating func settle(_ number: UInt64) -> Bool {
        guard let (start, knock) = underWay[number] else { return true }
        guard let reply = knock.reply else { return false }
        report.note(reply, at: start)
        underWay[number] = nil
        return true
    }

    private func watch(_ number: UInt64, _ operation: Int32) throws {
        guard let knock = underWay[number]?.knock else { return }
        var event = epoll_event()
        event.events = knock.isConnected ? EPOLLIN.rawValue : EPOLLOUT.rawValue
        event.data.u64 = number
        _ = try check(epoll_ctl(poll.number, operation, knock.descriptor.number, &event), "epoll_ctl")
    }
}

extension KnockPatrol.Report {
    /// Takes note of what came of a connection.
    fileprivate mutating func note(_ reply: Reply, at time: Int) {
        switch reply {
        case .answer, .mute:
            answered += 1
            answerTimes.append(time)
        case .refused: refused += 1
        case .silence: silent += 1
        }
    }
}
