import Diagnostics
import FirewallIR
import PacketModel
import RulesetLab
import Semantics
import TestSupport
import Testing

/// What is said of expectations, beside random rule sets and packets that the interpreter judges.
@Suite("Expectations agree with the interpreter")
struct CheckExpectationTests {
    private static let now: Int64 = 1_800_000_000

    @Test("On random rule sets and regions", arguments: 0..<4)
    func random(part: Int) {
        var holding = 0
        var broken = 0
        let rounds = 60 * TestEnvironment.rounds
        for round in part * rounds..<(part + 1) * rounds {
            var generator = RandomRulesets(seed: TestEnvironment.seed &+ UInt64(round) &* 7919)
            var ruleset = generator.ruleset(atMost: 12)
            ruleset.scopes[0].hook = .containers
            let expectation = Self.expectation(&generator.random)
            let answer = CheckExpectation.run(expectation, in: ruleset, now: Self.now, budget: 200_000)
            let place = "SEAWALL_TEST_SEED=\(TestEnvironment.seed), round \(round): \(expectation)\n\(ruleset.text)"
            switch answer {
            case .broken(let counterproof):
                broken += 1
                #expect(expectation.packets.contains { $0.contains(counterproof.packet) }, "\(place)")
                #expect(!Self.isAsExpected(expectation, counterproof.evaluation.verdict), "\(place)")
            case .holds(let assumptions):
                holding += 1
                let exception = Self.exception(to: expectation, in: ruleset, assumptions, &generator.random)
                #expect(exception == nil, "\(place)")
            case .undecided(.unconfirmed(let packet)): Issue.record("unconfirmed: \(packet)\n\(place)")
            case .undecided, .empty: break
            }
        }
        #expect(holding > rounds / 20 && broken > rounds / 4, "\(holding) hold, \(broken) do not")
    }

    private static func expectation(_ random: inout SeededGenerator) -> FirewallIR.Expectation {
        let kind: RejectKind? = random.oneIn(2) ? nil : .portUnreachable
        return FirewallIR.Expectation(
            at: SourceLocation(file: "Policy.swift", line: 1), random.pick([.now, .always, .never]),
            random.pick([.allowed, .dropped, .rejected(kind)]),
            packets: (0..<random.number(1...2)).map { _ in random.box(in: .both) })
    }

    /// A packet among some thousand that is treated otherwise.
    private static func exception(
        to expectation: FirewallIR.Expectation, in ruleset: Ruleset, _ assumptions: [Assumption],
        _ random: inout SeededGenerator
    ) -> PacketState? {
        guard let judge = Judge(ruleset, .containers) else { return nil }
        var region = ruleset
        region.scopes[0].chains[0].rules.append(
            FirewallRule(
                id: "region00", origin: expectation.origin, condition: expectation.packets, verdict: .next))
        let packets = RandomPackets(near: [region])
        for _ in 0..<500 {
            var packet = packets.packet(&random)
            var circumstances = judge.circumstances(packets.answers(&random))
            if expectation.form == .now {
                packet.time = now
                circumstances.guards = [:]
            }
            let isMeant =
                expectation.packets.contains { $0.contains(packet) } && assumptions.allSatisfy { $0.holds(for: packet) }
            let verdict = judge.evaluation(of: packet, circumstances).verdict
            if isMeant && !isAsExpected(expectation, verdict) { return packet }
        }
        return nil
    }

    private static func isAsExpected(_ expectation: FirewallIR.Expectation, _ verdict: PacketVerdict) -> Bool {
        let isOutcome =
            switch (expectation.outcome, verdict) {
            case (.allowed, .leave), (.allowed, .accept), (.dropped, .drop), (.rejected(nil), .reject): true
            case (.rejected(let wanted?), .reject(let kind)): wanted == kind
            default: false
            }
        return isOutcome != (expectation.form == .never)
    }
}
