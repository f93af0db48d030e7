internal import Glibc

/// Wall and processor time of work in this process, and the largest memory that it has had so far.
enum Clock {
    static func measure(_ work: () throws -> Void) rethrows -> Measurement {
        let wall = now(CLOCK_MONOTONIC)
        let processor = now(CLOCK_PROCESS_CPUTIME_ID)
        try work()
        return Measurement(
            seconds: now(CLOCK_MONOTONIC) - wall, processorSeconds: now(CLOCK_PROCESS_CPUTIME_ID) - processor,
            bytes: largestMemory())
    }

    static func median(of count: Int, _ work: () -> Void) -> Measurement {
        Measurement.median(of: count) { measure(work) }
    }

    /// A monotonic clock in nanoseconds.
    static var nanoseconds: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    private static func now(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func largestMemory() -> Int {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        return usage.ru_maxrss * 1024
    }
}

/// Work that does not change: what the machine does in the same run.
enum Baseline {
    static func run() {
        var state: UInt64 = 1
        var numbers: [UInt64] = []
        numbers.reserveCapacity(1_000_000)
        for _ in 0..<1_000_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            numbers.append(state)
        }
        numbers.sort()
        precondition(numbers[0] <= numbers[999_999])
    }
}
