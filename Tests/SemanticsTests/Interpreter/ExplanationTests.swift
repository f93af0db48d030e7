import Diagnostics
import FirewallIR
import PacketModel
import Semantics
import Testing

@Suite("Explanation")
struct ExplanationTests {
    private func explain(_ text: String, _ rules: [FirewallRule], _ circumstances: Circumstances = .usual) throws
        -> Explanation
    {
        let packet = try PacketText.parse(text)
        let scope = Scope.of([("a", rules), ("b", [])])
        return Explanation(packet, Interpreter(scope).evaluate(packet, circumstances))
    }

    /// Why a rule does not match.
    private func reason(_ text: String, _ restrict: @escaping (inout Box) -> Void) throws -> String {
        let explanation = try explain(text, [rule("r", .drop, restrict)])
        return explanation.outcome(explanation.evaluation.steps[0])
    }

    @Test("Each rule has a line, then comes the verdict")
    func lines() throws {
        let explanation = try explain(
            "tcp 203.0.113.9 -> 198.51.100.1:8080",
            [
                rule("first", .leave) { $0.originalDestinationPort = Presence(IntervalSet(443)) },
                rule("second", .jump("b")),
                rule(
                    "third", .next, guards: [.limit(Limit(count: 10, unit: .minute))],
                    effects: [.log(prefix: "x ", level: .info)]),
                rule("fourth", .reject(.adminProhibited), comment: "why"),
            ])
        #expect(
            explanation.lines() == [
                "no   Policy.swift:7  [first]  destination port dialled is 8080, the rule wants 443",
                "yes  Policy.swift:7  [second]  asks chain b",
                "yes  Policy.swift:7  [third]  logs \"x \", goes on to the next rule",
                "yes  Policy.swift:7  [fourth]  rejects it with admin-prohibited",
            ])
        #expect(explanation.lines(matchedOnly: true).count == 3)
        #expect(explanation.conclusion() == "rejected with admin-prohibited by Policy.swift:7 [fourth] \"why\"")
        #expect(explanation.takenForGranted == ["limit 10/minute burst 5 is not used up"])
        let moved = explanation.conclusion { SourceLocation(file: "host/" + $0.file, line: $0.line) }
        #expect(moved.hasPrefix("rejected with admin-prohibited by host/Policy.swift:7 "))
    }

    @Test("A field that fails is named with what the packet has and what the rule wants")
    func fields() throws {
        let dial = "tcp 203.0.113.9 -> 198.51.100.1:8080"
        #expect(
            try reason(dial) { $0.inInterface = InterfaceSet([.exact("eth1"), .prefix("br-")]) }
                == "in-interface is eth0, the rule wants br-* or eth1")
        #expect(
            try reason(dial) { $0.outInterface = InterfaceSet([.exact("docker0")], isNegated: true) }
                == "out-interface is docker0, the rule wants any but docker0")
        #expect(
            try reason(dial) { $0.protocols = IntervalSet([17...17, 58...58]) }
                == "protocol is tcp, the rule wants udp or 58")
        #expect(
            try reason(dial) { $0.source = IPAddressSet(v6: .all) }
                == "source is 203.0.113.9, the rule wants no IPv4 address")
        #expect(
            try reason(dial) { $0.source = IPAddressSet([IPAddressRange(.v4(0xcb00_7109))]).complement }
                == "source is 203.0.113.9, the rule wants any but 203.0.113.9")
        #expect(
            try reason(dial) { $0.sourcePort = Presence(IntervalSet([0...1023, 1234...1234])) }
                == "source port is 40000, the rule wants 0-1023 or 1234")
        #expect(
            try reason(dial) { $0.icmp = Presence(IntervalSet(0x0800)) }
                == "there is no ICMP type, the rule wants echo-request")
        #expect(
            try reason(dial) { $0.tcpFlags = Presence([MaskedTest(mask: 0x12, value: 0x12)]) }
                == "TCP flags are syn, the rule wants syn,ack")
        #expect(
            try reason(dial) { $0.state = [.established, .related] }
                == "connection state is new, the rule wants established or related")
        #expect(
            try reason(dial) { $0.status = Presence([MaskedTest(mask: 32, value: 0, isNegated: true)]) }
                == "connection status is none, the rule wants dnat")
        #expect(
            try reason(dial + " published") { $0.status = Presence([MaskedTest(mask: 32, value: 0)]) }
                == "connection status is dnat, the rule wants no dnat")
        #expect(
            try reason(dial) { $0.mark = [MaskedTest(mask: 0xff, value: 1)] }
                == "mark is 0x0, the rule wants 0x1 of 0xff")
        #expect(try reason(dial) { $0.packetType = .broadcast } == "packet type is host, the rule wants broadcast")
        #expect(
            try reason(dial) { $0.addressTypes = [AddressTypeTest(.destination, .local, interface: .in)] }
                == "address type is unicast (destination in), the rule wants local")
        #expect(
            try reason(dial) { $0.isLaterFragment = true }
                == "fragment is the first or none, the rule wants a later one")
        #expect(
            try reason("gre 192.0.2.1 -> 192.0.2.2 invalid") { $0.originalDestinationPort = Presence(IntervalSet(80)) }
                == "there is no destination port dialled, the rule wants 80")
    }

    @Test("Long lists are cut, alternatives for the other family are passed over")
    func longLists() throws {
        let many = IPAddressSet(v4: IntervalSet((1...10_000).map { UInt32($0 * 2)...UInt32($0 * 2) }))
        #expect(
            try reason("tcp 203.0.113.9 -> 198.51.100.1:8080") { $0.source = many }
                == "source is 203.0.113.9, the rule wants 0.0.0.2, 0.0.0.4, 0.0.0.6, 0.0.0.8 or one of 9996 more")
        var four = Box()
        four.protocols = IntervalSet(1)
        var six = Box()
        six.families = .ip6
        var both = rule("r", .drop)
        both.condition = [four, six]
        let explanation = try explain("udp 192.0.2.1 -> 192.0.2.2:1", [both])
        #expect(explanation.outcome(explanation.evaluation.steps[0]) == "protocol is udp, the rule wants icmp")
        both.condition = []
        let never = try explain("udp 192.0.2.1 -> 192.0.2.2:1", [both])
        #expect(never.outcome(never.evaluation.steps[0]) == "the rule matches no packet")
    }

    @Test("The mark is the one that the rule met")
    func marks() throws {
        let explanation = try explain(
            "udp 192.0.2.1 -> 192.0.2.2:1",
            [
                rule("a", .next, effects: [.setMark(value: 2, mask: .max)]),
                rule("b", .drop) { $0.mark = [MaskedTest(mask: .max, value: 1)] },
            ])
        #expect(explanation.outcome(explanation.evaluation.steps[1]) == "mark is 0x2, the rule wants 0x1")
    }

    @Test("Guards, ends and opaque matches are reasons, too")
    func otherReasons() throws {
        let match = OpaqueMatch.module(name: "string", options: ["--string", "x"])
        let explanation = try explain(
            "udp 192.0.2.1 -> 192.0.2.2:1 at 2027-01-31T00:00:00Z",
            [
                rule("a", .drop, opaque: [.before(instant: 1_801_353_600)]), rule("b", .drop, opaque: [match]),
                rule("c", .drop, guards: [.quota(bytes: 5)]),
            ], Circumstances(otherGuards: false))
        #expect(
            explanation.evaluation.steps.map(explanation.outcome) == [
                "it ended at 2027-01-31T00:00:00Z", "the match 'string(--string x)' is taken not to hold",
                "quota 5 bytes is used up",
            ])
        #expect(explanation.asksClock)
        #expect(explanation.takenForGranted == ["'string(--string x)' does not hold", "quota 5 bytes is used up"])
        #expect(explanation.conclusion() == "handed on to Docker (leave): no rule decided")
    }

    @Test("Of a rule with stages, the one that fails is named, and what was asked before")
    func stages() throws {
        var staged = rule("r", .drop, guards: [.quota(bytes: 5)]) { $0.protocols = IntervalSet(6) }
        let match = OpaqueMatch.not(.module(name: "string", options: ["x"]))
        staged.stages = [
            RuleStage(condition: [Box()], opaque: [match], guards: [.limit(Limit(count: 1, unit: .second))]),
            RuleStage(condition: [Box().asking(.length, 100)]),
        ]
        let explanation = try explain("tcp 192.0.2.1 -> 192.0.2.2:80", [staged])
        #expect(explanation.outcome(explanation.evaluation.steps[0]) == "length is 60, the rule wants 100")
        #expect(
            explanation.doings() == ["asks quota 5 bytes, asks limit 1/second burst 5 at Policy.swift:7 [r]"])
        #expect(
            explanation.takenForGranted == [
                "quota 5 bytes is not used up", "'string(x)' does not hold", "limit 1/second burst 5 is not used up",
            ])
        let held = try explain(
            "tcp 192.0.2.1 -> 192.0.2.2:80", [staged],
            Circumstances(opaque: [.module(name: "string", options: ["x"]): true]))
        #expect(held.outcome(held.evaluation.steps[0]) == "the match 'string(x)' is taken to hold")
        #expect(held.takenForGranted == ["quota 5 bytes is not used up", "'string(x)' holds"])
        let refused = try explain(
            "tcp 192.0.2.1 -> 192.0.2.2:80", [staged],
            Circumstances(guards: [Circumstances.GuardPlace(rule: "r", index: 1): false]))
        #expect(
            refused.doings() == [
                "asks quota 5 bytes, asks limit 1/second burst 5, which refuses at Policy.swift:7 [r]"
            ])
    }

    @Test("At other hooks, what leaves is accepted by the base chain, and the policy is named where it decides")
    func hooks() throws {
        func conclusion(_ rules: [FirewallRule], _ policy: Verdict, _ hook: Scope.Hook) throws -> String {
            let scope = Scope(
                hook: hook, families: .both, entry: "a", chains: [Chain(name: "a", rules: rules)], policy: policy)
            let packet = try PacketText.parse("tcp 192.0.2.1 -> 192.0.2.2:80").at(hook)
            return Explanation(packet, Interpreter(scope).evaluate(packet)).conclusion()
        }
        #expect(try conclusion([], .leave, .containers) == "handed on to Docker (leave): no rule decided")
        #expect(try conclusion([], .drop, .input) == "dropped: no rule decided, so the policy holds")
        #expect(
            try conclusion([rule("r", .leave)], .drop, .input)
                == "accepted by this base chain (leave) by Policy.swift:7 [r]")
        #expect(try conclusion([rule("r", .return)], .drop, .output) == "dropped by Policy.swift:7 [r]")
    }
}

extension Box {
    fileprivate func asking(_ field: NumericField, _ value: UInt64) -> Box {
        var box = self
        box.numbers[field] = Presence(IntervalSet(value))
        return box
    }
}
