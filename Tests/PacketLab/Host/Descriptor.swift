internal import Glibc

/// A file descriptor that is closed with its last owner.
package final class Descriptor: Sendable {
    let number: Int32

    init(_ number: Int32) { self.number = number }

    deinit { _ = Glibc.close(number) }
}

/// A monotonic clock in milliseconds, for deadlines of `poll`.
struct Deadline {
    private let end: Int

    /// A deadline so many milliseconds from now.
    init(in milliseconds: Int) { end = Self.now + milliseconds }

    /// The milliseconds that are left; 0 once it has passed.
    var left: Int32 { Int32(max(0, end - Self.now)) }

    static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }
}

/// Waits until one of some descriptors can be read, or until a deadline; says which can.
func waitReadable(_ descriptors: [Descriptor], until deadline: Deadline) -> [Bool] {
    wait(descriptors.map { pollfd(fd: $0.number, events: Int16(POLLIN), revents: 0) }, until: deadline).map { $0 != 0 }
}

/// Waits for any of some events, or until a deadline; gives the events of each.
func wait(_ entries: [pollfd], until deadline: Deadline) -> [Int16] {
    var entries = entries
    while poll(&entries, nfds_t(entries.count), deadline.left) < 0 && errno == EINTR {}
    return entries.map(\.revents)
}
