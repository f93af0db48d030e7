import Compiler
import FirewallIR
import JSONC
import PacketModel
import RulesetLab
import TestSupport
import Testing

@testable import NFTablesBackend
@testable import Seawall

/// What nft lists of a table that we loaded is known for the same table, so that only what differs is changed.
///
/// `SEAWALL_LONG_TESTS` tries twenty times as many.
@Suite(.enabled(if: TestEnvironment.mayUseNamespaces, "needs root, to make a network namespace of its own"))
struct UnchangedTests {
    private let seed = TestEnvironment.seed
    private let scale = TestEnvironment.rounds * (TestEnvironment.isLong ? 20 : 1)

    @Test func randomPoliciesAreKnownAgain() async throws {
        var rulesets: [(String, Ruleset)] = []
        for round in 0..<100 * scale {
            var policy = RandomPolicy(random: SeededGenerator(seed: seed &+ UInt64(round)))
            guard let ruleset = try? CompilePolicy.run(policy.document()).ruleset else { continue }
            rulesets.append(("policy \(seed &+ UInt64(round))", ruleset))
        }
        try await areKnownAgain(rulesets)
    }

    @Test func randomRulesetsAreKnownAgain() async throws {
        try await areKnownAgain(
            (0..<150 * scale).map { round in
                var generator = RandomRulesets(seed: seed &+ UInt64(round))
                return ("rule set \(seed &+ UInt64(round))", generator.ruleset(atMost: 8).withLoadableRules)
            })
    }

    @Test(arguments: TemplateRulesets.names) func templatesAreKnownAgain(_ name: String) async throws {
        try await areKnownAgain([(name, try await TemplateRulesets.shared.ruleset(name))])
    }

    private func areKnownAgain(_ rulesets: [(name: String, ruleset: Ruleset)]) async throws {
        let mark = BackendComparison.acceptMark
        let documents = rulesets.flatMap { name, ruleset in
            let ruleset = ruleset.withoutMoments
            let lineByLine = try? LowerToNFTables.lower(ruleset, acceptMark: mark)
            let optimized = try? LowerToNFTables.lower(OptimizeRuleset.run(ruleset), acceptMark: mark, optimized: true)
            return [lineByLine, optimized].compactMap { $0 }.map { (name: name, document: $0) }
        }
        let listings = try await KernelTrip.list(documents.map { KernelTrip($0.name, $0.document) })
        var unknown: [String] = []
        for (sent, listing) in zip(documents, listings) {
            do {
                let live = try NFTTableImage(try JSONValue.parse(listing))
                let wanted = try NFTTableImage(sent.document.json)
                let change = NFTTableChange(from: live, to: wanted)
                if change != .nothing { unknown.append("\(sent.name): \(change)\n\(difference(live, wanted))") }
            } catch {
                unknown.append("\(sent.name): \(error)")
            }
        }
        #expect(unknown.isEmpty, "\(unknown.count) of \(documents.count): \(unknown.prefix(5).joined(separator: "\n"))")
        #expect(documents.count * 3 > rulesets.count)
    }

    /// The first rules by which two tables differ.
    private func difference(_ live: NFTTableImage, _ wanted: NFTTableImage) -> String {
        for (name, chain) in wanted.chains {
            for (found, sent) in zip(live.chains[name]?.rules ?? [], chain.rules) where found != sent {
                return "listed \(found.text)\nsent   \(sent.text)"
            }
        }
        return ""
    }
}
