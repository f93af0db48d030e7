/// How often something may happen, on average.
public struct Rate: Hashable, Sendable {
    package var node: RateNode

    init(_ count: Int, _ unit: String) { node = RateNode(count: count, unit: unit, burst: nil) }

    /// So many a second.
    public static func perSecond(_ count: Int) -> Rate { Rate(count, "second") }
    /// So many a minute.
    public static func perMinute(_ count: Int) -> Rate { Rate(count, "minute") }
    /// So many an hour.
    public static func perHour(_ count: Int) -> Rate { Rate(count, "hour") }
    /// So many a day.
    public static func perDay(_ count: Int) -> Rate { Rate(count, "day") }

    /// The same rate with so many at once before it counts; netfilter's default is 5.
    public func burst(_ packets: Int) -> Rate {
        var copy = self
        copy.node.burst = packets
        return copy
    }
}
