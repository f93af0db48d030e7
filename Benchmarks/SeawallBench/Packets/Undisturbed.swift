internal import Glibc

/// Work that no other process of the machine interrupts.
enum Undisturbed {
    /// Does work of less than a second with the priority of the real time, and gives it up again.
    ///
    /// A measurement of some milliseconds would otherwise hold whatever else the machine does in them.
    static func run<Value>(_ work: () throws -> Value) throws -> Value {
        try set(SCHED_FIFO, priority: 1)
        defer { try? set(SCHED_OTHER, priority: 0) }
        return try work()
    }

    private static func set(_ policy: Int32, priority: Int32) throws {
        var parameter = sched_param()
        parameter.sched_priority = priority
        guard sched_setscheduler(0, policy, &parameter) == 0 else {
            throw BenchError("no real-time priority: \(String(cString: strerror(errno)))")
        }
    }
}
