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
                + "was \(change.was.words), is \(change.now.words): \(causes.joined(separator: ", "))"
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
}
