import FirewallIR
import PacketModel
import RulesetLab
import Semantics
import TestSupport
import Testing

/// What rules say that nobody wrote in our language: policies, stages, hooks, marks of connections, numbers.
@Suite("Imported rules")
struct ImportedRulesTests {
    private func ruleset(
        _ rules: [FirewallRule], hook: Scope.Hook = .containers, policy: Verdict = .leave, families: FamilySet = .ip
    ) -> Ruleset {
        Ruleset(
            name: "Imported",
            scopes: [
                Scope(
                    hook: hook, families: families, entry: "a", chains: [Chain(name: "a", rules: rules)],
                    policy: policy)
            ])
    }

    private func prove(_ a: Ruleset, _ b: Ruleset, _ strictness: Strictness = .reject) -> [ProofAnswer] {
        let options = ProofOptions(strictness: strictness)
        let report = ProveEquality.run(a, b, options)
        var random = SeededGenerator(seed: TestEnvironment.seed)
        #expect(ProofCheck(a, b, options).faults(in: report, random: &random) == [])
        return report.scopes.map(\.answer)
    }

    private func counterexample(_ answers: [ProofAnswer]) throws -> Counterexample {
        guard answers.count == 1, case .different(let found) = answers[0] else {
            throw ProblemFound(answers: answers)
        }
        return found
    }

    private struct ProblemFound: Error { var answers: [ProofAnswer] }

    // MARK: - Policies and hooks

    @Test("The policy decides at the end, at a return, and at the end of a chain that was gone to")
    func policies() throws {
        let bare = ruleset([], policy: .drop)
        #expect(prove(bare, ruleset([rule("a", .return)], policy: .drop)) == [.equal(assuming: [])])
        #expect(prove(bare, ruleset([rule("a", .drop)])) == [.equal(assuming: [])])
        var gone = ruleset([rule("a", .goto("b")), rule("c", .leave)], policy: .drop)
        gone.scopes[0].chains.append(Chain(name: "b", rules: [rule("b", .next)]))
        #expect(prove(bare, gone) == [.equal(assuming: [])])
        let found = try counterexample(prove(bare, ruleset([], policy: .leave)))
        #expect(found.a.verdict == .drop && found.b.verdict == .leave && found.a.decidedBy == nil)
    }

    @Test(
        "What leaves a base chain is accepted where no other table stands at the hook; Docker's rules are such a table")
    func leaveAndAccept() throws {
        let leaves = [rule("a", .leave) { $0.protocols = IntervalSet(6) }, rule("b", .drop)]
        let accepts = [rule("a", .accept) { $0.protocols = IntervalSet(6) }, rule("b", .drop)]
        for hook in [Scope.Hook.input, .forward, .output] {
            let answer = prove(ruleset(leaves, hook: hook), ruleset(accepts, hook: hook, policy: .drop))
            #expect(answer == [.equal(assuming: [.noOtherTable])])
            // Not named where it is not needed, and no excuse for what is stopped.
            #expect(prove(ruleset(leaves, hook: hook), ruleset(leaves, hook: hook)) == [.equal(assuming: [])])
            let found = try counterexample(prove(ruleset(leaves, hook: hook), ruleset(accepts.dropLast(), hook: hook)))
            #expect(found.a.verdict == .drop && found.b.verdict == .leave)
            let difference = FindDifference.run(ruleset(leaves, hook: hook), ruleset(accepts, hook: hook))
            #expect(difference.changes.isEmpty && difference.assumed == [.noOtherTable])
        }
        let found = try counterexample(prove(ruleset(leaves), ruleset(accepts)))
        #expect(found.a.verdict == .leave && found.b.verdict == .accept)
    }

    @Test("What comes in leaves nowhere, and what goes out entered nowhere: no pattern means that")
    func missingInterfaces() throws {
        let eth0 = InterfaceSet([.exact("eth0")])
        let all = ruleset([rule("a", .drop)], hook: .input)
        let none = ruleset([], hook: .input)
        #expect(
            prove(ruleset([rule("a", .drop) { $0.outInterface = eth0 }], hook: .input), none) == [.equal(assuming: [])])
        let others = ruleset([rule("a", .drop) { $0.outInterface = eth0.complement }], hook: .input)
        #expect(prove(others, all) == [.equal(assuming: [])])
        let entering = ruleset([rule("a", .drop) { $0.inInterface = eth0 }], hook: .input)
        let found = try counterexample(prove(entering, none))
        #expect(found.packet.inInterface == "eth0" && found.packet.outInterface == "")
        #expect(
            prove(ruleset([rule("a", .drop) { $0.inInterface = eth0 }], hook: .output), ruleset([], hook: .output))
                == [.equal(assuming: [])])
    }

    @Test("A destination may be this host where packets come in, and may not where they are forwarded")
    func localDestinations() {
        let local = [rule("a", .drop) { $0.addressTypes = [AddressTypeTest(.destination, .local)] }]
        #expect(
            prove(ruleset(local, hook: .forward), ruleset([], hook: .forward))
                == [.equal(assuming: [.destinationNotLocal])])
        let came = prove(ruleset(local, hook: .input), ruleset([], hook: .input))
        #expect(throws: Never.self) { try counterexample(came) }
    }

    @Test("Each hook and family is compared with exactly one list of rules")
    func scopes() throws {
        let drops = ruleset([rule("a", .drop)], families: .both)
        var apart = drops
        apart.scopes = [FamilySet.ip, .ip6].map { families in
            var scope = ruleset([rule("a", .drop) { $0.families = families }]).scopes[0]
            scope.families = families
            return scope
        }
        #expect(prove(drops, apart) == [.equal(assuming: []), .equal(assuming: [])])
        #expect(FindDifference.run(drops, apart).compared == [.containers: .both])
        var other = apart
        other.scopes[1].chains[0].rules[0].verdict = .leave
        let answers = prove(drops, other)
        #expect(answers.first == .equal(assuming: []))
        #expect(try counterexample(Array(answers.dropFirst())).packet.family == .ip6)
        #expect(FindDifference.run(drops, other).changes.map(\.box.families) == [.ip6])

        var twice = drops
        twice.scopes.append(ruleset([]).scopes[0])
        #expect(prove(drops, twice) == [.undecided(.severalScopes(side: 1)), .equal(assuming: [])])
        #expect(FindDifference.run(drops, twice).undecided.map(\.reason) == [.severalScopes(side: 1)])
        var more = drops
        more.scopes.append(ruleset([], hook: .input).scopes[0])
        #expect(prove(drops, more).count == 2 && FindDifference.run(drops, more).unmatched == [.input])
    }

    // MARK: - Stages

    @Test("A guard is used up whatever the stages behind it say")
    func stages() throws {
        let limit = Guard.limit(Limit(count: 1, unit: .minute))
        var tcp = Box()
        tcp.protocols = IntervalSet(6)
        var before = rule("a", .drop, guards: [limit])
        before.stages = [RuleStage(condition: [tcp])]
        let behind = rule("a", .drop, guards: [limit]) { $0 = tcp }
        guard case .undecided(.unrelated)? = prove(ruleset([before]), ruleset([behind])).first else {
            Issue.record("a limit of all packets is not one of some")
            return
        }
        var plain = rule("a", .drop) { $0 = tcp }
        plain.stages = [RuleStage(condition: [Box()], guards: [limit])]
        #expect(prove(ruleset([plain]), ruleset([behind]), .effects) == [.equal(assuming: [])])
        var twice = rule("a", .drop, guards: [limit])
        twice.stages = [RuleStage(condition: [tcp], guards: [.quota(bytes: 9)])]
        let evaluation = try ruleset([twice]).scopes[0].evaluate("udp 192.0.2.1 -> 192.0.2.2:53")
        #expect(evaluation.events == [.asked(.init(rule: "a", index: 0))])
        #expect(evaluation.steps[0].stage == 1 && evaluation.steps[0].meeting == .outside([.proto]))
        let met = try ruleset([twice]).scopes[0].evaluate("tcp 192.0.2.1 -> 192.0.2.2:53")
        #expect(met.events == [.asked(.init(rule: "a", index: 0)), .asked(.init(rule: "a", index: 1))])
    }

    // MARK: - Marks

    @Test("A change of a mark is what it says: what is asked behind it is what was asked before", arguments: 0..<20)
    func markChanges(round: Int) {
        var random = SeededGenerator(seed: TestEnvironment.seed &+ UInt64(round))
        let isOfConnection = random.oneIn(2)
        let (value, mask) = (UInt32(random.number(0...7)), UInt32(random.number(0...7)))
        let asked = MaskedTest(mask: UInt32(random.number(0...7)), value: UInt32(random.number(0...7)))
        let change: Effect =
            isOfConnection ? .connectionMark(.set(value: value, mask: mask)) : .setMark(value: value, mask: mask)
        let asks: (inout Box, [MaskedTest<UInt32>]) -> Void = { box, tests in
            if isOfConnection { box.connectionMark = Presence(tests) } else { box.mark = tests }
        }
        // All marks before that the change leads to one that passes, one by one.
        let before = (0..<8).filter { asked.matches($0 & ~mask ^ value) }.map { mark in
            rule("b\(mark)", .drop) { asks(&$0, [MaskedTest(mask: 7, value: mark)]) }
        }
        let changed = [rule("c", .next, effects: [change]), rule("d", .drop) { asks(&$0, [asked]) }]
        #expect(prove(ruleset(changed), ruleset(before)) == [.equal(assuming: [])], "\(value) \(mask) \(asked)")
        let wrong = before.isEmpty ? [rule("w", .drop) { asks(&$0, [MaskedTest(mask: 7, value: 5)]) }] : []
        #expect(throws: Never.self) { try counterexample(prove(ruleset(changed), ruleset(wrong))) }
    }

    @Test("A mark that is restored from a connection is not followed, and never taken for what it was")
    func marksOfConnections() {
        let restores = rule(
            "a", .next, effects: [.connectionMark(.restore(connectionMask: .max, packetMask: .max))])
        let saves = rule("a", .next, effects: [.connectionMark(.save(connectionMask: .max, packetMask: .max))])
        let marked = rule("b", .drop) { $0.mark = [MaskedTest(mask: 1, value: 1)] }
        let connection = rule("b", .drop) { $0.connectionMark = Presence([MaskedTest(mask: 1, value: 1)]) }
        #expect(prove(ruleset([restores, marked]), ruleset([marked])) == [.undecided(.changedOnTheWay(.mark))])
        #expect(
            prove(ruleset([saves, connection]), ruleset([connection]))
                == [.undecided(.changedOnTheWay(.connectionMark))])
        #expect(prove(ruleset([saves, marked]), ruleset([marked])) == [.equal(assuming: [])])
        #expect(prove(ruleset([restores, marked]), ruleset([restores, marked])) == [.equal(assuming: [])])
    }

    @Test("The interpreter saves and restores marks, and leaves packets without an entry alone")
    func interpretedMarks() throws {
        let rules = [
            rule("a", .next, effects: [.connectionMark(.save(connectionMask: 0xff, packetMask: 0x0f))]),
            rule("b", .next, effects: [.setMark(value: 0, mask: .max)]),
            rule("c", .next, effects: [.connectionMark(.restore(connectionMask: 0xf0, packetMask: 0xff))]),
            rule("d", .drop) { $0.connectionMark = Presence([MaskedTest(mask: .max, value: 0x103)]) },
        ]
        let scope = ruleset(rules).scopes[0]
        let saved = try scope.evaluate("tcp 192.0.2.1 -> 192.0.2.2:80 mark 0x33 ctmark 0x1ff")
        #expect(saved.verdict == .drop && saved.mark == 0)
        let high = try scope.evaluate("tcp 192.0.2.1 -> 192.0.2.2:80 mark 0x1 ctmark 0xf0")
        #expect(high.verdict == .leave && high.steps.map(\.connectionMark) == [0xf0, 1, 1, 1])
        let lost = try scope.evaluate("tcp 192.0.2.1 -> 192.0.2.2:80 invalid mark 0x33")
        #expect(lost.verdict == .leave && lost.steps[3].meeting == .outside([.connectionMark]))
    }

    // MARK: - Queues, matches, effects

    @Test("A queue is a verdict of its own, and each queue another")
    func queues() throws {
        let queue = ruleset([rule("a", .queue(QueueTarget(1...1)))])
        for strictness in Strictness.allCases {
            for other in [Verdict.drop, .accept, .leave, .queue(QueueTarget(1...2))] {
                #expect(throws: Never.self) {
                    try counterexample(prove(queue, ruleset([rule("a", other)]), strictness))
                }
            }
        }
    }

    @Test("A negated match is what the match is not")
    func negatedMatches() throws {
        let match = OpaqueMatch.module(name: "string", options: ["x"])
        let both = [rule("a", .drop, opaque: [match]), rule("b", .drop, opaque: [.not(match)])]
        #expect(prove(ruleset(both), ruleset([rule("a", .drop)])) == [.equal(assuming: [])])
        let found = try counterexample(prove(ruleset([both[1]]), ruleset([])))
        #expect(found.circumstancesA.opaque == [match: false])
    }

    @Test("What a log line says, and what targets do, counts where effects do")
    func effects() throws {
        let plain = rule("a", .next, effects: [.log(prefix: "x", level: .info)])
        let others: [[Effect]] = [
            [.log(prefix: "x", level: .info, flags: .uid)], [.netlinkLog(NetlinkLog(group: 1))],
            [.module(name: "TCPMSS", options: [])], [.connectionMark(.set(value: 1, mask: 1))],
        ]
        for effects in others {
            let other = ruleset([rule("a", .next, effects: effects)])
            #expect(prove(ruleset([plain]), other) == [.equal(assuming: [])])
            #expect(throws: Never.self) { try counterexample(prove(ruleset([plain]), other, .effects)) }
        }
    }

    // MARK: - Numbers

    @Test("Numbers are told apart at their ends; only a link address can be missing")
    func numbers() throws {
        func asks(_ field: NumericField, _ values: ClosedRange<UInt64>, absent: Bool = false) -> Ruleset {
            ruleset([rule("a", .drop) { $0.numbers[field] = Presence(IntervalSet([values]), allowsAbsent: absent) }])
        }
        let found = try counterexample(prove(asks(.length, 100...200), asks(.length, 100...201)))
        #expect(found.packet.length == 201)
        #expect(prove(asks(.dscp, 0...63), ruleset([rule("a", .drop)])) == [.equal(assuming: [])])
        let whole: ClosedRange<UInt64> = 0...(1 << 48 - 1)
        let lacking = try counterexample(prove(asks(.sourceMAC, whole), ruleset([rule("a", .drop)])))
        #expect(lacking.packet.sourceMAC == nil && lacking.packet.isValid)
        #expect(prove(asks(.sourceMAC, whole, absent: true), ruleset([rule("a", .drop)])) == [.equal(assuming: [])])
    }

    @Test(
        "A thousand sources, each with its link address, are compared as they are, in another order and with one changed"
    )
    func linkAddresses() throws {
        let count = TestEnvironment.isLong ? 19_000 : 1000
        let own = Workloads.linkAddresses(rules: count)
        #expect(prove(own, Workloads.linkAddresses(rules: count, isReversed: true)) == [.equal(assuming: [])])
        var changed = own
        changed.scopes[0].chains[0].rules[count / 2].condition[0].numbers[.sourceMAC] = Presence(IntervalSet(1))
        let found = try counterexample(prove(own, changed))
        #expect(found.packet.source == .v4(0x0a00_0000 + UInt32(count / 2) * 3))
    }
}
