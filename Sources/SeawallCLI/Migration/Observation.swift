internal import Deployment
internal import Diagnostics
internal import FirewallIR
internal import IPTablesBackend
internal import PacketModel

/// What was seen while both were in force: nft is asked first, and iptables about what nft let pass.
struct Observation {
    /// How long it was.
    let duration: Duration
    /// Packets that nft stopped, by the counters of its rules.
    let stopped: UInt64
    /// Packets that nft let pass and that came to `DOCKER-USER`.
    let passed: UInt64

    /// Observes; a rule of iptables that is to be moved must stop nothing, since nft has stopped it before.
    ///
    /// - Throws: `DiagnosticError` as soon as one does.
    static func run(_ plan: MigrationPlan, on host: ManagedHost) async throws -> Observation {
        let begin = try await BothCounters.read(plan, host)
        let end = ContinuousClock.now + plan.observation
        var latest = begin
        while true {
            let left = end - ContinuousClock.now
            if left <= .zero { break }
            try await Task.sleep(for: min(left, .seconds(1)))
            latest = try await BothCounters.read(plan, host)
            if let rule = latest.firstThatStopped(since: begin) { throw rule }
        }
        return Observation(
            duration: plan.observation, stopped: latest.stopped &- begin.stopped,
            passed: latest.passed &- begin.passed)
    }

    /// What was seen, in words.
    var text: String {
        "\(duration.seconds) s with both in force: nft stopped \(stopped) packets, and of the \(passed) that it let pass iptables stopped none"
    }
}

/// The counters of both sides at one moment.
private struct BothCounters {
    /// A rule of iptables that is to be moved and that stops packets.
    private struct Stop {
        var place: String
        var rule: String
        var packets: UInt64
    }

    private var stops: [Stop] = []
    var passed: UInt64 = 0
    var stopped: UInt64 = 0

    static func read(_ plan: MigrationPlan, _ host: ManagedHost) async throws -> BothCounters {
        var result = BothCounters()
        let families = plan.parts.map(\.family)
        guard let variant = plan.parts.first?.filter.variant else { return result }
        let filters = try await LiveRules.filters(
            families, variant: variant == .legacy ? .legacy : .nft, tools: host.tools, in: host.namespace)
        for (filter, part) in zip(filters, plan.parts) { result.add(filter, part) }
        let stopping = Set(
            plan.deployable.pipeline.ruleset.scopes.flatMap(\.chains).flatMap(\.rules).filter(\.stops).map(\.id))
        for count in try await LiveCount.all(runner: host.nft) where stopping.contains(count.rule) {
            result.stopped += count.counters?.packets ?? 0
        }
        return result
    }

    private mutating func add(_ filter: IPTablesFilter, _ part: MigrationPart) {
        let chain = IPTablesNames.dockerUser
        for rule in filter.table.rules(of: "FORWARD") where rule.target?.name == chain {
            passed += rule.counters?.packets ?? 0
        }
        // By words and not by place: others may put rules in front meanwhile.
        let gone = Set(part.taken.gone.map(\.words))
        let kept = Set(
            part.taken.left.compactMap(\.target?.name).flatMap { filter.table.reached(from: $0).map(\.name) })
        for rule in filter.table.rules(of: chain) where gone.contains(rule.words) {
            guard let target = rule.target?.name else { continue }
            add(rule, in: chain, part.name)
            for behind in filter.table.reached(from: target) where !kept.contains(behind.name) {
                for rule in behind.rules { add(rule, in: behind.name, part.name) }
            }
        }
    }

    private mutating func add(_ rule: SaveRule, in chain: String, _ place: String) {
        guard let target = rule.target?.name, target == "DROP" || target == "REJECT" else { return }
        let text = IPTablesLine.appendWords(chain, words: rule.words).text
        if let index = stops.firstIndex(where: { $0.place == place && $0.rule == text }) {
            // The same rule twice, or a chain to which two rules lead.
            stops[index].packets = max(stops[index].packets, rule.counters?.packets ?? 0)
        } else {
            stops.append(Stop(place: place, rule: text, packets: rule.counters?.packets ?? 0))
        }
    }

    func firstThatStopped(since former: BothCounters) -> DiagnosticError? {
        for stop in stops {
            let was = former.stops.first { $0.place == stop.place && $0.rule == stop.rule }?.packets ?? 0
            if stop.packets > was { return .bothDisagree(stop.place, stop.rule, stop.packets - was) }
        }
        return nil
    }
}

extension FirewallRule {
    fileprivate var stops: Bool {
        switch verdict {
        case .drop, .reject: true
        default: false
        }
    }
}
