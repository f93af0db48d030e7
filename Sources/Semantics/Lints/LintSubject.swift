internal import FirewallIR
internal import PacketModel

/// One scope in one family, prepared for all lints: which rule decides each packet.
final class LintSubject {
    let query: Query
    /// For each packet that there can be the terminal with the rule that decides it; `inside` for what is no packet.
    let decided: Diagram
    /// The verdict of each rule that does nothing else.
    let verdicts: [PacketVerdict?]
    private var rows: [Int: [[UInt32]]] = [:]
    /// What is no packet.
    let impossible: Diagram
    /// The source of each rule, by its number; `nil` for rules that scopes add.
    let sourceOfRule: [Int?]
    /// The rules of each source.
    let rulesOfSource: [[Int]]
    /// The sources of which a rule decides a packet or does something.
    let live: Set<Int>

    /// Prepares a scope; `nil` if the diagrams outgrow the budget.
    init?(_ scope: Scope, _ family: AddressFamily, _ sources: [RuleSource], budget: Int, layout: Space.Layout) {
        query = Query(
            [scope], family: family, strictness: .reject, budget: budget,
            layout: layout, namesRules: true,
            alwaysAsked: [.state, .direction])
        verdicts = query.rules[0].map { $0.plainVerdict(scope.end) }
        let function = query.function(side: 0)
        impossible = query.impossible()
        decided = query.store.replace(TerminalTable.fall, in: impossible, by: function)
        if query.isExhausted { return nil }
        let places = Dictionary(sources.indices.map { (sources[$0].id, $0) }) { first, _ in first }
        let sourceOfRule = query.rules[0].map { places[String($0.id.prefix(Self.stemLength))] }
        // What a scope adds bears the scope's name, which no rule has.
        self.sourceOfRule = sourceOfRule
        var rules = [[Int]](repeating: [], count: sources.count)
        for (number, source) in sourceOfRule.enumerated() { if let source { rules[source].append(number) } }
        rulesOfSource = rules
        var live: Set<Int> = []
        for end in query.store.terminals(of: decided) {
            live.formUnion(query.rulesNamed(by: end).compactMap { sourceOfRule[$0] })
            // A guard that is asked counts, whether or not its rule goes on to decide anything.
            live.formUnion(query.rulesThatCount(end).compactMap { places[String($0.prefix(Self.stemLength))] })
        }
        self.live = live
    }

    /// Whether a source has a rule in the entry chain that decides by itself, or leads to a chain of the same source.
    func isOfEntryChain(_ place: Int) -> Bool {
        guard let first = rulesOfSource[place].first else { return true }
        let rule = query.rules[0][first]
        return entryRules.contains(rule.id) && (rule.verdict.target == nil || rulesOfSource[place].count > 1)
    }

    private lazy var entryRules: Set<String> = {
        let scope = query.sides[0]
        return Set((scope.chains.first { $0.name == scope.entry }?.rules ?? []).map(\.id))
    }()

    /// The length of a rule's own identifier; what follows it tells the rules of one source apart.
    private static let stemLength = 8

    /// What the assumptions exclude.
    private lazy var assumed = query.assumedSets().map(\.set)

    /// The packets that the rules of a source match, in whatever order; rules in chains of their own are reached through the first.
    func region(of source: Int) -> Diagram {
        guard let first = rulesOfSource[source].first else { return TerminalTable.fall }
        return query.matching(first, 0)
    }

    /// The rows of a rule.
    func rows(of rule: Int) -> [[UInt32]] {
        if let known = rows[rule] { return known }
        let found = query.rows(of: rule, 0)
        rows[rule] = found
        return found
    }

    /// What becomes of the packets of a region: `fall` elsewhere.
    func decided(in region: Diagram) -> Diagram {
        query.store.replace(TerminalTable.inside, in: region, by: decided)
    }

    /// Whether there is a packet in a region.
    func holdsPackets(_ region: Diagram) -> Bool {
        query.store.terminals(of: decided(in: region)).contains { query.terminals[$0].outcome.isDecided }
    }

    /// A packet at which a function has an end that is wanted, among those that there are by all assumptions if possible.
    func packet(in function: Diagram, _ isWanted: @escaping (Diagram) -> Bool) -> PacketState? {
        for excluded in [[impossible] + assumed, [impossible]] {
            let found = query.find(function, TerminalTable.fall, outside: excluded) { end, _ in
                isWanted(end)
            }
            if let point = found?.point { return PointDecoder(query: query, point: point).packet() }
        }
        return nil
    }
}

extension Query {
    /// The names of the rules whose guards are asked on the way to an end.
    fileprivate func rulesThatCount(_ end: Diagram) -> [String] {
        terminals[end].word.compactMap { letters.guardNumber($0) }.flatMap { guards.members[$0].map(\.place.rule) }
    }

    /// The rules that an end names: the one that decided, and those that did something before.
    func rulesNamed(by end: Diagram) -> [Int] {
        let terminal = terminals[end]
        return terminal.word.compactMap { Letters.reachedRule($0) } + (terminal.rule >= 0 ? [Int(terminal.rule)] : [])
    }
}
