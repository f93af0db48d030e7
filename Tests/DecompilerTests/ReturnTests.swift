import Decompiler
import FirewallIR
import PacketModel
import RulesetLab
import Seawall
import Semantics
import TestSupport
import Testing

/// A rule set comes back from its document with the same meaning.
@Suite struct ReturnTests {
    @Test func randomRuleSetsComeBack() throws {
        var generator = RandomRulesets(seed: TestEnvironment.seed)
        let rounds = 150 * TestEnvironment.rounds
        var decided = 0
        for round in 0..<rounds {
            let ruleset = generator.ruleset(atMost: 25)
            let place = "SEAWALL_TEST_SEED=\(TestEnvironment.seed), round \(round)"
            if expectEqual(ruleset, try returned(ruleset), place) { decided += 1 }
        }
        #expect(decided * 4 >= rounds * 3)
    }

    /// What no packet of the laboratory has, compared as it is said.
    @Test func whatIsRareComesBackAsItWas() throws {
        var rare = RareRules(seed: TestEnvironment.seed)
        for round in 0..<(600 * TestEnvironment.rounds) {
            let rule = rare.rule()
            let ruleset = Ruleset.ofRules([rule], chains: [FirewallIR.Chain(name: "other", rules: [])])
            #expect(ruleset.validate().isEmpty)
            let rules = try returned(ruleset).scopes[0].chains[0].rules
            #expect(rules.count == 1)
            let back = try #require(rules.first)
            #expect(back.plainText == rule.plainText, "round \(round)")
        }
    }

    @Test func aBlockForEachScope() throws {
        let rule = FirewallRule(1, [Box.where_ { $0.source = addresses("10.0.0.1") }], .accept)
        var six = Box()
        six.families = .ip6
        let ruleset = Ruleset(
            name: "Tables",
            scopes: [
                Scope(
                    hook: .input, families: .ip, entry: "INPUT",
                    chains: [FirewallIR.Chain(name: "INPUT", rules: [rule])],
                    policy: .drop),
                Scope(
                    hook: .input, families: .ip6, entry: "INPUT",
                    chains: [
                        FirewallIR.Chain(name: "INPUT", rules: [FirewallRule(2, [six], .jump("input"))]),
                        FirewallIR.Chain(name: "input", rules: [FirewallRule(3, [six], .return)]),
                    ], policy: .accept),
                Scope(
                    hook: .containers, families: .ip, entry: "DOCKER-USER",
                    chains: [FirewallIR.Chain(name: "DOCKER-USER", rules: [])]),
            ])
        expectEqual(ruleset, try returned(ruleset))
    }

    @Test func rulesLeadBackToTheDump() throws {
        let boxes = ["10.0.0.1", "10.0.0.2", "10.0.0.9"].map { text in Box.where_ { $0.source = addresses(text) } }
        let rules = boxes.enumerated().map { FirewallRule($0.offset + 3, [$0.element], .drop) }
        let document = DocumentFromRuleset.run(.ofRules(rules), name: "Dump")
        #expect(document.imported.count == 1)
        let sources = try #require(document.imported.values.first)
        #expect(sources.map(\.origin) == ["rules.v4:3", "rules.v4:4", "rules.v4:5"])
        #expect(sources.map(\.rule) == ["rule:3", "rule:4", "rule:5"])
    }
}

extension FirewallRule {
    /// What the rule says, its boxes in one form.
    fileprivate var plainText: String {
        var copy = FirewallRule(1, [], verdict, effects: effects)
        let plain = allStages.map(\.plain)
        copy.condition = plain[0].condition
        copy.opaque = plain[0].opaque
        copy.guards = plain[0].guards
        copy.stages = Array(plain.dropFirst())
        return copy.text
    }
}

extension RuleStage {
    /// The stage with boxes in one form: what says nothing is left out.
    fileprivate var plain: RuleStage {
        var copy = self
        copy.condition = condition.map(\.plain).filter { !$0.isEmpty }
        return copy
    }
}

extension Box {
    /// The box without restrictions that hold for every packet.
    fileprivate var plain: Box {
        var box = withConsistentConntrack
        for (field, presence) in box.numbers {
            var values = presence
            if !field.mayBeAbsent { values.allowsAbsent = false }
            box.numbers[field] =
                values.values == field.all && (!field.mayBeAbsent || values.allowsAbsent) ? nil : values
        }
        if box.connectionMark?.values.isEmpty == true {
            if box.connectionMark?.allowsAbsent == false { box.state = box.state ?? .tracked }
            box.connectionMark = nil
        }
        if box.state == .tracked && box.demandsConntrackEntry { box.state = nil }
        return box
    }
}
