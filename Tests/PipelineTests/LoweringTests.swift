import FirewallIR
import IPTablesBackend
import NFTablesBackend
import PacketModel
import RulesetLab
import TestSupport
import Testing

/// Both backends do with each packet what the IR says: the same verdict, the same log lines and marks, each guard asked as often.
struct LoweringTests {
    @Test func randomRulesetsKeepTheirMeaning() throws { try check(rulesets: 600, allowsAbsence: false) }

    @Test func randomRulesetsThatMatchTheAbsenceOfAnEntryKeepTheirMeaning() throws {
        try check(rulesets: 300, allowsAbsence: true)
    }

    private func check(rulesets: Int, allowsAbsence: Bool) throws {
        let seed = TestEnvironment.seed
        var lowered = 0
        for round in 0..<rulesets * TestEnvironment.rounds {
            var generator = RandomRuleset(
                random: SeededGenerator(seed: seed &+ UInt64(round)), allowsAbsence: allowsAbsence)
            let ruleset = generator.ruleset()
            let comparison = BackendComparison(ruleset)
            lowered += comparison.lowered
            let boxes = ruleset.scopes.flatMap(\.chains).flatMap(\.rules).flatMap(\.condition)
            for _ in 0..<40 {
                let packet = generator.random.packet(near: generator.random.pick(boxes))
                if let difference = comparison.difference(packet) {
                    Issue.record("SEAWALL_TEST_SEED=\(seed), round \(round):\n\(difference)")
                    return
                }
            }
        }
        // A test that refuses everything would prove nothing.
        #expect(lowered > rulesets)
    }
}

/// The programs of both backends for a rule set, where they can express it.
struct BackendComparison {
    let ruleset: Ruleset
    private let oracle: RulesetOracle
    private let iptables: [AddressFamily: IPTablesProgram]
    private let nft: NFTTable?

    init(_ ruleset: Ruleset) {
        self.ruleset = ruleset
        oracle = RulesetOracle(ruleset: ruleset)
        var programs: [AddressFamily: IPTablesProgram] = [:]
        for family in AddressFamily.allCases { programs[family] = try? LowerToIPTables.lower(ruleset, family: family) }
        iptables = programs
        nft = try? LowerToNFTables.lower(ruleset, acceptMark: Self.acceptMark).table
    }

    static let acceptMark = AcceptMark(value: 0x10000, mask: 0x10000)

    /// How many of the three could be made.
    var lowered: Int { iptables.count + (nft == nil ? 0 : 1) }

    /// What a backend does else than the IR says, in full; `nil` if nothing.
    func difference(_ packet: Packet) -> String? {
        let meant = oracle.outcome(of: packet)
        if let program = iptables[packet.family] {
            let done = IPTablesOracle(program: program).outcome(of: packet)
            if done != meant {
                return report(packet, meant, done, program.document(layout: .dockerUser, header: []).text)
            }
        }
        if let nft {
            var done = NFTablesOracle(table: nft).outcome(of: packet)
            // *Accept* is the mark that Docker accepts.
            if meant.verdict == .accept, done.verdict == .leave, let mark = Self.acceptMark,
                done.events.last == .mark(value: mark.value, mask: mark.mask)
            {
                done.events.removeLast()
                done.verdict = .accept
            }
            if done != meant { return report(packet, meant, done, NFTDocument(table: nft).text(header: [])) }
        }
        return nil
    }

    private func report(_ packet: Packet, _ meant: Outcome, _ done: Outcome, _ text: String) -> String {
        let text = text.split(separator: "\n").prefix(80).joined(separator: "\n")
        let all = "packet  \(packet)\nmeant   \(meant)\ndone    \(done)\n\(ruleset.text)\n\(text)"
        return all.replacing("PacketModel.", with: "").replacing("PipelineTests.", with: "").replacing(
            "Optional", with: "")
    }
}
