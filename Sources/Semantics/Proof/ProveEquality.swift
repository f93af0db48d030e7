package import FirewallIR
package import PacketModel

/// Decides whether two rule sets treat every packet alike.
///
/// Both are turned into diagrams in one space; the same function is the same diagram. Where they differ, a packet is looked
/// for that shows it, first among those that the assumptions allow, and replayed through the interpreter.
package enum ProveEquality {
    /// Compares each hook and family of which both rule sets speak; exactly one list of rules with exactly one other.
    package static func run(_ a: Ruleset, _ b: Ruleset, _ options: ProofOptions = ProofOptions()) -> ProofReport {
        var proofs: [ScopeProof] = []
        for hook in Ruleset.hooks(of: [a, b]) {
            for family in options.families.families {
                let answer: ProofAnswer
                switch a.pair(with: b, at: hook, family) {
                case .missing: continue
                case .several(let side): answer = .undecided(.severalScopes(side: side))
                case .both(let one, let other): answer = run(one, other, family: family, options)
                }
                proofs.append(ScopeProof(hook: hook, family: family, answer: answer))
            }
        }
        return ProofReport(scopes: proofs)
    }

    /// Compares two scopes in one family.
    package static func run(_ a: Scope, _ b: Scope, family: AddressFamily, _ options: ProofOptions = ProofOptions())
        -> ProofAnswer
    {
        if areSame(a, b) { return .equal(assuming: []) }
        for layout in layouts where options.representation.map({ $0 == layout.representation }) ?? true {
            let query = Query(
                [a, b], family: family, strictness: options.strictness, budget: options.budget, layout: layout)
            if let reason = query.refusal { return .undecided(reason) }
            if let answer = Comparison(query: query, options: options).answer() { return answer }
        }
        return .undecided(.budget(options.budget))
    }

    /// Whether two scopes have the same rules, one by one: then there is nothing to decide.
    package static func areSame(_ a: Scope, _ b: Scope) -> Bool {
        a.entry == b.entry && a.chains == b.chains && a.end == b.end
    }

    /// The layouts that are tried, one after the other: each suits other rules.
    static let layouts = ProofOptions.Representation.allCases.map { Space.Layout($0) }
}

extension Space.Layout {
    /// The name of the representation.
    var representation: ProofOptions.Representation { splitsDigits ? .digits : .intervals }

    /// The layout of a representation.
    init(_ representation: ProofOptions.Representation) {
        let isDigits = representation == .digits
        self.init(addressesFirst: !isDigits, splitsDigits: isDigits)
    }
}

/// The two functions of a query, compared.
struct Comparison {
    let query: Query
    let options: ProofOptions

    /// The answer; `nil` if the budget was used up.
    func answer() -> ProofAnswer? {
        let a = query.function(side: 0)
        let b = query.function(side: 1)
        if query.isExhausted { return nil }
        if let twice = askedTwice(a, side: 0) ?? askedTwice(b, side: 1) { return .undecided(.askedTwice(twice)) }
        if a == b { return .equal(assuming: []) }
        let impossible = query.impossible()
        if query.isExhausted { return nil }
        let strict = compared(a, b, impossible)
        if case .equal? = strict { return strict }
        let lenient = withoutOtherTables(a, b, impossible)
        return query.isExhausted ? nil : lenient ?? strict
    }

    /// The answer for two functions; `nil` if the budget was used up.
    private func compared(_ a: Diagram, _ b: Diagram, _ impossible: Diagram) -> ProofAnswer? {
        guard let point = search(a, b, [impossible]) else { return nil }
        return point.isNowhere ? .equal(assuming: []) : underAssumptions(a, b, impossible)
    }

    /// The answer if what leaves a base chain is accepted, as where no other table stands at the hook; `nil` where that
    /// makes no difference.
    private func withoutOtherTables(_ a: Diagram, _ b: Diagram, _ impossible: Diagram) -> ProofAnswer? {
        if query.isExhausted { return nil }
        let mapped = [a, b].map { query.acceptingWhatLeaves($0) }
        if query.isExhausted || mapped == [a, b] { return nil }
        // A packet that shows a difference in either case is better than one that does not.
        let answer = compared(mapped[0], mapped[1], impossible)
        guard case .equal(let assumptions)? = answer else { return answer }
        return .equal(assuming: assumptions + [.noOtherTable])
    }

    private func search(
        _ a: Diagram, _ b: Diagram, _ excluded: [Diagram],
        _ isWanted: @escaping (Diagram, Diagram) -> Bool = { $0 != $1 }
    ) -> Query.Found? {
        query.find(a, b, outside: excluded, isWanted)
    }

    /// They differ somewhere: by packets that there can be, or only by such that an assumption excludes.
    private func underAssumptions(_ a: Diagram, _ b: Diagram, _ impossible: Diagram) -> ProofAnswer? {
        let assumed = query.assumedSets()
        if query.isExhausted { return nil }
        guard let realistic = search(a, b, [impossible] + assumed.map(\.set)) else { return nil }
        if let point = realistic.point { return different(a, b, point, [impossible] + assumed.map(\.set)) }
        let needed = query.needed(assumed) { search(a, b, [impossible] + $0)?.isNowhere ?? false }
        return .equal(assuming: needed)
    }

    // MARK: - Differences

    /// A difference counts if it does not hang on guards that were taken for the same without being it.
    private func different(
        _ a: Diagram, _ b: Diagram, _ point: [Dimension: ClosedRange<UInt32>], _ excluded: [Diagram]
    ) -> ProofAnswer? {
        let asks = { (diagram: Diagram) in asked(diagram) }
        guard let unequalGuards = search(a, b, excluded, { asks($0) != asks($1) }) else { return nil }
        guard let unrelated = unequalGuards.point else { return counterexample(point) }
        let definite = search(a, b, excluded) { asks($0).isEmpty && asks($1).isEmpty && $0 != $1 }
        guard let definite else { return nil }
        if let point = definite.point { return counterexample(point) }
        return .undecided(.unrelated(unrelatedGuards(a, b, unrelated)))
    }

    /// The guards that a packet uses up.
    func asked(_ diagram: Diagram) -> [Int] {
        query.terminals[diagram].word.compactMap { query.letters.guardNumber($0) }
    }

    private func counterexample(_ point: [Dimension: ClosedRange<UInt32>]) -> ProofAnswer {
        let decoder = PointDecoder(query: query, point: point)
        let packet = decoder.packet()
        let circumstances = [0, 1].map { decoder.circumstances(side: $0) }
        let found = Counterexample(
            packet: packet, circumstancesA: circumstances[0], circumstancesB: circumstances[1],
            a: Interpreter(query.sides[0]).evaluate(packet, circumstances[0]),
            b: Interpreter(query.sides[1]).evaluate(packet, circumstances[1]))
        guard packet.isValid, differ(found) else { return .undecided(.unconfirmed(packet)) }
        return .different(found)
    }

    /// Whether the interpreter sees the difference, too.
    private func differ(_ found: Counterexample) -> Bool {
        switch options.strictness {
        case .verdict: found.a.verdict.withoutKind != found.b.verdict.withoutKind
        case .reject: found.a.verdict != found.b.verdict
        case .effects: found.a.verdict != found.b.verdict || events(found.a, 0) != events(found.b, 1)
        }
    }

    /// What happened, with guards by the numbers of their pairs.
    private func events(_ evaluation: Evaluation, _ side: Int) -> [Int32] {
        evaluation.events.compactMap { event in
            switch event {
            case .asked(let place):
                query.guards.numbers[GuardPairs.Place(side: side, place: place)].map { Letters.asked($0) }
            case .effect(.count): nil
            case .effect(let effect): query.letters.letter(effect)
            }
        }
    }

    // MARK: - Guards

    /// A guard that one packet asks twice, since it passes its chain twice: the two answers need not be the same.
    func askedTwice(_ function: Diagram, side: Int) -> UnrelatedGuard? {
        if query.guards.members.isEmpty { return nil }
        for terminal in query.store.terminals(of: function).sorted(by: { $0.raw < $1.raw }) {
            let numbers = asked(terminal)
            guard let twice = numbers.first(where: { number in numbers.count { $0 == number } > 1 }) else { continue }
            let marker = query.terminals.diagram(Terminal(outcome: .inside, rule: -2))
            let elsewhere = query.store.mapTerminals(function) { $0 == terminal ? marker : TerminalTable.fall }
            let point = search(elsewhere, TerminalTable.fall, [query.impossible()])?.point ?? [:]
            return unrelated(twice, side, PointDecoder(query: query, point: point).packet())
        }
        return nil
    }

    private func unrelated(_ number: Int, _ side: Int, _ packet: PacketState) -> UnrelatedGuard? {
        let members = query.guards.members[number]
        guard let own = members.first(where: { $0.side == side }), let rule = rule(own) else { return nil }
        return UnrelatedGuard(
            side: side, rule: rule, guarded: rule.allGuards[own.place.index],
            compared: members.first { $0.side != side }.flatMap(rule(_:)), packet: packet)
    }

    private func rule(_ place: GuardPairs.Place) -> FirewallRule? {
        query.rules[place.side].first { $0.id == place.place.rule }
    }

    /// The guards that one side asks for a packet and the other does not, or not in the same order.
    func unrelatedGuards(_ a: Diagram, _ b: Diagram, _ point: [Dimension: ClosedRange<UInt32>])
        -> [UnrelatedGuard]
    {
        let asked = [a, b].map { self.asked(query.terminal(of: $0, at: point)) }
        let packet = PointDecoder(query: query, point: point).packet()
        let only = [0, 1].flatMap { side in
            asked[side].filter { !asked[1 - side].contains($0) }.compactMap { unrelated($0, side, packet) }
        }
        return only.isEmpty ? asked[0].compactMap { unrelated($0, 0, packet) } : only
    }
}

extension PacketVerdict {
    /// The verdict, with a drop for every reject.
    fileprivate var withoutKind: PacketVerdict { if case .reject = self { .drop } else { self } }
}

extension Query {
    /// A function in which what a base chain hands on is what it accepts; the same for what Docker forwards, where it is not.
    func acceptingWhatLeaves(_ function: Diagram) -> Diagram {
        if hook == .containers { return function }
        return store.mapTerminals(function) { acceptingWhatLeaves(end: $0) }
    }

    /// The same of an end.
    func acceptingWhatLeaves(end: Diagram) -> Diagram {
        var terminal = terminals[end]
        guard hook != .containers, terminal.outcome == .decided(.leave) else { return end }
        terminal.outcome = .decided(.accept)
        return terminals.diagram(terminal)
    }

    /// What a function says at a point; `passing` is told each node on the way, and where it leads.
    func terminal(
        of diagram: Diagram, at point: [Dimension: ClosedRange<UInt32>],
        passing: (Diagram, Diagram) -> Void = { _, _ in }
    ) -> Diagram {
        var diagram = diagram
        while !diagram.isTerminal {
            let level = store.level(of: diagram)
            let axis = space.axis(at: level)
            let atom = point[axis.dimension]?.lowerBound ?? 0
            let shift = UInt32(8 * (axis.digits - 1 - Int(level - axis.level)))
            let child = store.child(of: diagram, at: axis.digits == 1 ? atom : (atom >> shift) & 255)
            passing(diagram, child)
            diagram = child
        }
        return diagram
    }
}
