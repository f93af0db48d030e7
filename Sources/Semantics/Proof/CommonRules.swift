internal import Diagnostics
package import FirewallIR
package import PacketModel

/// Cancels the rules that two lists have in common: what is left says where they can differ at all.
///
/// Why this is sound. Rules that follow one another with the same verdict are a run; within a run order does not matter.
/// Let M be rules that both lists have, with the same condition and verdict, such that the runs of the first list, in the
/// order of the second, do not descend. For a packet in no box of a rule outside of M, both lists are the list M. Among the
/// rules of M that hold the packet, the earliest run of the first list also is the earliest in the second (within a run of
/// the second their order is free), and all rules of a run have one verdict. So both lists say the same, and a difference
/// lies in the boxes of the rules outside of M: the residual.
///
/// It needs neither diagrams nor a space, so it confirms "equal" independently of them. It does not apply where something
/// else than the first rule that matches counts: stateful guards, stages, jumps, marks, or effects that are compared. Where
/// the policies of the lists differ, each is a last rule of its list.
package struct CommonRules {
    /// The boxes of the first list's rules that the second does not have, and the other way round.
    package let residual: (a: [Box], b: [Box])
    private let rules: [[FirewallRule]]
    private let sides: [Scope]

    /// Compares two scopes in one family; `nil` where this does not apply.
    package init?(_ a: Scope, _ b: Scope, family: AddressFamily, effects: Bool = false) {
        guard var first = a.plainRules(effects: effects), var second = b.plainRules(effects: effects) else {
            return nil
        }
        if a.end != b.end {
            first.append(a.policyRule)
            second.append(b.policyRule)
        }
        sides = [a, b]
        rules = [first, second]
        let kept = Self.common(first, second)
        let boxes = { (rules: [FirewallRule], kept: [Bool]) in
            zip(rules, kept).filter { !$1 }.flatMap { $0.0.condition.compactMap { $0.restricted(to: family) } }
        }
        residual = (boxes(first, kept.a), boxes(second, kept.b))
    }

    /// The boxes outside of which two scopes treat every packet of a family alike; `nil` where this does not apply.
    package static func residual(_ a: Scope, _ b: Scope, _ family: AddressFamily) -> (a: [Box], b: [Box])? {
        CommonRules(a, b, family: family)?.residual
    }

    /// Where the lists can differ, and both with only the rules that say something there.
    func narrowed() -> (region: [Box], sides: [Scope]) {
        let region = residual.a + residual.b
        let hull = BoxHull(region)
        let narrowed = zip(sides, rules).map { scope, rules in
            let near = rules.filter { rule in
                rule.condition.contains { box in hull.meets(box) && region.contains { !$0.isApart(from: box) } }
            }
            return Scope(
                hook: scope.hook, families: scope.families, entry: scope.entry,
                chains: [Chain(name: scope.entry, rules: near)], policy: scope.policy)
        }
        return (region, narrowed)
    }

    // MARK: - Matching

    private static func common(_ a: [FirewallRule], _ b: [FirewallRule]) -> (a: [Bool], b: [Bool]) {
        var keptA = [Bool](repeating: false, count: a.count)
        var keptB = [Bool](repeating: false, count: b.count)
        var start = 0
        while start < min(a.count, b.count) && a[start].saysTheSame(as: b[start]) {
            keptA[start] = true
            keptB[start] = true
            start += 1
        }
        var end = 0
        while end < min(a.count, b.count) - start && a[a.count - 1 - end].saysTheSame(as: b[b.count - 1 - end]) {
            end += 1
            keptA[a.count - end] = true
            keptB[b.count - end] = true
        }
        for (i, j) in ascending(pairs(a[start..<(a.count - end)], b[start..<(b.count - end)]), runs(a), runs(b)) {
            keptA[i] = true
            keptB[j] = true
        }
        return (keptA, keptB)
    }

    /// Rules that say the same, the first of one list with the first of the other.
    private static func pairs(_ a: ArraySlice<FirewallRule>, _ b: ArraySlice<FirewallRule>) -> [(Int, Int)] {
        var open: [UInt64: [Int]] = [:]
        for index in a.indices.reversed() { open[a[index].digest, default: []].append(index) }
        return b.indices.compactMap { index in
            let digest = b[index].digest
            let found = open[digest]?.lastIndex { a[$0].saysTheSame(as: b[index]) }
            guard let found, let match = open[digest]?.remove(at: found) else { return nil }
            return (match, index)
        }
    }

    /// The number of the run of each rule.
    private static func runs(_ rules: [FirewallRule]) -> [Int] {
        var run = 0
        return rules.indices.map { index in
            if index > 0 && rules[index].verdict != rules[index - 1].verdict { run += 1 }
            return run
        }
    }

    /// As many pairs as there can be whose runs do not descend on either side.
    private static func ascending(_ pairs: [(Int, Int)], _ runsA: [Int], _ runsB: [Int]) -> [(Int, Int)] {
        let sorted = pairs.sorted { one, other in
            let runs = (runsB[one.1], runsB[other.1])
            return runs.0 == runs.1 ? (runsA[one.0], one.1) < (runsA[other.0], other.1) : runs.0 < runs.1
        }
        // Patience sorting: the last pair of the best chain of each length, and what stands before it.
        var tails: [Int] = []
        var previous = [Int?](repeating: nil, count: sorted.count)
        for index in sorted.indices {
            let run = runsA[sorted[index].0]
            var low = 0
            var high = tails.count
            while low < high {
                let middle = (low + high) / 2
                if runsA[sorted[tails[middle]].0] <= run { low = middle + 1 } else { high = middle }
            }
            previous[index] = low > 0 ? tails[low - 1] : nil
            if low < tails.count { tails[low] = index } else { tails.append(index) }
        }
        var chain: [(Int, Int)] = []
        var next = tails.last
        while let index = next {
            chain.append(sorted[index])
            next = previous[index]
        }
        return chain
    }
}

extension Scope {
    /// The rules that decide, if nothing counts but the first of them that matches; `nil` otherwise.
    fileprivate func plainRules(effects: Bool) -> [FirewallRule]? {
        guard let chain = chains.first(where: { $0.name == entry }) else { return nil }
        var rules: [FirewallRule] = []
        for rule in chain.rules {
            let isSilent = rule.effects.allSatisfy { effect in
                switch effect {
                case .count: true
                case .log, .netlinkLog: !effects
                // What is added to a set of the kernel may be asked for.
                case .module(let name, _): !effects && name != "SET"
                case .setMark, .connectionMark: false
                }
            }
            guard isSilent, rule.verdict.target == nil else { return nil }
            // What a guard of no consequence counts may be asked elsewhere.
            if rule.allGuards.contains(where: \.sharesState) { return nil }
            if rule.verdict == .next { continue }
            guard rule.guards.isEmpty, rule.stages.isEmpty else { return nil }
            rules.append(rule)
        }
        // A return of the entry chain does what the policy does.
        return rules.map { rule in
            var rule = rule
            if rule.verdict == .return { rule.verdict = policy }
            return rule
        }
    }

    /// The policy as a rule for all packets.
    fileprivate var policyRule: FirewallRule {
        FirewallRule(id: "", origin: SourceLocation(file: ""), condition: [Box()], verdict: policy)
    }
}

extension FirewallRule {
    /// Whether both decide about the same packets in the same way.
    fileprivate func saysTheSame(as other: FirewallRule) -> Bool {
        verdict == other.verdict && condition == other.condition && opaque == other.opaque
    }

    /// A number that rules have in common which say the same; most others differ in it.
    fileprivate var digest: UInt64 {
        var hasher = Hasher()
        hasher.combine(verdict)
        hasher.combine(condition.count)
        if let box = condition.first {
            hasher.combine(box.source)
            hasher.combine(box.originalDestinationPort)
            hasher.combine(box.protocols)
            hasher.combine(box.inInterface)
            hasher.combine(box.destination)
            hasher.combine(box.originalDestination)
            if !box.numbers.isEmpty { hasher.combine(box.numbers) }
        }
        return UInt64(truncatingIfNeeded: hasher.finalize())
    }
}
