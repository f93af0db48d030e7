import FirewallIR
import RulesetLab
import Semantics
import TestSupport
import Testing

/// Proofs and the interpreter agree: on random rule sets, and on those that nearly or wholly mean the same.
@Suite("Proofs agree with the interpreter")
struct ProofAgreementTests {
    let seed = TestEnvironment.seed

    /// Small rule sets mostly, since in few rules each counts; the long tests have larger ones, and ask all three questions.
    @Test("On random pairs", arguments: 0..<10)
    func randomPairs(part: Int) {
        let rounds = 100 * TestEnvironment.rounds
        var answers = Answers()
        for round in part * rounds..<(part + 1) * rounds {
            let size = round.isMultiple(of: 50) ? 20 : TestEnvironment.isLong ? 10 : 4
            let all = Strictness.allCases
            check(UInt64(round), atMost: size, TestEnvironment.isLong ? all : [all[round % all.count]], &answers)
        }
        // A prover that hardly ever says one thing or the other is not tested.
        #expect(answers.equal > 20 && answers.different > 5, "\(answers)")
        #expect(answers.stopped * 5 < answers.equal + answers.different, "\(answers)")
    }

    private func check(_ round: UInt64, atMost size: Int, _ strictnesses: [Strictness], _ answers: inout Answers) {
        var generator = RandomRulesets(seed: seed &+ round &* 7919)
        generator.hasGuards = generator.random.oneIn(3)
        let (a, b, isSurelyEqual) = generator.pair(atMost: size)
        for strictness in strictnesses {
            // Little, so that what is hard is given up soon.
            let options = ProofOptions(strictness: strictness, budget: TestEnvironment.isLong ? 200_000 : 20_000)
            let report = ProveEquality.run(a, b, options)
            var check = ProofCheck(a, b, options)
            check.mayStop = true
            let faults = check.faults(in: report, random: &generator.random)
            #expect(faults == [], "SEAWALL_TEST_SEED=\(seed), round \(round):\n\(a.text)\(b.text)")
            for scope in report.scopes {
                answers.count(scope.answer)
                guard isSurelyEqual, case .different = scope.answer else { continue }
                Issue.record("SEAWALL_TEST_SEED=\(seed), round \(round): rewritten, yet different\n\(a.text)\(b.text)")
            }
        }
    }
}

/// How often each answer was given.
private struct Answers {
    var equal = 0
    var different = 0
    var undecided = 0
    var stopped = 0

    mutating func count(_ answer: ProofAnswer) {
        switch answer {
        case .equal: equal += 1
        case .different: different += 1
        case .undecided(.budget): stopped += 1
        case .undecided: undecided += 1
        }
    }
}
