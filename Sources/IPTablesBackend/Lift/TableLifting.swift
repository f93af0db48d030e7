internal import Diagnostics
internal import FirewallIR
internal import PacketModel

/// Lifts chain by chain, and keeps what was refused.
///
/// A chain is lifted once; every scope that reaches it has the same rules under the same names.
struct TableLifting {
    private(set) var refusals: [UnliftedRule] = []
    let table: FilterTable
    private let chains: [String: FilterChain]
    private var naming: RuleNaming
    private var lifted: [String: [FirewallRule?]] = [:]
    /// Where the rules stand; without a file, in their chain.
    let file: String?

    /// A table that a program is.
    init(_ table: FilterTable, naming: RuleNaming) {
        self.init(table, naming, file: nil)
    }

    /// A table that was read from a file.
    init(_ table: FilterTable, file: String) {
        self.init(table, RuleNaming(table, file: file), file: file)
    }

    private init(_ table: FilterTable, _ naming: RuleNaming, file: String?) {
        self.table = table
        self.naming = naming
        self.file = file
        chains = Dictionary(table.chains.map { ($0.name, $0) }) { first, _ in first }
    }

    // MARK: - Chains

    /// Lifts a chain and all that it leads to, and refuses what leads back, or stands where it cannot.
    mutating func liftReached(from entry: String) {
        lift(reached(from: entry))
        refuseLoops(from: entry)
        if entry == "OUTPUT" { refuseMAC() }
    }

    /// A rule that is to be lifted, and where it stands.
    private struct OpenRule {
        let rule: FilterRule
        let name: LiftedRuleNames.Name
    }

    /// Lifts chains, unless they have been: their names one after the other, their rules side by side.
    mutating func lift(_ names: [String]) {
        let open = names.filter { lifted[$0] == nil }.compactMap { chains[$0] }
        let rules = openRules(of: open)
        let own = self
        let results = ConcurrentMap.run(rules.count) { index -> Result<FirewallRule, LiftRefusal> in
            do throws(LiftRefusal) {
                return .success(try own.lift(rules[index].rule, rules[index].name))
            } catch {
                return .failure(error)
            }
        }
        var next = 0
        for chain in open {
            let range = next..<(next + chain.rules.count)
            next = range.upperBound
            lifted[chain.name] = range.map { index in
                switch results[index] {
                case .success(let rule): return rule
                case .failure(let error):
                    refuse(rules[index].rule, in: chain.name, at: rules[index].name.origin, error.reason)
                    return nil
                }
            }
        }
    }

    /// The rules of some chains with their names, one chain behind the other.
    private mutating func openRules(of chains: [FilterChain]) -> [OpenRule] {
        var rules: [OpenRule] = []
        rules.reserveCapacity(chains.reduce(0) { $0 + $1.rules.count })
        for chain in chains {
            let texts = naming.texts(of: chain.rules)
            for (index, rule) in chain.rules.enumerated() {
                let name = naming.name(rule, texts?[index], chain: chain.name, position: index + 1)
                rules.append(OpenRule(rule: rule, name: name))
            }
        }
        return rules
    }

    /// The rules of a chain that has been lifted; `nil` in the place of one that was refused.
    func rules(of chain: String) -> [FirewallRule?] { lifted[chain] ?? [] }

    /// The scope that begins with a chain.
    func scope(_ entry: String, chains names: [String]) -> Scope {
        let policy: Verdict =
            switch chains[entry]?.policy {
            case .drop: .drop
            case .accept: .accept
            case nil: IPTablesNames.builtIn.contains(entry) ? .accept : .leave
            }
        return Scope(
            hook: IPTablesNames.hook(of: entry), families: FamilySet(table.family), entry: entry,
            chains: names.map { Chain(name: $0, rules: rules(of: $0).compactMap { $0 }) }, policy: policy)
    }

    /// The same of a chain of a program, among which one is for what docker-proxy accepts.
    func ownScope(_ entry: String, chains names: [String]) -> Scope {
        var scope = scope(entry, chains: names)
        if entry == IPTablesNames.inputChain { scope.hook = .proxied }
        return scope
    }

    /// A chain and those that it leads to, in the order of the table behind it.
    func reached(from entry: String) -> [String] {
        var found: Set<String> = [entry]
        var open = [entry]
        while let name = open.popLast() {
            open += (chains[name]?.rules ?? []).compactMap(\.target).filter { found.insert($0).inserted }
        }
        return [entry] + table.chains.map(\.name).filter { $0 != entry && found.contains($0) }
    }

    // MARK: - What is refused

    /// Refuses a rule that was lifted, for what it is in its chain.
    private mutating func refuse(_ chain: String, _ index: Int, _ reason: String) {
        guard let rule = chains[chain]?.rules[index] else { return }
        lifted[chain]?[index] = nil as FirewallRule?
        refuse(rule, in: chain, at: place(chain, index, rule), reason)
    }

    private mutating func refuse(
        _ rule: FilterRule, in chain: String, at place: SourceLocation, _ reason: String
    ) {
        refusals.append(UnliftedRule(chain: chain, location: place, text: rule.text, reason: reason))
    }

    /// Where a rule stands, by its place from 0.
    func place(_ chain: String, _ index: Int, _ rule: FilterRule) -> SourceLocation {
        file.map { SourceLocation(file: $0, line: rule.line) } ?? SourceLocation(file: chain, line: index + 1)
    }

    /// Every rule that closes a circle of chains.
    private mutating func refuseLoops(from entry: String) {
        var open: Set<String> = []
        var done: Set<String> = []
        /// The chains on the way, with the next rule of each.
        var stack: [(name: String, next: Int)] = [(entry, 0)]
        open.insert(entry)
        while let (name, next) = stack.last {
            let rules = chains[name]?.rules ?? []
            guard next < rules.count else {
                open.remove(name)
                done.insert(name)
                stack.removeLast()
                continue
            }
            stack[stack.count - 1].next += 1
            guard let target = rules[next].target, chains[target] != nil else { continue }
            if open.contains(target) {
                refuse(name, next, "the chain '\(target)' leads back to itself")
            } else if !done.contains(target) {
                open.insert(target)
                stack.append((target, 0))
            }
        }
    }

    /// The kernel takes `-m mac` only where packets come in (`xt_mac.c`).
    private mutating func refuseMAC() {
        for name in reached(from: "OUTPUT") {
            for (index, rule) in (chains[name]?.rules ?? []).enumerated() where rule.asksForMAC {
                refuse(
                    name, index,
                    "OUTPUT leads here, and packets of this host have no '--mac-source': no iptables loads this")
            }
        }
    }

    // MARK: - One rule

    private func lift(
        _ rule: FilterRule, _ name: LiftedRuleNames.Name
    ) throws(LiftRefusal) -> FirewallRule {
        switch rule.content {
        case .rule(let rule): return try lift(rule, name)
        case .refused(_, let reason): throw LiftRefusal(reason)
        }
    }

    private func lift(_ rule: IPTablesRule, _ name: LiftedRuleNames.Name) throws(LiftRefusal) -> FirewallRule {
        var lifting = RuleLifting(family: table.family, sets: table.sets)
        for match in rule.matches { try lifting.add(match) }
        let meaning = try TargetMeaning(rule.target, family: table.family)
        if let target = meaning.verdict.target { try check(target) }
        let stages = lifting.result
        if meaning.verdict == .reject(.tcpReset),
            stages[0].condition.contains(where: { $0.protocols?.single != IPProtocol.tcp.rawValue })
        {
            throw LiftRefusal("a TCP reset without '-p tcp'")
        }
        return FirewallRule(
            id: name.id, origin: name.origin, condition: stages[0].condition, opaque: stages[0].opaque,
            guards: stages[0].guards, stages: Array(stages.dropFirst()), effects: meaning.effects,
            verdict: meaning.verdict, comment: name.comment)
    }

    private func check(_ target: String) throws(LiftRefusal) {
        if IPTablesNames.builtIn.contains(target) {
            throw LiftRefusal("'\(target)' is a built-in chain, to which no rule can lead")
        }
        guard chains[target] != nil else { throw LiftRefusal("the rules of the chain '\(target)' are not there") }
    }
}

extension FilterRule {
    /// The chain that it leads to, if any.
    var target: String? {
        guard case .rule(let rule) = content else { return nil }
        return switch rule.target {
        case .jump(let name), .goto(let name): name
        default: nil
        }
    }

    fileprivate var asksForMAC: Bool {
        guard case .rule(let rule) = content else { return false }
        return rule.matches.contains { if case .sourceMAC = $0 { true } else { false } }
    }
}
