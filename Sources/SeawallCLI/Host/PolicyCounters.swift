internal import Compiler
internal import Deployment
internal import Diagnostics
internal import FirewallIR
internal import IPTablesBackend
internal import PacketModel

/// What the rules of a policy have counted on a host, in the order of the policy.
struct PolicyCounters {
    /// A line of the policy, or several that share a counter.
    struct Row {
        /// Where the rules stand in the policy.
        var places: [SourceLocation]
        /// What of a scope it is: `replies`; or that it is a rule's log line.
        var part: String?
        /// The author's words.
        var comment: String?
        /// Packets and bytes; nothing, if nothing counts them.
        var counters: SaveCounters?
        /// The same by place: `iptables-legacy`, `nft`.
        var byPlace: [(name: String, counters: SaveCounters)] = []
        /// Whether no rule of the kernel bears its name.
        var isLoaded = true
    }

    /// The lines.
    let rows: [Row]
    /// The places that were read.
    let places: [String]
    /// Rules of ours in the kernel that this policy does not have.
    let unknown: Int
    /// Whether there are rules, and none of them counts.
    var areNotCounted: Bool {
        rows.contains(where: \.isLoaded) && rows.allSatisfy { $0.counters == nil || !$0.isLoaded }
    }

    /// Adds up what was counted.
    ///
    /// - Parameters:
    ///   - counts: what the kernel's rules counted.
    ///   - deployable: the policy, compiled as it was applied.
    ///   - places: the places that were read.
    init(_ counts: [LiveCount], _ deployable: Deployable, places: [String]) {
        let pipeline = deployable.pipeline
        var builder = CounterRows(counts, deployable)
        if !counts.isEmpty, counts.allSatisfy({ $0.counters == nil }) { builder.countsNothing = true }
        for rule in pipeline.ruleset.scopes.flatMap(\.chains).flatMap(\.rules) { builder.add(rule, pipeline) }
        rows = builder.rows
        unknown = builder.unknown
        self.places = places
    }
}

/// Puts rules and what they counted together.
private struct CounterRows {
    private(set) var rows: [PolicyCounters.Row] = []
    /// Whether no rule in the kernel has a counter: then it does not matter which of them are one.
    var countsNothing = false
    private let byRule: [String: [LiveCount]]
    /// The identifiers of the policy's rules that share a counter, by the identifier of what counts.
    private var shared: [String: [String]] = [:]
    private var sharing: [String: [String]] = [:]
    private var known: Set<String> = []
    private var done: Set<String> = []
    private let sources: Set<String>

    init(_ counts: [LiveCount], _ deployable: Deployable) {
        byRule = Dictionary(grouping: counts, by: \.rule)
        sources = Set(deployable.pipeline.sources.map(\.id))
        for rule in deployable.emitted.scopes.flatMap(\.chains).flatMap(\.rules) {
            let ids = rule.merged.map { FirewallRule.whole($0.id) }.reduce(into: [String]()) {
                if !$0.contains($1) { $0.append($1) }
            }
            guard ids.count > 1 else { continue }
            let id = FirewallRule.whole(rule.id)
            shared[id] = ids
            for own in ids { sharing[own, default: []].append(id) }
            known.insert(id)
        }
        // What leads from chain to chain is made by passes, and is nobody's rule.
        known.formUnion(deployable.emitted.scopes.flatMap(\.chains).flatMap(\.rules).map { FirewallRule.whole($0.id) })
    }

    /// How many of our rules in the kernel no rule of the policy is known for.
    var unknown: Int {
        byRule.filter { !known.contains($0.key) && $0.key != "jump" }.values.reduce(0) { $0 + $1.count }
    }

    mutating func add(_ rule: FirewallRule, _ pipeline: CompilationPipeline) {
        let id = FirewallRule.whole(rule.id)
        known.insert(id)
        guard done.insert(id).inserted else { return }
        if countsNothing {
            let place = pipeline.source.shown(rule.origin)
            return rows.append(PolicyCounters.Row(places: [place], part: part(id), comment: rule.comment))
        }
        // As the policy is compiled now rules may be one that were loaded each by itself.
        let groups = (sharing[id] ?? []).filter { byRule[$0] != nil }
        if groups.isEmpty || byRule[id] != nil {
            let place = pipeline.source.shown(rule.origin)
            let row = PolicyCounters.Row(places: [place], part: part(id), comment: rule.comment)
            rows.append(self.row(row, byRule[id] ?? [], rule.verdict))
        }
        for group in groups where done.insert(group).inserted {
            let members = Set(shared[group] ?? [])
            let places = pipeline.ruleset.scopes.flatMap(\.chains).flatMap(\.rules)
                .filter { members.contains(FirewallRule.whole($0.id)) }.map { pipeline.source.shown($0.origin) }
            rows.append(row(PolicyCounters.Row(places: places), byRule[group] ?? [], rule.verdict))
        }
    }

    private func row(
        _ row: PolicyCounters.Row, _ counts: [LiveCount], _ verdict: Verdict
    ) -> PolicyCounters.Row {
        var row = row
        row.isLoaded = !counts.isEmpty
        let counting = counts.filter { $0.isHit(verdict) }
        for count in counting {
            guard let counters = count.counters else { continue }
            row.counters = (row.counters ?? .zero).adding(counters)
            if let place = row.byPlace.firstIndex(where: { $0.name == count.place }) {
                row.byPlace[place].counters = row.byPlace[place].counters.adding(counters)
            } else {
                row.byPlace.append((count.place, counters))
            }
        }
        if counts.isEmpty { row.counters = .zero }
        return row
    }

    /// What a rule is that a scope adds, or that stands before another for its log line.
    private func part(_ id: String) -> String? {
        guard !sources.contains(id), let letter = id.last else { return nil }
        return switch letter {
        case "r": "replies"
        case "e": "related ICMP errors"
        case "i": "invalid packets"
        case "u": "untracked packets"
        case "d": "packets that were routed directly"
        case "l": "its log line"
        default: nil
        }
    }
}

extension Deployable {
    /// The rules as the backend is given them: some of the policy's may be one.
    fileprivate var emitted: Ruleset {
        switch emission {
        case .iptables:
            settings.isLineByLine
                ? pipeline.ruleset : OptimizeRuleset.runForLines(pipeline.ruleset, hasSets: settings.usesSets)
        case .nft:
            settings.isLineByLine
                ? pipeline.ruleset
                : OptimizeRuleset.run(pipeline.ruleset, OptimizeRuleset.Options(countsRules: settings.countsRules))
        }
    }
}

extension LiveCount {
    /// Whether every packet that it counts is one for which the policy's rule did what it does: rules that lead from one step to
    /// the next, and those that let exceptions go, are none.
    fileprivate func isHit(_ verdict: Verdict) -> Bool {
        guard place != "nft" else { return counters != nil }
        switch verdict {
        case .drop: return target == "DROP"
        case .accept: return target == "ACCEPT"
        case .leave, .return: return target == "RETURN"
        case .reject: return target == "REJECT"
        case .queue: return target == "NFQUEUE"
        case .jump, .goto: return target?.hasPrefix(IPTablesNames.chainPrefix + rule) == false
        case .next: return target.map { !$0.hasPrefix(IPTablesNames.ownChain) && $0 != "RETURN" } ?? true
        }
    }
}

extension SaveCounters {
    fileprivate static let zero = SaveCounters(packets: 0, bytes: 0)

    fileprivate func adding(_ other: SaveCounters) -> SaveCounters {
        SaveCounters(packets: packets &+ other.packets, bytes: bytes &+ other.bytes)
    }
}
