import FirewallIR
import PacketModel
import RulesetLab
import Semantics
import TestSupport
import Testing

@Suite("Random rule sets")
struct RandomRulesetTests {
    let seed = TestEnvironment.seed

    @Test("The same seed makes the same rule sets, another makes others")
    func seeds() {
        func texts(_ seed: UInt64) -> [String] {
            var generator = RandomRulesets(seed: seed)
            return (0..<20).map { _ in generator.pair().1.text }
        }
        #expect(texts(seed) == texts(seed))
        #expect(texts(seed) != texts(seed &+ 1))
    }

    @Test("They are valid, and use every field, verdict, guard and effect")
    func coverage() {
        var generator = RandomRulesets(seed: seed)
        var words: Set<String> = []
        for _ in 0..<300 {
            let ruleset = generator.ruleset()
            #expect(ruleset.validate().isEmpty, "\(ruleset.text)")
            #expect((1...40).contains(ruleset.ruleCount))
            for line in ruleset.text.split(separator: "\n") {
                words.formUnion(line.split { " {:/\"".contains($0) }.map(String.init))
            }
        }
        let expected = [
            "iif", "oif", "saddr", "daddr", "proto", "sport", "dport", "icmp", "flags", "fragment", "state", "dir",
            "status", "o.saddr", "o.daddr", "o.proto", "o.sport", "o.dport", "mark", "pkttype", "absent}", "|",
            "destination-type", "source-type-on-in", "source-type-on-out", "limit", "quota", "before", "string(--a)",
            "log", "count", "ctmark", "length", "hop-limit", "dscp", "source-mac", "nflog", "TCPMSS(--a)", "not",
            "queue",
            "recent(--n1)", "save", "restore", "policy", "input", "output", "next", "leave", "accept", "drop", "reject",
            "jump", "goto", "return", "never",
        ]
        #expect(expected.filter { !words.contains($0) } == [])
    }

    @Test("Packets are valid, and reach many rules")
    func packets() {
        var generator = RandomRulesets(seed: seed)
        var rules = 0
        var matched = 0
        for round in 0..<60 {
            let ruleset = generator.ruleset()
            let packets = RandomPackets(near: [ruleset])
            var met: Set<String> = []
            for scope in ruleset.scopes {
                guard let judge = Judge(ruleset, scope.hook) else { continue }
                for _ in 0..<200 {
                    let packet = packets.packet(&generator.random)
                    #expect(packet.isValid, "SEAWALL_TEST_SEED=\(seed), round \(round): \(packet)")
                    let evaluation = judge.evaluation(of: packet, packets.answers(&generator.random))
                    for case let step in evaluation.steps where step.meeting == .matched { met.insert(step.rule.id) }
                }
            }
            rules += ruleset.ruleCount
            matched += met.count
        }
        // Not all can be: rules lie behind one another, in chains that nothing leads to, and ask for what excludes itself.
        #expect(matched * 5 > rules * 2, "\(matched) of \(rules)")
    }

    @Test("Packets show all states and directions, with and without ports, and satisfy each assumption or not")
    func packetVariety() {
        var generator = RandomRulesets(seed: seed)
        let packets = RandomPackets(near: [generator.ruleset(), generator.ruleset()])
        let drawn = (0..<2000).map { _ in packets.packet(&generator.random) }
        #expect(drawn.reduce(into: ConntrackStateSet()) { $0.formUnion($1.state) } == .all)
        #expect(Set(drawn.map { $0.entry?.direction.rawValue }).count == 3)
        #expect(Set(drawn.map { $0.sourcePort == nil }).count == 2)
        #expect(drawn.contains { $0.isLaterFragment } && drawn.contains { $0.icmp != nil })
        for assumption in Assumption.allCases where assumption != .noOtherTable {
            let counts = drawn.filter { assumption.holds(for: $0) }.count
            #expect((200..<2000).contains(counts), "\(assumption): \(counts)")
        }
    }
}
