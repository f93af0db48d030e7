internal import FirewallIR
internal import PacketModel

/// One question about the rules of one family: a space, the functions of the rules in it, and the memory that they share.
///
/// One query is used for one question and then given up with all its memory.
final class Query {
    let family: AddressFamily
    /// The hook of all sides.
    let hook: Scope.Hook
    let strictness: Strictness
    /// The scopes that are looked at.
    private(set) var sides: [Scope]
    let guards: GuardPairs
    var space: Space
    var store: DiagramStore
    var terminals = TerminalTable()
    var letters: Letters
    /// Whether each terminal names the rule that decided, by its number in `rules` of its side.
    let namesRules: Bool
    /// Whether the order in which guards are asked matters, since some share their state by name.
    private let keepsGuardOrder: Bool
    /// Whether a terminal that says "no rule matched" has something to say besides.
    private(set) var hasWordedFalls = false

    /// The rules of each side that can be reached, in the order of their chains.
    private(set) var rules: [[FirewallRule]]
    /// The numbers of the rules of a chain among these.
    private var ruleNumbers: [[String: Range<Int>]]
    /// The last rule that did nothing but decide: what it said.
    private var lastPlain: (verdict: Verdict, terminal: Diagram)?
    /// The rows of the box table for each rule of each side.
    private var boxRows: [[Range<Int>]] = []
    /// The rows for the further stages of the rules that have some.
    private var laterRows: [[Int: [Range<Int>]]] = []
    private var table: BoxTable

    init(
        _ sides: [Scope], family: AddressFamily, strictness: Strictness, budget: Int,
        layout: Space.Layout = Space.Layout(), namesRules: Bool = false, regions: [[Box]] = [],
        alwaysAsked: [Dimension] = []
    ) {
        self.sides = sides
        self.family = family
        hook = sides.first?.hook ?? .containers
        self.strictness = strictness
        self.namesRules = namesRules
        let reached = sides.map { $0.chains(reachableIn: family) }
        rules = reached.map { $0.flatMap(\.rules) }
        ruleNumbers = reached.map(Self.numbers)
        guards = GuardPairs(rules, family: family)
        letters = Letters(guardCount: guards.members.count)
        // Most of ten thousand rules are conditions alone: they are gone through once.
        let special = rules.joined().filter { !$0.isConditionAlone }
        keepsGuardOrder = special.contains { rule in rule.allGuards.contains(where: \.sharesState) }
        var table = BoxTable(family: family)
        for side in rules {
            boxRows.append(side.map { rule in table.addRows(rule.condition) })
            var later: [Int: [Range<Int>]] = [:]
            for (number, rule) in side.enumerated() where !rule.stages.isEmpty {
                later[number] = rule.stages.map { table.addRows($0.condition) }
            }
            laterRows.append(later)
        }
        regionRows = regions.map { table.addRows($0) }
        self.table = table
        let domains = Domains(
            table, hook: hook, instants: special.flatMap(\.instants), markChanges: Set(special.flatMap(\.markChanges)))
        var opaque: [OpaqueMatch] = []
        for match in special.lazy.flatMap(\.allOpaque).map(\.positive).filter(\.isExtension)
        where !opaque.contains(match) {
            opaque.append(match)
        }
        let hasTime = special.contains { !$0.instants.isEmpty }
        let further =
            alwaysAsked + Assumption.dimensions(askedBy: table) + (hasTime ? [Dimension.time] : [])
            + opaque.map { .opaque($0) }
            + guards.members.indices.map { .guarded($0) }
        space = Space(table, domains, further: further, layout)
        refusal = domains.hasTooManyClasses ? .tooManyMarks : WayChange(special, table).map { .changedOnTheWay($0) }
        store = DiagramStore(budget: budget)
    }

    /// The numbers of the rules of each chain, when those of all follow one another.
    private static func numbers(_ chains: [Chain]) -> [String: Range<Int>] {
        var next = 0
        return Dictionary(
            chains.map { chain in
                defer { next += chain.rules.count }
                return (chain.name, next..<(next + chain.rules.count))
            }
        ) { first, _ in first }
    }

    /// Takes in one more side; `false` if it says what the query was not made for, which then is worth nothing any more.
    func add(_ side: Scope) -> Bool {
        let reached = side.chains(reachableIn: family)
        let rules = reached.flatMap(\.rules)
        guard side.hook == hook, isOfPacketsAlone, rules.allSatisfy(\.isOfPacketAlone) else { return false }
        let known = table.valueCounts
        sides.append(side)
        self.rules.append(rules)
        ruleNumbers.append(Self.numbers(reached))
        boxRows.append(rules.map { table.addRows($0.condition) })
        laterRows.append([:])
        return space.extend(by: table, behind: known)
    }

    /// Whether all rules are functions of the packet alone.
    var isOfPacketsAlone: Bool { rules.allSatisfy { $0.allSatisfy(\.isOfPacketAlone) } }

    /// The rows of the regions that were given.
    private let regionRows: [Range<Int>]

    /// Whether the budget was used up on the way, or there can be no answer.
    var isExhausted: Bool { store.isExhausted || refusal != nil }

    /// Why there can be no answer, whatever the budget; `nil` as a rule.
    let refusal: Undecided?

    /// A region as a set: `TerminalTable.inside` for its packets, `fall` for the others.
    func region(_ index: Int) -> Diagram { union(regionRows[index].compactMap { space.row($0, of: table.rows) }) }

    // MARK: - Rules

    /// What one side does with each packet: terminals with a verdict.
    func function(side: Int) -> Diagram {
        guard sides[side].families.contains(FamilySet(family)) else {
            return terminals.diagram(Terminal(outcome: .decided(.leave)))
        }
        var known: [String: Diagram] = [:]
        let policy = Terminal.Outcome.decided(sides[side].end)
        let end = terminals.diagram(Terminal(outcome: policy))
        let entry = store.replace(TerminalTable.fall, in: chain(sides[side].entry, side, &known), by: end)
        // A chain that is gone to ends in a return, as the verdict does.
        if !hasWordedFalls && !rules[side].contains(where: \.verdict.mayReturn) { return entry }
        return store.mapTerminals(entry) { diagram in
            var terminal = terminals[diagram]
            guard !terminal.outcome.isDecided else { return diagram }
            terminal.outcome = policy
            terminal.mark = .none
            return terminals.diagram(terminal)
        }
    }

    /// What a chain does: it falls off its end, returns, or decides.
    private func chain(_ name: String, _ side: Int, _ known: inout [String: Diagram]) -> Diagram {
        if let function = known[name] { return function }
        guard let range = ruleNumbers[side][name] else { return TerminalTable.fall }
        var parts: [Diagram] = []
        var run = Run()
        let own = rules[side]
        for number in range {
            let rule = own[number]
            if let terminal = simpleTerminal(rule, number, side) {
                if terminal == TerminalTable.fall { continue }
                // Rules that do not decide happen one after the other, also if they do the same.
                if run.terminal != terminal || terminals[terminal].outcome == .fall { finish(&run, &parts) }
                run.terminal = terminal
                run.rows += rows(of: number, side)
            } else {
                finish(&run, &parts)
                parts.append(compound(rule, number, side, &known))
            }
        }
        finish(&run, &parts)
        let function = list(parts[...])
        known[name] = function
        return function
    }

    /// Rules that follow one another with the same terminal: their order does not matter.
    private struct Run {
        var terminal: Diagram?
        var rows: [[UInt32]] = []
    }

    private func finish(_ run: inout Run, _ parts: inout [Diagram]) {
        if let terminal = run.terminal, !run.rows.isEmpty {
            parts.append(store.replace(TerminalTable.inside, in: union(run.rows), by: terminal))
        }
        run = Run()
    }

    /// The set of the packets in any of some rows.
    func union(_ rows: [[UInt32]]) -> Diagram {
        let joined = space.joined(rows)
        let sorted = joined.count < 3 ? joined : joined.sorted { $0.lexicographicallyPrecedes($1) }
        return balanced(sorted.map { cube($0) }[...]) { store.replace(TerminalTable.fall, in: $0, by: $1) }
    }

    private func cube(_ row: [UInt32]) -> Diagram {
        var result = TerminalTable.inside
        for axis in space.axes.indices.reversed() where row[axis] != AtomSets.all {
            result = store.membership(space.axes[axis], row[axis], inside: result, outside: TerminalTable.fall)
        }
        return result
    }

    /// The rows of the condition of a rule's first stage, narrowed by its opaque matches.
    func rows(of number: Int, _ side: Int) -> [[UInt32]] {
        rows(boxRows[side][number], rules[side][number].opaque)
    }

    /// The packets that a rule can match, whatever its guards answer: those of all of its stages.
    func matching(_ number: Int, _ side: Int) -> Diagram {
        stageRows(of: number, side).reversed().reduce(TerminalTable.inside) { later, rows in
            store.replace(TerminalTable.inside, in: union(rows), by: later)
        }
    }

    /// The rows of all stages of a rule, from its own on.
    private func stageRows(of number: Int, _ side: Int) -> [[[UInt32]]] {
        let later = laterRows[side][number] ?? []
        return [rows(of: number, side)]
            + zip(rules[side][number].stages, later).map { rows($1, $0.opaque) }
    }

    private func rows(_ boxes: Range<Int>, _ matches: [OpaqueMatch]) -> [[UInt32]] {
        boxes.compactMap { index in
            guard var row = space.row(index, of: table.rows) else { return nil }
            for match in matches {
                guard let narrowed = restricted(row, by: match) else { return nil }
                row = narrowed
            }
            return row
        }
    }

    private func restricted(_ row: [UInt32], by match: OpaqueMatch, isNegated: Bool = false) -> [UInt32]? {
        switch match {
        case .before(let instant):
            let before = space.domains.time.atoms(of: Domains.before(instant))
            let others = before.complement(below: space.domains.time.count)
            return space.restricted(row, .time, to: isNegated ? others : AtomSets.merged(before))
        case .module: return space.restricted(row, .opaque(match), to: isNegated ? [0...0] : [1...1])
        case .not(let match): return restricted(row, by: match, isNegated: !isNegated)
        }
    }

    // MARK: - Terminals

    /// The terminal of a rule that says one thing for all packets that match; `nil` if it has stages, asks guards or calls
    /// a chain.
    private func simpleTerminal(_ rule: FirewallRule, _ number: Int, _ side: Int) -> Diagram? {
        if rule.verdict.target != nil { return nil }
        if !(rule.guards.isEmpty && rule.stages.isEmpty) && !isWithoutMeaning(rule) { return nil }
        guard !namesRules, rule.effects.isEmpty else { return terminal(rule, number) }
        // What such a rule says is its verdict, and the one before it often said the same.
        let verdict = rule.verdict
        if let last = lastPlain, last.verdict == verdict { return last.terminal }
        let terminal = terminal(rule, number)
        lastPlain = (verdict, terminal)
        return terminal
    }

    /// Whether a rule neither decides nor changes what later rules see, and what it does is not compared.
    private func isWithoutMeaning(_ rule: FirewallRule) -> Bool {
        if rule.verdict != .next || markChange(rule) != .none || keepsGuardOrder { return false }
        return word(of: rule.effects).isEmpty && !(namesRules && rule.doesSomething)
    }

    private func terminal(_ rule: FirewallRule, _ number: Int) -> Diagram {
        let outcome: Terminal.Outcome =
            switch rule.verdict {
            case .next, .jump, .goto: .fall
            case .return: .return
            case .leave: .decided(.leave)
            case .accept: .decided(.accept)
            case .drop: .decided(.drop)
            case .reject(let kind): .decided(strictness == .verdict ? .drop : .reject(kind))
            case .queue(let target): .decided(.queue(target))
            }
        var terminal = Terminal(word: word(of: rule.effects), outcome: outcome)
        if namesRules && outcome == .fall && rule.doesSomething { terminal.word = [Letters.reached(number)] }
        if !outcome.isDecided { terminal.mark = markChange(rule) }
        if namesRules && outcome != .fall { terminal.rule = Int32(number) }
        return diagram(terminal)
    }

    private func diagram(_ terminal: Terminal) -> Diagram {
        if !terminal.outcome.isDecided && !(terminal.word.isEmpty && terminal.mark == .none) { hasWordedFalls = true }
        return terminals.diagram(terminal)
    }

    private func word(of effects: [Effect]) -> Terminal.Word {
        guard strictness == .effects else { return [] }
        return effects.filter { $0 != .count }.map { letters.letter($0) }
    }

    /// What a rule does to the marks that rules ask for.
    private func markChange(_ rule: FirewallRule) -> MarkChanges {
        if rule.effects.isEmpty { return .none }
        var changes = rule.markChanges.reduce(MarkChanges.none) { $0.followed(by: $1) }
        if space.places[.mark] == nil { changes.packet = MarkChange.none }
        if space.places[.connectionMark] == nil { changes.connection = MarkChange.none }
        return changes
    }

    /// What is said behind some letters.
    private func prefixed(_ word: Terminal.Word, _ mark: MarkChanges, _ diagram: Diagram) -> Diagram {
        if word.isEmpty && mark == .none { return diagram }
        return store.mapTerminals(diagram) { self.diagram(prefixed(word, mark, terminals[$0])) }
    }

    private func prefixed(_ word: Terminal.Word, _ mark: MarkChanges, _ terminal: Terminal) -> Terminal {
        var terminal = terminal
        terminal.word = word + terminal.word
        if strictness != .effects && !keepsGuardOrder { terminal.word.sort() }
        if !terminal.outcome.isDecided { terminal.mark = mark.followed(by: terminal.mark) }
        return terminal
    }

    // MARK: - Rules that ask guards or call chains

    private func compound(_ rule: FirewallRule, _ number: Int, _ side: Int, _ known: inout [String: Diagram]) -> Diagram
    {
        var target = target(rule, number, side, &known)
        var next = rule.allGuards.count
        for (stage, rows) in zip(rule.allStages, stageRows(of: number, side)).reversed() {
            for _ in stage.guards {
                next -= 1
                target = guarded(Circumstances.GuardPlace(rule: rule.id, index: next), side, target)
            }
            // Where a later stage does not hold, the guards before it are used up all the same.
            target = store.replace(TerminalTable.inside, in: union(rows), by: target)
        }
        return target
    }

    /// A function behind a guard, which leaves its letter whatever it answers; a guard that nothing reaches has no number.
    private func guarded(_ place: Circumstances.GuardPlace, _ side: Int, _ target: Diagram) -> Diagram {
        guard let pair = guards.numbers[GuardPairs.Place(side: side, place: place)],
            let axis = space.places[.guarded(pair)]
        else { return target }
        let asked = [Letters.asked(pair)]
        let passed = prefixed(asked, .none, target)
        let refused = prefixed(asked, .none, TerminalTable.fall)
        let answer = space.number(of: [1...1], on: .guarded(pair))
        return choice(space.axes[axis], answer, passed, refused)
    }

    /// One function on a set of atoms of an axis, another elsewhere.
    private func choice(_ axis: Axis, _ set: UInt32, _ inside: Diagram, _ outside: Diagram) -> Diagram {
        let marker = terminals.diagram(Terminal(outcome: .outside))
        let asked = store.membership(axis, set, inside: TerminalTable.inside, outside: marker)
        let first = store.replace(TerminalTable.inside, in: asked, by: inside)
        return store.replace(marker, in: first, by: outside)
    }

    private func target(_ rule: FirewallRule, _ number: Int, _ side: Int, _ known: inout [String: Diagram]) -> Diagram {
        switch rule.verdict {
        case .jump(let name): called(chain(name, side, &known), rule, returnsTo: .fall)
        case .goto(let name): called(chain(name, side, &known), rule, returnsTo: .return)
        default: terminal(rule, number)
        }
    }

    /// A chain as a rule calls it: its end and its `return` lead on behind the rule, or to where the rule's chain was called.
    private func called(_ function: Diagram, _ rule: FirewallRule, returnsTo outcome: Terminal.Outcome) -> Diagram {
        let led =
            endsOnly(function, in: outcome)
            ? function
            : store.mapTerminals(function) { end in
                var terminal = terminals[end]
                guard !terminal.outcome.isDecided else { return end }
                terminal.outcome = outcome
                return diagram(terminal)
            }
        return prefixed(word(of: rule.effects), markChange(rule), seen(after: markChange(rule), led))
    }

    /// Whether all ends of a function are verdicts, or the one that is given; `false` also where that is not quickly told.
    private func endsOnly(_ function: Diagram, in outcome: Terminal.Outcome) -> Bool {
        // The last bit is that of many terminals.
        var ends = store.ends(of: function)
        guard ends >> 31 == 0 else { return false }
        while ends != 0 {
            let terminal = terminals[Diagram(terminal: ends.trailingZeroBitCount)]
            guard terminal.outcome.isDecided || terminal.outcome == outcome else { return false }
            ends &= ends - 1
        }
        return true
    }

    /// A function as packets meet it whose marks were changed before.
    private func seen(after marks: MarkChanges, _ function: Diagram) -> Diagram {
        let met = seen(after: marks.packet, .mark, space.domains.mark, function)
        return seen(after: marks.connection, .connectionMark, space.domains.connectionMark, met)
    }

    private func seen(
        after change: MarkChange, _ dimension: Dimension, _ classes: MaskClasses<UInt32>, _ function: Diagram
    ) -> Diagram {
        guard change != .none, let place = space.places[dimension] else { return function }
        let axis = space.axes[place]
        let images = classes.representatives.map { classes.atom(of: change.apply(to: $0)) }
        // A connection that there is not has no mark to be changed.
        let absent = axis.absent.map { [$0] } ?? []
        return store.substitute(level: axis.level, images: images + absent, in: function)
    }

    // MARK: - Lists

    /// A list of functions of which the first that says something counts.
    private func list(_ parts: ArraySlice<Diagram>) -> Diagram { balanced(parts) { before($0, $1) } }

    private func balanced(_ parts: ArraySlice<Diagram>, _ join: (Diagram, Diagram) -> Diagram) -> Diagram {
        switch parts.count {
        case 0: return TerminalTable.fall
        case 1: return parts[parts.startIndex]
        default:
            if Task.isCancelled { store.giveUp() }
            let middle = parts.startIndex + parts.count / 2
            let left = balanced(parts[..<middle], join)
            return join(left, balanced(parts[middle...], join))
        }
    }

    /// The first function, and where it says nothing the second.
    private func before(_ first: Diagram, _ second: Diagram) -> Diagram {
        guard hasWordedFalls else { return store.replace(TerminalTable.fall, in: first, by: second) }
        let ends = store.terminals(of: first).filter { terminals[$0].outcome == .fall }.sorted { $0.raw < $1.raw }
        if ends == [TerminalTable.fall] { return store.replace(TerminalTable.fall, in: first, by: second) }
        if ends.allSatisfy({ terminals[$0].mark == .none }) {
            var continuing = Continuing()
            return continued(first, second, &continuing)
        }
        var result = first
        for end in ends { result = store.replace(end, in: result, by: behind(terminals[end], second)) }
        return store.mapTerminals(result) { diagram in
            guard terminals[diagram].outcome == .fallLater else { return diagram }
            var terminal = terminals[diagram]
            terminal.outcome = .fall
            return self.diagram(terminal)
        }
    }

    /// What is known on the way through two functions.
    private struct Continuing {
        /// Results by both functions.
        var known: [[Diagram]: Diagram] = [:]
        /// Whether there is an end below a diagram of the first.
        var hasEnd: [Diagram: Bool] = [:]
    }

    /// The first function, and where it ends the second with the letters of that end, in one walk through both.
    ///
    /// A thousand limits are a thousand ends: to replace one after the other would take the square of that.
    private func continued(_ first: Diagram, _ second: Diagram, _ continuing: inout Continuing) -> Diagram {
        if first.isTerminal {
            let end = terminals[first]
            guard end.outcome == .fall else { return first }
            if end.word.isEmpty { return second }
            return store.mapTerminals(second) { diagram(prefixed(end.word, .none, terminals[$0])) }
        }
        if store.isExhausted || !hasEnd(first, &continuing.hasEnd) { return first }
        if let known = continuing.known[[first, second]] { return known }
        let level = min(store.level(of: first), store.level(of: second))
        let parts = segments([first, second], level)
        let children = parts.map { continued($0.places[0], $0.places[1], &continuing) }
        let base = store.begin()
        for (part, child) in zip(parts, children) { store.push(upTo: part.atoms.upperBound, child, from: base) }
        let result = store.make(level: level, from: base)
        continuing.known[[first, second]] = result
        return result
    }

    private func hasEnd(_ diagram: Diagram, _ known: inout [Diagram: Bool]) -> Bool {
        if diagram.isTerminal { return terminals[diagram].outcome == .fall }
        if let result = known[diagram] { return result }
        let own = store.node(diagram)
        let result = (own.start..<(own.start + own.count)).contains { hasEnd(store.edge($0).child, &known) }
        known[diagram] = result
        return result
    }

    /// A function behind an end of another: with the letters of that, and for the mark that it leaves.
    ///
    /// Its own ends say "later", so that they are not continued a second time.
    private func behind(_ end: Terminal, _ function: Diagram) -> Diagram {
        let function = seen(after: end.mark, function)
        return store.mapTerminals(function) { diagram in
            var terminal = prefixed(end.word, end.mark, terminals[diagram])
            if terminal.outcome == .fall { terminal.outcome = .fallLater }
            return terminals.diagram(terminal)
        }
    }
}

extension Verdict {
    /// Whether what is behind it can end as a return.
    fileprivate var mayReturn: Bool {
        switch self {
        case .return, .goto: true
        case .next, .leave, .accept, .drop, .reject, .queue, .jump: false
        }
    }
}

extension Terminal.Outcome {
    /// Whether it is a verdict of the scope, rather than an end of a part.
    var isDecided: Bool { if case .decided = self { true } else { false } }
}

extension BoxTable {
    /// Adds the boxes of a condition; returns their rows.
    fileprivate mutating func addRows(_ boxes: [Box]) -> Range<Int> {
        let start = count
        for box in boxes { _ = add(box) }
        return start..<count
    }
}

extension FirewallRule {
    /// Whether something is done when it matches, besides counting.
    fileprivate var doesSomething: Bool { effects.contains { $0 != .count } }

    /// The instants at which its opaque matches turn.
    fileprivate var instants: [Int64] {
        allOpaque.compactMap { if case .before(let instant) = $0.positive { instant } else { nil } }
    }

    /// The opaque matches of all stages.
    fileprivate var allOpaque: [OpaqueMatch] { stages.isEmpty ? opaque : opaque + stages.flatMap(\.opaque) }

    /// Whether there is nothing but one condition and a verdict.
    fileprivate var isConditionAlone: Bool {
        guards.isEmpty && opaque.isEmpty && effects.isEmpty && stages.isEmpty
    }

    /// Whether it depends on nothing but the packet, and changes nothing that rules ask for.
    fileprivate var isOfPacketAlone: Bool {
        guards.isEmpty && opaque.isEmpty && stages.isEmpty
            && effects.allSatisfy { effect in
                switch effect {
                case .count, .log, .netlinkLog: true
                case .setMark, .connectionMark, .module: false
                }
            }
    }

    /// What it does to the marks, in order; what is saved and restored is not followed (`WayChange`).
    fileprivate var markChanges: [MarkChanges] {
        effects.compactMap { effect in
            switch effect {
            case .setMark(let value, let mask): MarkChanges(packet: MarkChange(mask: mask, value: value))
            case .connectionMark(.set(let value, let mask)):
                MarkChanges(connection: MarkChange(mask: mask, value: value))
            default: nil
            }
        }
    }
}

extension OpaqueMatch {
    fileprivate var isExtension: Bool { if case .module = self { true } else { false } }

    /// The match without what negates it.
    var positive: OpaqueMatch { if case .not(let match) = self { match.positive } else { self } }
}

extension Scope {
    /// The chains that packets of a family can reach from the entry, in their order; none if it does not speak of the family.
    fileprivate func chains(reachableIn family: AddressFamily) -> [Chain] {
        guard families.contains(FamilySet(family)) else { return [] }
        let byName = Dictionary(chains.map { ($0.name, $0) }) { first, _ in first }
        var reached: Set<String> = []
        var open = [entry]
        while let name = open.popLast() {
            guard reached.insert(name).inserted else { continue }
            for rule in byName[name]?.rules ?? [] {
                guard let target = rule.verdict.target, !reached.contains(target) else { continue }
                let isFor = rule.allStages.allSatisfy { stage in
                    stage.condition.contains { $0.possibleFamilies.contains(FamilySet(family)) }
                }
                if isFor { open.append(target) }
            }
        }
        return chains.filter { reached.contains($0.name) }
    }
}
