internal import BenchReport
internal import PacketLab

/// One way of having the rules, loaded into the router of a road of its own.
final class Way {
    let variant: Variant
    let road: Road
    private let plan: PacketPlan
    private var first: Frames
    private var dropped: Frames
    private var established: Frames
    /// How often the packets of known connections are sent in one measurement.
    private var times = 1

    /// Nobody waits for longer than so many nanoseconds for one packet.
    static let patience = 3_000_000.0
    /// One measurement takes so many nanoseconds at most: the kernel lets nobody have a processor for a second.
    private static let budget = 500_000_000.0

    init(_ variant: Variant, _ road: Road, _ plan: PacketPlan) {
        self.variant = variant
        self.road = road
        self.plan = plan
        first = Frames(plan.passing, to: road.linkAddress)
        dropped = Frames(plan.dropped, to: road.linkAddress)
        established = Frames(plan.established, to: road.linkAddress)
    }

    /// Lets a few packets of each kind through, and fits the measurements to what they cost.
    ///
    /// - Throws: `BenchError` if a packet passes or is dropped that should not, or if one takes too long.
    func prepare() throws {
        var few = Frames(Array(plan.passing.prefix(256)), to: road.linkAddress)
        let cost = try send(&few, expecting: few.count)
        guard cost < Self.patience else {
            throw BenchError("one packet takes \(Unit.nanoseconds.text(Int(cost)))")
        }
        let most = max(256, Int(Self.budget / cost))
        first = Frames(Array(plan.passing.prefix(most)), to: road.linkAddress)
        dropped = Frames(Array(plan.dropped.prefix(most)), to: road.linkAddress)
        times = max(1, min(80, most / max(1, established.count)))
        try check()
    }

    /// Every packet that is measured, once: all that should arrive do.
    private func check() throws {
        _ = try send(&first, expecting: first.count)
        _ = try send(&established, expecting: established.count)
        if variant != .none { _ = try send(&dropped, expecting: 0) }
    }

    /// One measurement of each kind, in nanoseconds for a packet.
    ///
    /// What fails is tried twice more: on a machine where much goes on, a queue of the kernel can be full for once.
    func measure() throws -> [(figure: Figure, time: Int)] {
        for _ in 0..<2 {
            if let values = try? values() { return values }
        }
        return try values()
    }

    private func values() throws -> [(figure: Figure, time: Int)] {
        var values: [(figure: Figure, time: Double)] = [(.first, try send(&first, expecting: first.count))]
        if established.count > 0 {
            _ = try send(&established, expecting: established.count)
            let count = established.count * times
            values.append((.established, try send(&established, times: times, forgetting: false, expecting: count)))
        }
        if variant != .none, dropped.count > 0 { values.append((.dropped, try send(&dropped, expecting: 0))) }
        return values.map { ($0.figure, Int($0.time.rounded())) }
    }

    private func send(
        _ frames: inout Frames, times: Int = 1, forgetting: Bool = true, expecting expected: Int
    ) throws -> Double {
        let (time, arrived) = try road.send(&frames, times: times, forgetting: forgetting)
        guard arrived == expected else {
            throw BenchError("\(arrived) packets of \(frames.count * times) arrived, \(expected) should have")
        }
        return time
    }
}

/// The packets of a measurement, the same for all variants.
struct PacketPlan {
    /// New connections that the rules let pass.
    var passing: [Flow]
    /// New connections that they drop.
    var dropped: [Flow]
    /// Connections over UDP that are sent over and over.
    var established: [Flow]

    init(_ files: RuleFiles) throws {
        var sampler = try PacketSampler(files.ruleset)
        passing = try sampler.flows(20_000, passing: true)
        dropped = try sampler.flows(20_000, passing: false)
        established = try sampler.flows(256, passing: true, protocols: [17])
        guard passing.count >= 256 else { throw BenchError("too few packets pass these rules") }
    }
}
