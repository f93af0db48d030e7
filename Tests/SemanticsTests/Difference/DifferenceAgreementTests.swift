import FirewallIR
import PacketModel
import RulesetLab
import Semantics
import TestSupport
import Testing

/// What the boxes of a difference say is what the interpreter says, for every packet.
struct DifferenceAgreementTests {
    @Test(arguments: 0..<(60 * TestEnvironment.rounds)) func boxesAreDisjointAndComplete(round: Int) {
        let seed = TestEnvironment.seed &+ UInt64(round)
        var sets = RandomRulesets(seed: seed)
        sets.hasGuards = false
        let a = sets.ruleset(atMost: 8)
        var b = round % 3 == 0 ? sets.ruleset(atMost: 8) : Workloads.edits(of: a, count: 1 + round % 3, seed: seed)
        b.scopes[0].hook = a.scopes[0].hook
        let report = FindDifference.run(a, b, limit: .max)
        let isFollowed = !report.undecided.contains { if case .changedOnTheWay = $0.reason { true } else { false } }
        #expect(report.undecided.isEmpty == isFollowed && !report.isCut, "seed \(seed): \(report.undecided)")
        if isFollowed { check(report, a, b, seed: seed) }
    }

    private func check(_ report: DifferenceReport, _ a: Ruleset, _ b: Ruleset, seed: UInt64) {
        let families = report.compared[a.scopes[0].hook] ?? []
        let packets = RandomPackets(near: [a, b])
        let sides = [Interpreter(a.scopes[0]), Interpreter(b.scopes[0])]
        var random = RulesetLab.SeededGenerator(seed: seed)
        for _ in 0..<400 {
            let hook = a.scopes[0].hook
            var packet = packets.packet(&random).realistic.at(hook)
            if hook == .input || hook == .output { packet.addressTypes = [:] }
            guard families.contains(FamilySet(packet.family)), packet.isValid else { continue }
            let circumstances = Circumstances(opaque: packets.answers(&random).opaque)
            let verdicts = sides.map { $0.evaluate(packet, circumstances).verdict }
            let found = report.changes.filter { $0.box.contains(packet, circumstances) }
            let areAlike =
                verdicts[0] == verdicts[1]
                || hook != .containers && verdicts.allSatisfy { $0 == .leave || $0 == .accept }
            let isRight =
                areAlike
                ? found.isEmpty
                : found.count == 1 && found[0].was.verdict == verdicts[0] && found[0].now.verdict == verdicts[1]
            #expect(
                isRight,
                "seed \(seed): \(packet.sentence): \(verdicts), but in \(found.map(\.box))\n\(a.text)\n\(b.text)"
            )
            if !isRight { return }
        }
    }
}
