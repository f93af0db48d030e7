import Compiler
import Diagnostics
import FirewallIR
import NFTablesBackend
import PacketModel
import RulesetLab
import Semantics
import TestSupport
import Testing

/// What the passes make of rule sets over the whole IR, and what nft is given then, is proved to be the rule set.
struct OptimizedRulesetTests {
    private let seed = TestEnvironment.seed

    /// A pass by itself, on every chain of a scope.
    enum Pass: String, CaseIterable {
        case resolveReturns, dropDeadRules, gatherRuns, mergeRuns, arrangeVerdictMaps, hoistConditions, splitByProtocol,
            shareChains
        case all, counting

        func run(_ scope: Scope) -> Scope {
            let names = FreshNames(scope)
            var result = scope
            switch self {
            case .resolveReturns: result = ResolveReturns.run(scope)
            case .dropDeadRules: result.chains = scope.chains.map(DropDeadRules.run)
            case .gatherRuns: result.chains = scope.chains.map(GatherRuns.run)
            case .mergeRuns: result.chains = scope.chains.map(MergeRuns(names).run)
            case .arrangeVerdictMaps: result.chains = scope.chains.map(ArrangeVerdictMaps.run)
            case .hoistConditions: result.chains = scope.chains.flatMap(HoistConditions(names).run)
            case .splitByProtocol: result.chains = scope.chains.flatMap(SplitByProtocol(names).run)
            case .shareChains: result = ShareChains.run(scope)
            case .all: return OptimizeRuleset.run(Ruleset(name: "", scopes: [scope])).scopes[0]
            case .counting:
                let options = OptimizeRuleset.Options(countsRules: true)
                return OptimizeRuleset.run(Ruleset(name: "", scopes: [scope]), options).scopes[0]
            }
            return result
        }
    }

    @Test(arguments: Pass.allCases) func aPassKeepsWhatBecomesOfEveryPacket(_ pass: Pass) {
        var (proved, changed) = (0, 0)
        for round in 0..<UInt64(120 * TestEnvironment.rounds) {
            var generator = RandomRulesets(seed: seed &+ round)
            generator.hasGuards = round % 3 == 0
            generator.hasEffects = round % 3 == 0
            let ruleset = round % 2 == 0 ? generator.ruleset(atMost: 30) : generator.ruleset(atMost: 40).atTwoInterfaces
            var result = ruleset
            result.scopes = ruleset.scopes.map(pass.run)
            #expect(result.validate() == [], "seed \(seed &+ round)")
            if result != ruleset { changed += 1 }
            let report = ProveEquality.run(ruleset, result, ProofOptions(strictness: .effects))
            for proof in report.scopes {
                switch proof.answer {
                case .equal(let assumptions) where assumptions.isEmpty: proved += 1
                case .undecided: break
                default:
                    Issue.record("seed \(seed &+ round): \(proof)\n\(ruleset.text)\n\(result.text)")
                    return
                }
            }
        }
        #expect(proved > 120 * TestEnvironment.rounds, "\(proved)")
        // Random rules rarely offer these something: what they do is for the tests of their conditions.
        let rare: [Pass: Int] = [
            .resolveReturns: 10, .shareChains: 0, .gatherRuns: 0, .hoistConditions: 15, .splitByProtocol: 1,
            .arrangeVerdictMaps: 0,
        ]
        #expect(changed >= rare[pass, default: 40], "\(changed)")
    }

    @Test func whatNFTIsGivenIsTheRuleset() throws {
        var (proved, lowered) = (0, 0)
        for round in 0..<UInt64(150 * TestEnvironment.rounds) {
            var generator = RandomRulesets(seed: seed &+ round)
            generator.hasGuards = round % 3 == 0
            generator.hasEffects = round % 3 == 0
            let random = generator.ruleset(atMost: 20)
            guard let ruleset = NFTRoundTripTests.expressible(round % 2 == 0 ? random : random.atTwoInterfaces) else {
                continue
            }
            let mark = BackendComparison.acceptMark
            let document = try LowerToNFTables.lower(
                OptimizeRuleset.run(ruleset), acceptMark: mark, optimized: true)
            lowered += 1
            let lifted = Ruleset(
                name: "Lifted", scopes: try LiftFromNFTables.lift(document.table, acceptMark: mark))
            let report = ProveEquality.run(ruleset.leaving, lifted, ProofOptions(strictness: .effects))
            for proof in report.scopes {
                switch proof.answer {
                case .equal: proved += 1
                case .undecided: break
                default:
                    Issue.record("seed \(seed &+ round): \(proof)\n\(ruleset.text)\n\(document.text(header: []))")
                    return
                }
            }
        }
        #expect(lowered > 60 * TestEnvironment.rounds && proved > lowered, "\(lowered) \(proved)")
    }

    @Test(arguments: [100, 1000]) func workloadsBecomeAFewSets(_ size: Int) throws {
        for families in [FamilySet.ip, .both] {
            for ruleset in [
                Workloads.policyShaped(rules: size, families: families),
                Workloads.hostile(rules: size, families: families),
            ] {
                let document = try LowerToNFTables.lower(OptimizeRuleset.run(ruleset), optimized: true)
                let lifted = Ruleset(name: "Lifted", scopes: try LiftFromNFTables.lift(document.table))
                let report = ProveEquality.run(ruleset, lifted, ProofOptions(strictness: .effects))
                for proof in report.scopes {
                    guard case .equal(let assumptions) = proof.answer, assumptions.isEmpty else {
                        Issue.record("\(ruleset.name): \(proof)")
                        return
                    }
                }
                let rules = document.table.chains.reduce(0) { $0 + $1.rules.count }
                if ruleset.name == "PolicyShaped" { #expect(rules < 90, "\(rules)") }
            }
        }
    }
}

extension Ruleset {
    /// The same for packets at two interfaces alone, at one of them or at both.
    fileprivate var atTwoInterfaces: Ruleset {
        let sets = [[InterfacePattern.exact("eth0")], [.prefix("wg")], [.exact("eth0"), .prefix("wg")]]
        var ruleset = self
        var number = 0
        for chain in ruleset.scopes[0].chains.indices {
            for rule in ruleset.scopes[0].chains[chain].rules.indices {
                for box in ruleset.scopes[0].chains[chain].rules[rule].condition.indices {
                    number += 1
                    ruleset.scopes[0].chains[chain].rules[rule].condition[box].inInterface = InterfaceSet(
                        sets[number * 7 / 3 % 3])
                }
            }
        }
        return ruleset
    }
}
