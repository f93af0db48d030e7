internal import Diagnostics
internal import FirewallIR

/// Turns a scope into one without jumps to chains that hand packets on, and without a policy of its own.
///
/// RETURN hands a packet on to what follows the policy only in the first chain, or in one that was gone to. So a jump into
/// a chain that hands packets on becomes a goto into a copy of that chain, whose end goes to the rules behind the jump; these
/// are a chain of their own. What the end of a chain leads to is its *continuation*; a chain is copied for each that it has.
struct ChainContinuations {
    private let scope: Scope
    private let rules: [String: [FirewallRule]]
    /// The chains from which a rule that hands packets on is reached.
    private let leaving: Set<String>
    private var names: Set<String>
    private var copies: [Copy: String] = [:]
    private var chains: [Chain] = []
    /// Chains that are jumped to as they are.
    private var kept: Set<String> = []
    private var claimed: Set<String> = []
    private var ruleCount = 0

    private struct Copy: Hashable {
        var chain: String
        var end: String?
    }

    private init(_ scope: Scope) {
        self.scope = scope
        rules = Dictionary(scope.chains.map { ($0.name, $0.rules) }) { first, _ in first }
        names = Set(scope.chains.map(\.name))
        leaving = Self.leaving(rules)
    }

    /// The scope in another form; the same where it has that form.
    static func unfold(_ scope: Scope) throws(IPTablesRefusal) -> Scope {
        let returning = scope.chainsThatReturn
        let needsCopies = scope.chains.contains { chain in
            returning.contains(chain.name) && chain.rules.contains { $0.verdict == .leave }
        }
        guard needsCopies || scope.policy != .leave else { return scope }
        var unfolding = ChainContinuations(scope)
        try unfolding.add(unfolding.rules[scope.entry] ?? [], end: nil, name: scope.entry)
        try unfolding.addKept()
        var result = scope
        result.policy = .leave
        result.chains = unfolding.chains
        return result
    }

    private static func leaving(_ rules: [String: [FirewallRule]]) -> Set<String> {
        var found = Set(rules.filter { $0.value.contains { $0.verdict == .leave } }.keys)
        while true {
            let more = rules.filter { name, rules in
                !found.contains(name) && rules.contains { $0.verdict.target.map(found.contains) ?? false }
            }
            if more.isEmpty { return found }
            found.formUnion(more.keys)
        }
    }

    /// Adds a chain whose end leads to another; without one, to the policy.
    private mutating func add(_ rules: [FirewallRule], end: String?, name: String) throws(IPTablesRefusal) {
        let place = chains.count
        chains.append(Chain(name: name, rules: []))
        var done: [FirewallRule] = []
        for (index, rule) in rules.enumerated() {
            var rule = rule
            switch rule.verdict {
            case .return: rule.verdict = end.map { .goto($0) } ?? scope.policy
            case .goto(let target): rule.verdict = .goto(try copy(of: target, end: end))
            case .jump(let target) where leaving.contains(target):
                let rest = unused(name + "-r")
                done.append(step(rule, .goto(rest)))
                rule.verdict = .goto(try copy(of: target, end: rest))
                done.insert(rule, at: done.count - 1)
                try finish(place, done)
                try add(Array(rules[(index + 1)...]), end: end, name: rest)
                return
            case .jump(let target): kept.insert(target)
            default: break
            }
            done.append(rule)
        }
        if let end {
            done.append(step(rules.last, .goto(end)))
        } else if scope.policy != .leave {
            done.append(step(rules.last, scope.policy))
        }
        try finish(place, done)
    }

    private mutating func finish(_ place: Int, _ rules: [FirewallRule]) throws(IPTablesRefusal) {
        chains[place].rules = rules
        ruleCount += rules.count
        if ruleCount > 65536 {
            throw IPTablesRefusal(
                reason: "its chains hand packets on, and are jumped to from too many places: use goto, or nft")
        }
    }

    private mutating func copy(of chain: String, end: String?) throws(IPTablesRefusal) -> String {
        let key = Copy(chain: chain, end: end)
        if let name = copies[key] { return name }
        try claim(chain)
        let name = unused(chain)
        copies[key] = name
        try add(rules[chain] ?? [], end: end, name: name)
        return name
    }

    /// Chains that hand no packet on, and what they lead to, stay as they are.
    private mutating func addKept() throws(IPTablesRefusal) {
        var open = Array(kept)
        while let name = open.popLast() {
            for target in (rules[name] ?? []).compactMap(\.verdict.target) where kept.insert(target).inserted {
                open.append(target)
            }
        }
        for name in kept.sorted() { try claim(name) }
        chains += scope.chains.filter { kept.contains($0.name) }
    }

    /// A chain with a guard can be there once: two copies would count apart.
    private mutating func claim(_ chain: String) throws(IPTablesRefusal) {
        guard !claimed.insert(chain).inserted, rules[chain]?.contains(where: { !$0.allGuards.isEmpty }) == true else {
            return
        }
        throw IPTablesRefusal(
            reason:
                "the chain '\(chain)' with a limit is entered from several places, and packets are handed on there or behind it"
        )
    }

    private mutating func unused(_ base: String) -> String {
        var name = base
        var count = 1
        while !names.insert(name).inserted {
            count += 1
            name = "\(base)-\(count)"
        }
        return name
    }

    /// A rule for all packets, under the name of one that it stands beside.
    private func step(_ rule: FirewallRule?, _ verdict: Verdict) -> FirewallRule {
        let first = rule ?? scope.chains.lazy.flatMap(\.rules).first
        var box = Box()
        box.families = scope.families
        return FirewallRule(
            id: first?.id ?? "policy", origin: first?.origin ?? SourceLocation(file: scope.entry), condition: [box],
            verdict: verdict)
    }
}
