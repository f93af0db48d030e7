import FirewallIR
import PacketModel
import Semantics
import Testing

/// What changes between two rule sets, as people read it.
struct DifferenceTests {
    private static func inbound(_ id: String, _ verdict: Verdict, _ restrict: (inout Box) -> Void = { _ in })
        -> FirewallRule
    {
        rule(id, verdict) { box in
            box.inInterface = InterfaceSet([.exact("eth0")])
            restrict(&box)
        }
    }

    private static func tcp(_ id: String, _ port: UInt16, _ verdict: Verdict, from source: String? = nil)
        -> FirewallRule
    {
        inbound(id, verdict) { box in
            box.protocols = IntervalSet(6)
            box.originalDestinationPort = Presence(IntervalSet(port))
            box.source = source.map { addresses($0) }
        }
    }

    private static func addresses(_ text: String) -> IPAddressSet {
        IPAddressSet(text.split(separator: " ").compactMap { try? IPAddressRange(text: $0) })
    }

    private static let replies = inbound("replies", .leave) { $0.direction = Presence(.reply) }
    private static let rest = inbound("rest", .drop)

    private static func ruleset(_ rules: [FirewallRule]) -> Ruleset {
        Ruleset(name: "Test", scopes: [.of([("entry", [replies] + rules)])])
    }

    private static func lines(
        _ a: [FirewallRule], _ b: [FirewallRule], _ strictness: Strictness = .reject
    ) -> [String] {
        let report = FindDifference.run(ruleset(a), ruleset(b), ProofOptions(strictness: strictness))
        #expect(report.undecided.isEmpty && !report.isCut && report.unlisted == 0)
        return report.changes.map { change in
            let causes = change.causes.map { "\($0.now?.id ?? "-") (\($0.was?.id ?? "-"))" }
            return "\(change.box.service): \(change.box.conditions(.both).joined(separator: ", ")): "
                + "was \(change.was.words(at: change.hook)), is \(change.now.words(at: change.hook)): \(causes.joined(separator: ", "))"
        }
    }

    @Test func onePortAdded() {
        let a = [Self.tcp("web", 443, .leave), Self.rest]
        let b = [Self.tcp("web", 443, .leave), Self.tcp("new", 8080, .leave), Self.rest]
        #expect(Self.lines(a, b) == ["tcp 8080: from anywhere, entering at eth0: was dropped, is allowed: new (rest)"])
        #expect(Self.lines(a, a) == [])
    }

    @Test func oneSourceRemoved() {
        let a = [Self.tcp("web", 443, .leave, from: "203.0.113.0/24 2001:db8::/32"), Self.rest]
        let b = [Self.tcp("web", 443, .leave, from: "203.0.113.128/25"), Self.rest]
        #expect(
            Self.lines(a, b) == [
                "tcp 443: from 203.0.113.0/25, 2001:db8::/32, entering at eth0: was allowed, is dropped: rest (web)"
            ])
    }

    @Test func wholeScopeChanged() {
        #expect(
            Self.lines([], [Self.rest]) == [
                "all services: from anywhere, entering at eth0, also related ICMP errors to the container and packets without a conntrack entry: was allowed, is dropped: rest (-)"
            ])
    }

    @Test func rejectKindChanged() {
        let web = Self.tcp("ident", 113, .reject(.tcpReset))
        #expect(
            Self.lines([web, Self.rest], [Self.tcp("ident", 113, .reject(.adminProhibited)), Self.rest]) == [
                "tcp 113: from anywhere, entering at eth0: was rejected (tcp-reset), is rejected (admin-prohibited): ident (ident)"
            ])
        #expect(Self.lines([web, Self.rest], [Self.rest], .verdict) == [])
    }

    @Test func interfaceAdded() {
        let bridges = rule("bridges", .drop) { $0.inInterface = InterfaceSet([.prefix("br-")]) }
        let but = rule("but", .leave) { $0.inInterface = InterfaceSet([.exact("br-app")]) }
        #expect(
            Self.lines([Self.rest], [but, bridges, Self.rest]) == [
                "all services: from anywhere, entering at br-* but br-app, whatever conntrack says: was allowed, is dropped: bridges (-)"
            ])
    }

    @Test func endChangedFromAllowToDrop() {
        let rules = [Self.tcp("web", 443, .leave), Self.tcp("office", 8080, .leave, from: "203.0.113.0/24")]
        let changes = Self.lines(rules, rules + [Self.rest])
        #expect(
            changes.first
                == "tcp 8080: from anywhere but 203.0.113.0/24, entering at eth0, over IPv4: was allowed, is dropped: rest (-)"
        )
        #expect(
            changes.dropFirst().first
                == "tcp any but 443 and 8080: from anywhere, entering at eth0, over IPv4: was allowed, is dropped: rest (-)"
        )
        #expect(changes.count == 5, "\(changes)")
    }

    @Test func ruleMoved() {
        let block = Self.inbound("block", .drop) { $0.source = Self.addresses("192.0.2.0/24") }
        let web = Self.tcp("web", 443, .leave)
        #expect(
            Self.lines([block, web, Self.rest], [web, block, Self.rest]) == [
                "tcp 443: from 192.0.2.0/24, entering at eth0: was dropped, is allowed: web (block)"
            ])
        #expect(Self.lines([block, Self.tcp("x", 1, .drop), web], [Self.tcp("x", 1, .drop), block, web]) == [])
    }

    @Test func logLinesCountWhereEffectsDo() {
        let logged = rule("rest", .drop, effects: [.log(prefix: "x ", level: .warning)]) {
            $0.inInterface = InterfaceSet([.exact("eth0")])
        }
        #expect(Self.lines([Self.rest], [logged]) == [])
        #expect(
            Self.lines([Self.rest], [logged], .effects).first?.hasSuffix(
                "was dropped, is dropped, logged \"x \": rest (rest)") == true)
    }

    @Test func manyBoxesAreCountedAndNotListed() {
        let a = (0..<40).map { Self.tcp("a\($0)", UInt16($0 * 2 + 1), .leave, from: "10.0.\($0).0/24") } + [Self.rest]
        let report = FindDifference.run(Self.ruleset(a), Self.ruleset([Self.rest]), limit: 10)
        #expect(report.changes.count == 10 && report.unlisted == 30 && !report.isCut)
    }
}
