internal import FirewallIR
internal import PacketModel

/// Rules that follow one another, ask for the same besides their keys, and have disjoint keys: one map from keys to verdicts.
struct VerdictMapRun {
    /// The rules, in their order.
    let rules: [FirewallRule]
    /// What all boxes have in common.
    let shape: BoxShape

    /// The longest such run from a rule on; `nil` if it is that rule alone, or has one verdict only.
    init?(_ rules: [FirewallRule], from start: Int) {
        guard start + 1 < rules.count, rules[start].verdict.fitsInMap, rules[start + 1].verdict.fitsInMap,
            let shape = rules[start].mapShape, rules[start + 1].mapShape == shape
        else { return nil }
        var end = start + 1
        var known = KeySpace()
        guard known.add(rules[start]) else { return nil }
        while end < rules.count, rules[end].verdict.fitsInMap, rules[end].mapShape == shape, known.add(rules[end]) {
            end += 1
        }
        guard Set(rules[start..<end].map(\.verdict)).count > 1 else { return nil }
        self.rules = Array(rules[start..<end])
        self.shape = shape
    }

    /// The boxes of a family, or those that speak of none, each with its rule of the policy.
    func members(_ family: AddressFamily?) -> [UnionPlan.Member] {
        rules.flatMap { rule in UnionPlan.Member.all(of: rule).filter { $0.family == family }.map(\.member) }
    }

    /// The verdict of each rule of the policy.
    var verdicts: [String: Verdict] {
        Dictionary(rules.flatMap { rule in rule.sources.map { ($0.id, rule.verdict) } }) { first, _ in first }
    }
}

/// The keys of rules so far: whether those of another are apart from all of them.
private struct KeySpace {
    private var boxes: [Box] = []
    private var ports = IntervalSet<UInt16>.none

    /// Adds a rule; refuses it if a key is there already, or if that cannot be told quickly.
    mutating func add(_ rule: FirewallRule) -> Bool {
        let own = rule.condition.map { $0.originalDestinationPort }
        if own.allSatisfy({ $0?.allowsAbsent == false }) {
            // Ports tell most keys apart at once.
            let asked = IntervalSet(own.flatMap { $0?.values.intervals ?? [] })
            defer { ports = ports.union(asked) }
            if ports.intersection(asked).isEmpty {
                boxes += rule.condition
                return true
            }
        }
        guard boxes.count * rule.condition.count <= 16384 else { return false }
        guard rule.condition.allSatisfy({ box in boxes.allSatisfy { box.isApart(from: $0) } }) else { return false }
        boxes += rule.condition
        return true
    }
}

extension Verdict {
    /// Whether a map can hold it.
    fileprivate var fitsInMap: Bool {
        switch self {
        case .leave, .accept, .drop, .jump, .goto, .return: true
        case .reject, .queue, .next: false
        }
    }

    /// What it does, in the name of a set.
    var purpose: String {
        switch self {
        case .next: "next"
        case .leave: "leave"
        case .accept: "accept"
        case .drop: "drop"
        case .reject: "reject"
        case .queue: "queue"
        case .jump: "jump"
        case .goto: "goto"
        case .return: "back"
        }
    }
}
