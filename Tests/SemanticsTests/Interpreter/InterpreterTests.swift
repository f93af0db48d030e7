import FirewallIR
import PacketModel
import Semantics
import Testing

@Suite("Interpreter")
struct InterpreterTests {
    private let dial = "tcp 203.0.113.9 -> 198.51.100.1:8080"

    // MARK: - Chains

    @Test("A jump comes back behind its rule, at the end of the chain and at a return")
    func jumps() throws {
        let scope = Scope.of([
            ("a", [rule("a1", .jump("b")), rule("a2", .jump("c")), rule("a3", .drop)]),
            ("b", [rule("b1", .return), rule("b2", .accept)]),
            ("c", [rule("c1", .next)]),
        ])
        let evaluation = try scope.evaluate(dial)
        #expect(evaluation.asked == ["a1", "b1", "a2", "c1", "a3"])
        #expect(evaluation.verdict == .drop && evaluation.decidedBy?.id == "a3")
    }

    @Test("A goto does not come back: the end of its chain leads to where its own was jumped from")
    func gotos() throws {
        let chains = [("b", [rule("b1", .goto("c")), rule("b2", .accept)]), ("c", [rule("c1", .next)])]
        let inner = Scope.of([("a", [rule("a1", .jump("b")), rule("a2", .drop)])] + chains)
        #expect(try inner.evaluate(dial).asked == ["a1", "b1", "c1", "a2"])
        let outer = try Scope.of([("a", [rule("a1", .goto("b")), rule("a2", .drop)])] + chains).evaluate(dial)
        #expect(outer.asked == ["a1", "b1", "c1"])
        #expect(outer.verdict == .leave && outer.decidedBy == nil)
    }

    @Test("A return of the entry chain leaves, and so does its end")
    func leaving() throws {
        let returned = try Scope.of([("a", [rule("a1", .return), rule("a2", .drop)])]).evaluate(dial)
        #expect(returned.verdict == .leave && returned.decidedBy?.id == "a1" && returned.asked == ["a1"])
        let ended = try Scope.of([("a", [rule("a1", .next)])]).evaluate(dial)
        #expect(ended.verdict == .leave && ended.decidedBy == nil)
    }

    @Test(
        "A leave, an accept, a drop and a reject end everything, from any depth",
        arguments: [
            (Verdict.leave, PacketVerdict.leave), (.accept, .accept), (.drop, .drop),
            (.reject(.tcpReset), .reject(.tcpReset)),
        ])
    func finalVerdicts(_ verdict: Verdict, _ meant: PacketVerdict) throws {
        let evaluation = try Scope.of([
            ("a", [rule("a1", .jump("b")), rule("a2", .drop)]), ("b", [rule("b1", .jump("c")), rule("b2", .drop)]),
            ("c", [rule("c1", verdict), rule("c2", .drop)]),
        ]).evaluate(dial)
        #expect(evaluation.verdict == meant && evaluation.decidedBy?.id == "c1")
    }

    @Test("A scope says nothing about packets of other families")
    func families() throws {
        let scope = Scope.of([("a", [rule("a1", .drop) { $0.families = .ip }])], families: .ip)
        #expect(try scope.evaluate("tcp [2001:db8::1]:1 -> [2001:db8::2]:2").asked == [])
        #expect(try scope.evaluate(dial).verdict == .drop)
        let both = Scope.of([("a", [rule("a1", .drop) { $0.families = .ip6 }])])
        #expect(try both.evaluate(dial).steps.map(\.meeting) == [.outside([.family])])
    }

    // MARK: - Guards and effects

    @Test("Guards are asked in order, only behind the condition, and until one refuses; each that is asked is used up")
    func guards() throws {
        let limit = Guard.limit(Limit(count: 1, unit: .minute))
        let quota = Guard.quota(bytes: 9)
        let scope = Scope.of([
            (
                "a",
                [
                    rule("a0", .drop, guards: [limit]) { $0.protocols = IntervalSet(17) },
                    rule("a1", .drop, guards: [limit, quota], effects: [.count]), rule("a2", .accept, guards: [quota]),
                ]
            )
        ])
        func place(_ id: String, _ index: Int) -> Circumstances.GuardPlace { .init(rule: id, index: index) }
        let passed = try scope.evaluate(dial)
        #expect(passed.events == [.asked(place("a1", 0)), .asked(place("a1", 1)), .effect(.count)])
        let refused = try scope.evaluate(dial, Circumstances(guards: [place("a1", 0): false]))
        #expect(refused.events == [.asked(place("a1", 0)), .asked(place("a2", 0))] && refused.verdict == .accept)
        #expect(refused.steps[1].meeting == .refused(limit))
        let usedUp = try scope.evaluate(dial, Circumstances(guards: [place("a2", 0): true], otherGuards: false))
        #expect(usedUp.matched == ["a2"])
    }

    @Test("Effects happen in order, and only if the rule matches")
    func effects() throws {
        let log = Effect.log(prefix: "x", level: .info)
        let scope = Scope.of([
            (
                "a",
                [
                    rule("a1", .next, effects: [.setMark(value: 1, mask: 3), log, .count]),
                    rule("a2", .next, effects: [log]) { $0.isLaterFragment = true }, rule("a3", .drop, effects: [log]),
                ]
            )
        ])
        let evaluation = try scope.evaluate(dial)
        #expect(
            evaluation.events == [
                .effect(.setMark(value: 1, mask: 3)), .effect(log), .effect(.count), .effect(log),
            ])
    }

    @Test("A mark that is set is seen by the rules behind, and keeps the bits outside of its mask")
    func marks() throws {
        let scope = Scope.of([
            (
                "a",
                [
                    rule("a1", .drop) { $0.mark = [MaskedTest(mask: 0xff, value: 0x12)] },
                    rule("a2", .next, effects: [.setMark(value: 2, mask: 0xf)]),
                    rule("a3", .drop) { $0.mark = [MaskedTest(mask: 0xff, value: 0x12)] },
                ]
            )
        ])
        let evaluation = try scope.evaluate(dial + " mark 0x1f")
        #expect(evaluation.matched == ["a2", "a3"] && evaluation.mark == 0x12)
        #expect(evaluation.steps.map(\.mark) == [0x1f, 0x1f, 0x12])
    }

    @Test("Opaque matches hold only where it is said; ends hold until their instant")
    func opaque() throws {
        let match = OpaqueMatch.module(name: "string", options: ["--string", "x"])
        let scope = Scope.of([("a", [rule("a1", .drop, guards: [.quota(bytes: 1)], opaque: [match])])])
        let failed = try scope.evaluate(dial)
        #expect(failed.steps[0].meeting == .failed(match) && failed.events == [])
        #expect(try scope.evaluate(dial, Circumstances(opaque: [match: true])).verdict == .drop)
        let ending = Scope.of([("a", [rule("a1", .drop, opaque: [.before(instant: 1_801_353_600)])])])
        #expect(try ending.evaluate(dial + " at 2027-01-30T23:59:59Z").verdict == .drop)
        #expect(try ending.evaluate(dial + " at 2027-01-31T00:00:00Z").verdict == .leave)
    }

    // MARK: - Absence

    @Test("A field that a packet lacks matches only where absence does", arguments: [false, true])
    func absence(_ allowsAbsent: Bool) throws {
        let scopes = [
            Scope.of([
                ("a", [rule("a1", .drop) { $0.destinationPort = Presence(.all, allowsAbsent: allowsAbsent) }])
            ]),
            Scope.of([("a", [rule("a1", .drop) { $0.icmp = Presence(.all, allowsAbsent: allowsAbsent) }])]),
            Scope.of([("a", [rule("a1", .drop) { $0.tcpFlags = Presence([], allowsAbsent: allowsAbsent) }])]),
            Scope.of([
                ("a", [rule("a1", .drop) { $0.originalDestinationPort = Presence(.all, allowsAbsent: allowsAbsent) }])
            ]),
            Scope.of([("a", [rule("a1", .drop) { $0.direction = Presence(.both, allowsAbsent: allowsAbsent) }])]),
        ]
        for scope in scopes {
            #expect((try scope.evaluate("gre 192.0.2.1 -> 192.0.2.2 invalid").verdict == .drop) == allowsAbsent)
        }
    }

    @Test("A later fragment has no header: no port matches, nor does a negated one")
    func laterFragments() throws {
        let box: (inout Box) -> Void = { $0.destinationPort = Presence(IntervalSet(UInt16(80)).complement) }
        let scope = Scope.of([
            ("a", [rule("a1", .drop, box), rule("a2", .reject(.noRoute)) { $0.isLaterFragment = true }])
        ])
        #expect(try scope.evaluate("udp 192.0.2.1:1 -> 192.0.2.2:81 untracked").verdict == .drop)
        #expect(try scope.evaluate("udp 192.0.2.1 -> 192.0.2.2 untracked fragment").verdict == .reject(.noRoute))
    }

    @Test("What was dialled is matched in the entry, whatever the packet's own protocol")
    func dialled() throws {
        let scope = Scope.of([
            ("a", [rule("a1", .drop) { $0.originalDestinationPort = Presence(IntervalSet(8080)) }])
        ])
        for words in ["", " to 172.17.0.2:80", " published reply", " related-icmp", " related-icmp original"] {
            #expect(try scope.evaluate(dial + words).verdict == .drop, "\(words)")
        }
        #expect(try scope.evaluate("tcp 203.0.113.9 -> 172.17.0.2:8080 invalid").verdict == .leave)
    }
}
