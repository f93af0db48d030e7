import FirewallIR
import PacketModel
import RulesetLab
import Semantics
import TestSupport
import Testing

@Suite("Workloads")
struct WorkloadTests {
    let seed = TestEnvironment.seed

    @Test("They are the same for the same seed, valid, and as large as was asked", arguments: [0, 1, 2, 10, 333])
    func size(rules: Int) {
        for families in [FamilySet.ip, .ip6, .both] {
            let shaped = Workloads.policyShaped(rules: rules, seed: seed, families: families)
            #expect(shaped == Workloads.policyShaped(rules: rules, seed: seed, families: families))
            #expect(shaped.ruleCount == rules + 2)
            let hostile = Workloads.hostile(rules: rules, seed: seed, families: families)
            #expect(hostile == Workloads.hostile(rules: rules, seed: seed, families: families))
            #expect(hostile.ruleCount == rules)
            for ruleset in [shaped, hostile] {
                for one in [ruleset, Workloads.setTranslation(of: ruleset)] {
                    #expect(one.validate().isEmpty)
                    let named = one.scopes.flatMap(\.chains).flatMap(\.rules).flatMap(\.condition)
                        .reduce(into: FamilySet()) { $0.formUnion($1.possibleFamilies) }
                    #expect(rules == 0 || families.isSuperset(of: named))
                }
            }
        }
        #expect(rules < 10 || Workloads.hostile(rules: rules, seed: 1) != Workloads.hostile(rules: rules, seed: 2))
    }

    @Test("Ten thousand rules of a policy are some seven hundred with sets")
    func translatedSize() {
        let ruleset = Workloads.policyShaped(rules: 10_000)
        #expect((600...800).contains(Workloads.setTranslation(of: ruleset).ruleCount))
    }

    @Test("A set translation treats packets alike")
    func translation() {
        var random = SeededGenerator(seed: seed)
        for ruleset in [
            Workloads.policyShaped(rules: 200, seed: seed), Workloads.hostile(rules: 200, seed: seed),
            Workloads.hostile(rules: 200, seed: seed, families: .both),
        ] {
            let translated = Workloads.setTranslation(of: ruleset)
            #expect(translated.ruleCount < ruleset.ruleCount)
            let difference = PacketComparison(ruleset, translated, .containers)?.difference(
                .effects, packets: 1000, random: &random)
            #expect(difference == nil, "SEAWALL_TEST_SEED=\(seed): \(difference?.description ?? "")")
        }
    }

    @Test("A later version differs in as many rules as were changed")
    func edits() {
        let ruleset = Workloads.policyShaped(rules: 300, seed: seed)
        for count in [0, 1, 10] {
            let edited = Workloads.edits(of: ruleset, count: count, seed: seed)
            #expect(edited == Workloads.edits(of: ruleset, count: count, seed: seed))
            #expect(edited.validate().isEmpty)
            let rules = Set(ruleset.places.map { ruleset[$0] })
            let others = Set(edited.places.map { edited[$0] })
            let gone = rules.subtracting(others)
            let new = others.subtracting(rules)
            #expect(gone.union(new).reduce(into: Set<String>()) { $0.insert($1.id) }.count == count)
        }
    }
}
