internal import Diagnostics
internal import FirewallIR
internal import PacketModel

/// Lifts the base chains of a table, each with what it reaches, and keeps what was refused.
struct TableLifting {
    private(set) var refusals: [Diagnostic] = []
    private(set) var notes: [Diagnostic] = []
    private let table: NFTTable
    private let place: NFTPlace
    private let acceptMark: AcceptMark?
    private let origins: [String: SourceLocation]
    private let chains: [String: NFTChain]
    private var sets: LiftedSets

    init(
        _ table: NFTTable, place: NFTPlace, acceptMark: AcceptMark?, origins: [String: SourceLocation],
        sources: NFTSources = NFTSources()
    ) {
        self.table = table
        self.place = place
        self.acceptMark = acceptMark
        self.origins = origins
        chains = Dictionary(table.chains.map { ($0.name, $0) }) { first, _ in first }
        sets = LiftedSets(table, sources: sources)
    }

    /// The scopes, in the order of the base chains; of several before Docker's, in that of their priorities.
    mutating func scopes() -> [Scope] {
        var bases: [(chain: NFTChain, hook: NFTChain.Hook, meaning: Scope.Hook)] = []
        for chain in table.chains {
            guard let hook = chain.hook else { continue }
            if let meaning = hook.meaning(isOurs: table.isOurs) {
                bases.append((chain, hook, meaning))
            } else {
                notes.append(
                    Diagnostic(
                        "not-lifted", .warning, at: place.location(chain.name, nil),
                        "the base chain '\(chain.name)' was left out: type \(hook.type), hook \(hook.hook) is no filter of what comes in, is forwarded, or goes out"
                    ))
            }
        }
        let first = bases.firstIndex { $0.meaning == .containers } ?? 0
        let containers = bases.filter { $0.meaning == .containers }.sorted { $0.hook.priority < $1.hook.priority }
        bases.removeAll { $0.meaning == .containers }
        bases.insert(contentsOf: containers, at: first)
        let lifted = bases.flatMap { scopes(of: $0.chain, $0.hook, $0.meaning) }
        // Several of ours before Docker's are one for each family.
        guard table.isOurs else { return lifted }
        return lifted.map { scope in
            !scope.hook.isWholeTable && lifted.count { $0.hook == scope.hook } > 1 ? scope.narrowed : scope
        }
    }

    /// The scope of a base chain; one for each family if it is ours and does nothing but tell them apart.
    private mutating func scopes(of base: NFTChain, _ hook: NFTChain.Hook, _ meaning: Scope.Hook) -> [Scope] {
        var names = LiftedRuleNames(prefix: LowerToNFTables.commentPrefix, origins: origins)
        var lifted: [Chain] = []
        var taken = Set(chains.keys)
        let reachable = reachable(from: base)
        for chain in reachable {
            var lifting = ChainLifting(
                chain: chain, table: table, place: place, names: names, sets: sets, chainNames: taken,
                acceptMark: meaning == .containers ? acceptMark : nil)
            lifted += lifting.lift()
            taken.formUnion(lifting.chainNames)
            (names, sets) = (lifting.names, lifting.sets)
            refusals += lifting.refusals
            notes += lifting.notes
        }
        // A chain that several base chains reach is refused once.
        refusals = refusals.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        let policy: Verdict = hook.policy == "drop" ? .drop : .leave
        let scope = Scope(
            hook: meaning, families: table.family.families, entry: base.name, chains: lifted, policy: policy)
        return table.isOurs ? scope.byFamily ?? [scope] : [scope]
    }

    /// The chains that packets come through, in the order of the table, the base chain first.
    private func reachable(from base: NFTChain) -> [NFTChain] {
        var found: Set<String> = [base.name]
        var open = [base]
        while let chain = open.popLast() {
            for target in chain.rules.flatMap({ $0.statements.flatMap { targets(of: $0) } }) {
                guard let next = chains[target], next.hook == nil, found.insert(target).inserted else { continue }
                open.append(next)
            }
        }
        return [base] + table.chains.filter { $0.name != base.name && found.contains($0.name) }
    }

    private func targets(of statement: NFTStatement) -> [String] {
        switch statement {
        case .jump(let name), .goto(let name): [name]
        case .verdictMap(_, .elements(let elements)): elements.flatMap { targets(of: $0.verdict) }
        case .verdictMap(_, .named(let name)):
            table.maps.first { $0.name == name }?.elements.flatMap { targets(of: $0.verdict) } ?? []
        default: []
        }
    }
}

extension NFTTable {
    /// Whether it is the one table that Seawall writes.
    var isOurs: Bool { family == .inet && name == LowerToNFTables.tableName }
}

extension NFTChain.Hook {
    /// What a base chain judges here; `nil` if it is no filter.
    fileprivate func meaning(isOurs: Bool) -> Scope.Hook? {
        guard type == "filter" else { return nil }
        switch hook {
        // Ours before the filter judge what docker-proxy accepts.
        case "input": return isOurs && priority < 0 ? .proxied : .input
        case "output": return .output
        // Docker's own chains stand at the priority `filter`.
        case "forward": return priority < 0 ? .containers : .forward
        default: return nil
        }
    }
}

extension Scope {
    /// The scopes for single families that a base chain was made of, which jumps to the rules of each family, and drops what
    /// comes back; `nil` if it is another.
    fileprivate var byFamily: [Scope]? {
        guard hook.isWholeTable, policy == .leave, let base = chains.first(where: { $0.name == entry }),
            !base.rules.isEmpty
        else { return nil }
        var scopes: [Scope] = []
        for rule in base.rules {
            guard let families = rule.onlyFamilies, families != .both else { return nil }
            switch rule.verdict {
            case .jump(let entry):
                guard !scopes.contains(where: { $0.families == families }) else { return nil }
                scopes.append(
                    Scope(hook: hook, families: families, entry: entry, chains: chains.filter { $0.name != base.name }))
            case .drop:
                guard let last = scopes.indices.last, scopes[last].families == families else { return nil }
                scopes[last].policy = .drop
            default: return nil
            }
        }
        return scopes.map(\.withOwnFamilies)
    }

    /// The same for the families that its first chain asks for, where it leaves all others alone.
    fileprivate var narrowed: Scope {
        guard !hook.isWholeTable, policy == .leave, let base = chains.first(where: { $0.name == entry }) else {
            return self
        }
        let asked = base.rules.flatMap(\.condition).reduce(into: FamilySet()) { $0.formUnion($1.families) }
        guard !asked.isEmpty, asked != families else { return self }
        var scope = self
        scope.families = asked
        return scope.withOwnFamilies
    }

    /// The same with rules for its families alone.
    private var withOwnFamilies: Scope {
        var scope = self
        let reached = reachedChains
        scope.chains = chains.filter { reached.contains($0.name) }.map { chain in
            Chain(
                name: chain.name,
                rules: chain.rules.map { rule in
                    var rule = rule
                    rule.condition = rule.condition.compactMap { $0.only(families) }
                    rule.stages = rule.stages.map { stage in
                        var stage = stage
                        stage.condition = stage.condition.compactMap { $0.only(families) }
                        return stage
                    }
                    return rule
                })
        }
        return scope
    }

    private var reachedChains: Set<String> {
        let rules = Dictionary(chains.map { ($0.name, $0.rules) }) { first, _ in first }
        var found: Set<String> = [entry]
        var open = [entry]
        while let name = open.popLast() {
            for target in (rules[name] ?? []).compactMap(\.verdict.target) where found.insert(target).inserted {
                open.append(target)
            }
        }
        return found
    }
}

extension FirewallRule {
    /// The families of a rule that asks for nothing else, and does nothing else than its verdict.
    fileprivate var onlyFamilies: FamilySet? {
        guard condition.count == 1, stages.isEmpty, opaque.isEmpty, guards.isEmpty, effects.isEmpty else { return nil }
        var plain = Box()
        plain.families = condition[0].families
        return condition[0] == plain ? plain.families : nil
    }
}

extension Box {
    /// The part of the box that speaks of some families.
    fileprivate func only(_ families: FamilySet) -> Box? {
        var box = self
        box.families.formIntersection(families)
        return box.families.isEmpty ? nil : box
    }
}
