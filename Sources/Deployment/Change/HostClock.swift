internal import Glibc

/// The clocks of a host.
package protocol HostClock: Sendable {
    /// How long the host has been running, sleep included (CLOCK_BOOTTIME): nobody can set this clock.
    var sinceBoot: Duration { get }
    /// Seconds since 1970, by the clock that people and NTP set; for people alone.
    var now: Int64 { get }
    /// What tells this boot from every other one (`/proc/sys/kernel/random/boot_id`).
    var bootID: String { get }
}

/// The clocks of the kernel.
package struct KernelClock: HostClock {
    /// The clocks of this host.
    package init() {}

    package var sinceBoot: Duration {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    package var now: Int64 { Int64(time(nil)) }

    package var bootID: String {
        let bytes = (try? DurableFiles.read("/proc/sys/kernel/random/boot_id")) ?? nil
        return String(decoding: (bytes ?? []).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
}
