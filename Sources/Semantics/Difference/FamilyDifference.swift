internal import FirewallIR
internal import PacketModel

/// What differs between two scopes in one family.
struct FamilyDifference {
    var changes: [FoundChange] = []
    var assumed: Set<Assumption> = []
    /// Whether boxes are missing.
    var isCut = false
    /// Guards that were taken for the same, but are not asked for the same packets.
    var unrelated: Undecided?

    static func run(_ a: Scope, _ b: Scope, family: AddressFamily, _ options: ProofOptions)
        -> Result<FamilyDifference, NoAnswer>
    {
        var sides = [a, b]
        var regions: [[Box]] = []
        if let common = CommonRules(a, b, family: family, effects: options.strictness == .effects) {
            let narrowed = common.narrowed()
            if narrowed.region.isEmpty { return .success(FamilyDifference()) }
            sides = narrowed.sides
            regions = [narrowed.region]
        }
        for layout in ProveEquality.layouts {
            let query = Query(
                sides, family: family, strictness: options.strictness, budget: options.budget, layout: layout,
                regions: regions)
            if let reason = query.refusal { return .failure(NoAnswer(reason: reason)) }
            let search = DifferenceSearch(query: query, whole: [a, b], hasRegion: !regions.isEmpty, options: options)
            if let answer = search.answer() { return answer }
        }
        return .failure(NoAnswer(reason: .budget(options.budget)))
    }
}

/// The difference of the two functions of a query, as boxes.
struct DifferenceSearch {
    let query: Query
    /// The scopes with all of their rules.
    let whole: [Scope]
    let hasRegion: Bool
    let options: ProofOptions

    private var hook: Scope.Hook { whole[0].hook }

    /// The answer; `nil` if the budget was used up.
    func answer() -> Result<FamilyDifference, NoAnswer>? {
        let a = query.function(side: 0)
        let b = query.function(side: 1)
        if query.isExhausted { return nil }
        let comparison = Comparison(query: query, options: options)
        if let twice = comparison.askedTwice(a, side: 0) ?? comparison.askedTwice(b, side: 1) {
            return .failure(NoAnswer(reason: .askedTwice(twice)))
        }
        guard let boxes = boxes(a, b) else { return nil }
        var result = FamilyDifference()
        result.assumed = boxes.assumed
        result.isCut = boxes.isCut
        result.unrelated = unrelated(a, b, comparison)
        if query.isExhausted { return nil }
        result.changes = boxes.boxes.compactMap(change)
        return .success(result)
    }

    // MARK: - Boxes

    private typealias Boxes = (boxes: [AtomBox], assumed: Set<Assumption>, isCut: Bool)

    private func boxes(_ a: Diagram, _ b: Diagram) -> Boxes? {
        var known = OperationCache(capacity: 1 << 8)
        var isAccepted = false
        var difference = query.store.apply(a, b, &known) { a, b in
            if a == b { return TerminalTable.fall }
            return a.isTerminal && b.isTerminal ? self.difference(a, b, &isAccepted) : nil
        }
        if hasRegion { difference = query.store.replace(TerminalTable.inside, in: query.region(0), by: difference) }
        if query.isExhausted { return nil }
        var enumerated: [Diagram: [AtomBox]] = [:]
        var result: Boxes = ([], isAccepted ? [.noOtherTable] : [], false)
        var ofNew: Set<AtomBox> = []
        for kind in TrafficKinds.each {
            var boxes = KindBoxes(query, kind, isForwarded: hook == .containers || hook == .forward)
            let function = boxes.function(difference)
            if query.isExhausted { return nil }
            if enumerated[function] == nil {
                var list = EnumerateBoxes(query, limit: FindDifference.mostBoxes, steps: min(options.budget, 4_000_000))
                list.add(function)
                result.isCut = result.isCut || list.isCut
                enumerated[function] = list.boxes
            }
            let merge = MergeBoxes(axes: query.space.axes)
            let normal = merge.merged((enumerated[function] ?? []).flatMap { boxes.normal($0) })
            if kind == .new { ofNew = Set(normal) }
            result.boxes += normal.flatMap { boxes.adopting($0, ofNew) }
            result.assumed.formUnion(boxes.assumed)
        }
        if differs(a, b, whereNewIsReply: difference) { result.assumed.insert(.newIsOriginal) }
        result.boxes = MergeBoxes(axes: query.space.axes).merged(result.boxes)
        return result
    }

    /// Whether packets of state new in the direction of answers would be treated differently, if there were any.
    private func differs(_ a: Diagram, _ b: Diagram, whereNewIsReply difference: Diagram) -> Bool {
        guard query.space.places[.direction] != nil else { return false }
        return query.fixed(query.fixed(difference, .state, at: 0), .direction, at: 1) != TerminalTable.fall
    }

    /// What two ends say that differ, by the terminals of the treatments alone; `fall` if these are the same, or if they are
    /// where what a base chain hands on is accepted.
    private func difference(_ a: Diagram, _ b: Diagram, _ isAccepted: inout Bool) -> Diagram {
        let ends = [a, b].map { diagram -> Diagram in
            var terminal = query.terminals[diagram]
            terminal.word.removeAll { query.letters.guardNumber($0) != nil }
            terminal.mark = .none
            terminal.rule = -1
            return query.terminals.diagram(terminal)
        }
        if ends[0] == ends[1] { return TerminalTable.fall }
        if query.acceptingWhatLeaves(end: ends[0]) == query.acceptingWhatLeaves(end: ends[1]) {
            isAccepted = true
            return TerminalTable.fall
        }
        return query.terminals.diagram(Terminal(outcome: .differs(ends[0].index, ends[1].index)))
    }

    private func treatment(_ number: Int) -> TrafficTreatment {
        let terminal = query.terminals.terminals[number]
        let effects = terminal.word.map { query.letters.effects[Int($0) - query.letters.guardCount] }
        guard case .decided(let verdict) = terminal.outcome else {
            return TrafficTreatment(verdict: .leave, effects: effects)
        }
        return TrafficTreatment(verdict: verdict, effects: effects)
    }

    private func change(_ box: AtomBox) -> FoundChange? {
        guard case .differs(let was, let now) = query.terminals[box.end].outcome else { return nil }
        return FoundChange(
            hook: hook,
            box: TrafficBox(
                families: FamilySet(query.family), kinds: box.kinds, fields: BoxValues(query: query).fields(of: box)),
            was: treatment(was), now: treatment(now), members: [FoundChange.Member(search: self, box: box)])
    }

    // MARK: - Guards

    /// Guards of both sides, taken for the same, which other packets ask than before.
    private func unrelated(_ a: Diagram, _ b: Diagram, _ comparison: Comparison) -> Undecided? {
        let paired = query.guards.members.indices.filter { number in
            Set(query.guards.members[number].map(\.side)).count == 2
        }
        if paired.isEmpty { return nil }
        let asked = { (diagram: Diagram) in comparison.asked(diagram).filter(paired.contains) }
        let excluded = [query.impossible()] + query.assumedSets().map(\.set)
        if query.isExhausted { return nil }
        let found = query.find(a, b, outside: excluded) { asked($0) != asked($1) }
        guard let point = found?.point else { return nil }
        return .unrelated(comparison.unrelatedGuards(a, b, point).filter { $0.compared != nil })
    }
}
