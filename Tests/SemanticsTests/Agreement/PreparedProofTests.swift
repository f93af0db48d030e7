import FirewallIR
import PacketModel
import RulesetLab
import Semantics
import TestSupport
import Testing

/// What is worked out before the other side is known says what a proof of both sides says, or nothing.
@Suite("Prepared proofs")
struct PreparedProofTests {
    let seed = TestEnvironment.seed

    @Test("A rule set is plainly equal to its sets", arguments: ProofOptions.Representation.allCases)
    func sets(representation: ProofOptions.Representation) throws {
        let options = ProofOptions(representation: representation)
        for families in [FamilySet.ip, .both] {
            let rules = Workloads.policyShaped(rules: 300, families: families)
            let sets = Workloads.setTranslation(of: rules)
            #expect(rules != sets)
            for family in families.families {
                #expect(try equal(rules.scopes[0], sets.scopes[0], family, options))
            }
        }
    }

    @Test("A rule that is missing is not equal")
    func missingRule() throws {
        let rules = Workloads.policyShaped(rules: 300, families: .ip)
        for index in [0, 1, 150, 299] {
            var other = rules
            other.scopes[0].chains[0].rules.remove(at: index)
            let proof = ProveEquality.run(rules.scopes[0], other.scopes[0], family: .ip)
            if case .equal = proof { continue }
            #expect(try !equal(rules.scopes[0], other.scopes[0], .ip))
        }
    }

    @Test("A value that the first side does not know is left to the proof of both")
    func unknownValue() throws {
        let rules = Workloads.policyShaped(rules: 50, families: .ip)
        var other = rules
        var box = other.scopes[0].chains[0].rules[20].condition[0]
        box.source = IPAddressSet([IPAddressRange(IPAddress.v4(0x0102_0304))])
        other.scopes[0].chains[0].rules[20].condition.append(box)
        #expect(try !equal(rules.scopes[0], other.scopes[0], .ip))
        box.source = nil
        box.mark = [MaskedTest(mask: 1, value: 1)]
        other.scopes[0].chains[0].rules[20].condition[1] = box
        #expect(try !equal(rules.scopes[0], other.scopes[0], .ip))
    }

    @Test("Whoever asks a second time is told nothing")
    func askedTwice() throws {
        let scope = Workloads.policyShaped(rules: 30, families: .ip).scopes[0]
        let half = try #require(PreparedProof(scope, family: .ip))
        #expect(half.isPlainlyEqual(to: scope))
        #expect(!half.isPlainlyEqual(to: scope))
    }

    @Test("What is given up answers nothing: neither that rules are equal nor that they differ")
    func givenUp() async {
        let rules = Workloads.policyShaped(rules: 300, families: .ip)
        let sets = Workloads.setTranslation(of: rules)
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            let answer = ProveEquality.run(rules.scopes[0], sets.scopes[0], family: .ip)
            return (PreparedProof(rules.scopes[0], family: .ip) == nil, answer)
        }
        task.cancel()
        let (hasNone, answer) = await task.value
        #expect(hasNone && answer == .undecided(.budget(ProofOptions().budget)))
    }

    @Test("Rules that are the same one by one need no preparation")
    func same() {
        let rules = Workloads.policyShaped(rules: 30, families: .ip)
        var other = rules
        #expect(ProveEquality.areSame(rules.scopes[0], other.scopes[0]))
        other.scopes[0].chains[0].rules.swapAt(3, 4)
        #expect(!ProveEquality.areSame(rules.scopes[0], other.scopes[0]))
        other = rules
        other.scopes[0].policy = .drop
        #expect(!ProveEquality.areSame(rules.scopes[0], other.scopes[0]))
    }

    @Test("What depends on more than the packet is not prepared")
    func guards() {
        var rules = Workloads.policyShaped(rules: 10, families: .ip)
        rules.scopes[0].chains[0].rules[3].guards = [.limit(Limit(count: 1, unit: .second))]
        #expect(PreparedProof(rules.scopes[0], family: .ip) == nil)
        rules.scopes[0].chains[0].rules[3].guards = []
        rules.scopes[0].chains[0].rules[3].effects = [.setMark(value: 1, mask: 1)]
        #expect(PreparedProof(rules.scopes[0], family: .ip) == nil)
    }

    /// Half of the pairs are nearly equal, or the same in other words.
    @Test("Equal to it is what a proof calls equal without assuming anything", arguments: 0..<4)
    func randomPairs(part: Int) {
        var (equal, others) = (0, 0)
        for round in part * 100..<(part + 1) * 100 {
            var generator = RandomRulesets(seed: seed &+ UInt64(round) &* 104_729)
            let (a, b, _) = generator.pair(atMost: 6)
            let options = ProofOptions(
                strictness: Strictness.allCases[round % Strictness.allCases.count], budget: 100_000)
            for proof in ProveEquality.run(a, b, options).scopes {
                guard let one = scope(a, proof), let other = scope(b, proof) else { continue }
                let half = PreparedProof(one, family: proof.family, options)
                if half?.isPlainlyEqual(to: other) == true {
                    equal += 1
                    #expect(proof.answer == .equal(assuming: []), "round \(round):\n\(a.text)\(b.text)")
                } else {
                    others += 1
                }
            }
        }
        #expect(equal > 10 && others > 10, "\(equal) equal, \(others) not")
    }

    private func scope(_ ruleset: Ruleset, _ proof: ScopeProof) -> Scope? {
        ruleset.scopes.first { $0.hook == proof.hook && $0.families.contains(FamilySet(proof.family)) }
    }

    private func equal(
        _ a: Scope, _ b: Scope, _ family: AddressFamily, _ options: ProofOptions = ProofOptions()
    ) throws -> Bool {
        try #require(PreparedProof(a, family: family, options)).isPlainlyEqual(to: b)
    }
}
