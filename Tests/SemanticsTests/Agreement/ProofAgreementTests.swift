import FirewallIR
import RulesetLab
import Semantics
import TestSupport
import Testing

/// Both representations of diagrams and the interpreter agree: on random rule sets, and on those that nearly or wholly mean the same.
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
        #expect(answers.packets > 10 * rounds && answers.cancelled > 20, "\(answers)")
        #expect(answers.stopped * 5 < answers.equal + answers.different, "\(answers)")
    }

    private func check(_ round: UInt64, atMost size: Int, _ strictnesses: [Strictness], _ answers: inout Answers) {
        var generator = RandomRulesets(seed: seed &+ round &* 7919)
        generator.hasGuards = generator.random.oneIn(3)
        let (a, b, isSurelyEqual) = generator.pair(atMost: size)
        for strictness in strictnesses {
            let context: Comment = "SEAWALL_TEST_SEED=\(seed), round \(round):\n\(a.text)\(b.text)"
            var reports: [ProofReport] = []
            for representation in ProofOptions.Representation.allCases {
                // Little, so that what is hard is given up soon.
                let options = ProofOptions(
                    strictness: strictness, budget: TestEnvironment.isLong ? 200_000 : 20_000,
                    representation: representation)
                let report = ProveEquality.run(a, b, options)
                // Both say the same, as is seen below, so packets need not be tried twice.
                var check = ProofCheck(a, b, options, packets: representation == .digits ? 60 : 5)
                check.mayStop = true
                #expect(check.faults(in: report, random: &generator.random) == [], context)
                reports.append(report)
            }
            compare(reports, isSurelyEqual: isSurelyEqual, context, &answers)
            var residual = ResidualCheck(a, b, strictness)
            #expect(reports.flatMap { residual.faults(in: $0, random: &generator.random) } == [], context)
            answers.cancelled += residual.applied
            var classes = ClassCheck(a, b, limit: TestEnvironment.isLong ? 200 : 30)
            let representation = ProofOptions.Representation.allCases[Int(round % 2)]
            #expect(classes.faults(in: reports[0], strictness, representation) == [], context)
            answers.packets += classes.packets
        }
    }

    /// Both representations say the same, unless one of them was given up.
    private func compare(
        _ reports: [ProofReport], isSurelyEqual: Bool, _ context: Comment, _ answers: inout Answers
    ) {
        for (one, other) in zip(reports[0].scopes, reports[1].scopes) {
            answers.count(one.answer)
            if let kind = one.answer.kind, let otherKind = other.answer.kind { #expect(kind == otherKind, context) }
            guard isSurelyEqual, case .different = one.answer else { continue }
            Issue.record("rewritten, yet different: \(context)")
        }
    }
}

extension ProofAnswer {
    /// The answer without its example, which is one of many; `nil` where the budget was used up.
    fileprivate var kind: String? {
        switch self {
        case .equal(let assumptions): "equal, assuming \(assumptions.map(\.rawValue))"
        case .different: "different"
        case .undecided(.budget), .undecided(.tooManyMarks): nil
        case .undecided(.severalScopes): "several scopes"
        case .undecided(.changedOnTheWay(let change)): "changed: \(change)"
        case .undecided(.askedTwice): "asked twice"
        case .undecided(.unrelated): "unrelated"
        case .undecided(.unconfirmed): "unconfirmed"
        }
    }
}

/// How often each answer was given.
private struct Answers {
    var equal = 0
    var different = 0
    var undecided = 0
    var stopped = 0
    /// How many packets of classes were judged.
    var packets = 0
    /// How often common rules could be cancelled.
    var cancelled = 0

    mutating func count(_ answer: ProofAnswer) {
        switch answer {
        case .equal: equal += 1
        case .different: different += 1
        case .undecided(.budget): stopped += 1
        case .undecided: undecided += 1
        }
    }
}
