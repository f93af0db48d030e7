import Diagnostics
import FirewallIR
import PacketModel
import RulesetLab
import Semantics
import TestSupport
import Testing

/// Mistakes of the engine that random rule sets brought to light, each in its smallest form.
@Suite("Mistakes that were found")
struct FoundMistakesTests {
    private func rule(
        _ id: String, _ verdict: Verdict, effects: [Effect] = [], _ change: (inout Box) -> Void = { _ in }
    )
        -> FirewallRule
    {
        var box = Box()
        change(&box)
        return FirewallRule(
            id: id, origin: SourceLocation(file: "Policy.swift"), condition: [box], effects: effects, verdict: verdict)
    }

    private func ruleset(_ chains: [(String, [FirewallRule])]) -> Ruleset {
        let chains = chains.map { Chain(name: $0.0, rules: $0.1) }
        return Ruleset(
            name: "Found", scopes: [Scope(hook: .containers, families: .both, entry: chains[0].name, chains: chains)])
    }

    private func answers(_ a: Ruleset, _ b: Ruleset) -> [String] {
        var random = SeededGenerator(seed: TestEnvironment.seed)
        let options = ProofOptions()
        let report = ProveEquality.run(a, b, options)
        #expect(ProofCheck(a, b, options).faults(in: report, random: &random) == [])
        return report.scopes.map { scope in
            switch scope.answer {
            case .equal: "equal"
            case .different: "different"
            case .undecided: "undecided"
            }
        }
    }

    @Test("Rules that differ in a port differ in IPv6, too, where nothing is asked of fragments")
    func portsOfIPv6() {
        func drops(_ port: UInt16) -> Ruleset {
            ruleset([
                (
                    "entry",
                    [rule("a", .drop) { $0.destinationPort = Presence(IntervalSet(port)) }]
                )
            ])
        }
        #expect(answers(drops(22), drops(23)) == ["different", "different"])
        #expect(answers(drops(22), drops(22)) == ["equal", "equal"])
    }

    @Test("A new packet comes from the port of its connection, also where no rule asks for the direction")
    func newPacketOfAnotherPort() {
        let ports = { (box: inout Box) in
            box.protocols = IntervalSet(IPProtocol.tcp.rawValue)
            box.state = .new
            box.sourcePort = Presence(IntervalSet(1000))
            box.originalSourcePort = Presence(IntervalSet(2000))
        }
        let dials = { (box: inout Box) in
            box.protocols = IntervalSet(IPProtocol.tcp.rawValue)
            box.state = .established
            box.destinationPort = Presence(IntervalSet(80))
            box.originalDestinationPort = Presence(IntervalSet(8080))
        }
        let none = ruleset([("entry", [])])
        #expect(answers(ruleset([("entry", [rule("a", .drop, ports)])]), none) == ["equal", "equal"])
        // One that is translated may well be dialled at another port.
        #expect(answers(ruleset([("entry", [rule("a", .drop, dials)])]), none) == ["different", "different"])
    }

    @Test("An ICMP message that opens no connection may well belong to one, also where no rule asks for the state")
    func messagesThatAreNoRequests() {
        let unreachable = rule("a", .drop) { $0.icmp = Presence(IntervalSet(0x0300)) }
        let none = ruleset([("entry", [])])
        #expect(answers(ruleset([("entry", [unreachable])]), none) == ["different", "different"])
        let new = rule("a", .drop) {
            $0.icmp = Presence(IntervalSet(0x0300))
            $0.state = .new
        }
        #expect(answers(ruleset([("entry", [new])]), none) == ["equal", "equal"])
    }

    @Test("A chain sees the mark that the rule sets which leads to it", arguments: [true, false])
    func markBeforeChain(isGoto: Bool) {
        let marked = [Effect.setMark(value: 1, mask: 1)]
        let asks = rule("b", .drop) { $0.mark = [MaskedTest(mask: 1, value: 1)] }
        let through = ruleset([
            ("entry", [rule("a", isGoto ? .goto("next") : .jump("next"), effects: marked)]), ("next", [asks]),
        ])
        #expect(answers(through, ruleset([("entry", [rule("a", .drop)])])) == ["equal", "equal"])
        #expect(answers(through, ruleset([("entry", [asks])])) == ["different", "different"])
    }
}
