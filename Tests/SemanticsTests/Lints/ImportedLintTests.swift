import FirewallIR
import PacketModel
import RulesetLab
import Semantics
import Testing

/// Lints of rules with policies and stages, and of rules that are too many.
@Suite("Lints of imported rules")
struct ImportedLintTests {
    private func lints(
        _ rules: [FirewallRule], policy: Verdict = .leave, hook: Scope.Hook = .containers,
        budget: Int = ProofOptions.usualBudget
    ) -> FindLints.Report {
        let scope = Scope(
            hook: hook, families: .both, entry: "a", chains: [Chain(name: "a", rules: rules)], policy: policy)
        let sources = rules.map { RuleSource(id: String($0.id.prefix(8)), origin: $0.origin) }
        return FindLints.run(Ruleset(name: "Lints", scopes: [scope]), sources, now: 0, budget: budget)
    }

    private func names(_ report: FindLints.Report) -> [String] {
        report.findings.map { "\($0.source.id) \($0.lint.rawValue)" }
    }

    private func tcp(_ box: inout Box) { box.protocols = IntervalSet(6) }

    @Test("A rule is redundant if the policy says the same, and only then")
    func policies() {
        let drop = rule("drop0000", .drop, tcp)
        let leave = rule("leave000", .leave, tcp)
        #expect(names(lints([drop], policy: .drop)) == ["drop0000 redundant"])
        #expect(names(lints([drop])) == [])
        #expect(names(lints([leave])) == ["leave000 redundant"])
        #expect(names(lints([leave], policy: .drop)) == [])
        #expect(names(lints([rule("return00", .return, tcp)], policy: .drop)) == ["return00 redundant"])
    }

    @Test("Of chains that are jumped to nothing is said that needs to know who comes there")
    func chains() {
        let jump = rule("jump0000", .jump("web"), tcp)
        let back = rule("back0000", .return) {
            tcp(&$0)
            $0.state = .established
        }
        let drop = rule("drop0000", .drop)
        let last = rule("last0000", .accept)
        let scope = Scope(
            hook: .forward, families: .both, entry: "a",
            chains: [Chain(name: "a", rules: [jump, last]), Chain(name: "web", rules: [back, drop])], policy: .drop)
        let sources = [jump, last, back, drop].map { RuleSource(id: $0.id, origin: $0.origin) }
        func found(_ scope: Scope) -> [String] {
            names(FindLints.run(Ruleset(name: "Lints", scopes: [scope]), sources, now: 0)).filter {
                !$0.hasSuffix("cuts-replies")
            }
        }
        #expect(found(scope) == [])
        // Of the entry chain it is said as ever.
        var covered = scope
        covered.chains[0].rules.insert(rule("first000", .drop), at: 0)
        #expect(found(covered) == ["last0000 shadowed"])
    }

    @Test("A rule that counts is not dead, though a later stage never holds; one that reaches no packet is")
    func stages() {
        let udp = Box().with { $0.protocols = IntervalSet(17) }
        var counts = rule("counts00", .drop, guards: [.module(name: "recent", options: ["--set"])], tcp)
        counts.stages = [RuleStage(condition: [udp])]
        #expect(names(lints([counts])) == [])
        var never = rule("never000", .drop, tcp)
        never.stages = [RuleStage(condition: [udp])]
        #expect(names(lints([never])) == ["never000 matches-nothing"])
        var narrow = rule("narrow00", .drop, tcp)
        narrow.stages = [RuleStage(condition: [Box().with { $0.state = .new }])]
        // What is behind a rule of stages is reached, and what is before one is not redundant by it.
        let before = rule("before00", .drop) {
            tcp(&$0)
            $0.state = [.new, .established]
        }
        #expect(names(lints([narrow, rule("behind00", .accept, tcp)], hook: .forward)) == [])
        #expect(names(lints([before, narrow])) == ["narrow00 shadowed"])
        #expect(names(lints([narrow, before])) == [])
    }

    @Test("What outgrows the budget half way is named, and never passed over in silence")
    func budgets() {
        let rules = Workloads.policyShaped(rules: 40, seed: 5).scopes[0].chains[0].rules
        let all = lints(rules)
        #expect(all.undecided.isEmpty)
        var stopped = 0
        var budget = 16
        while budget < 200_000 {
            let report = lints(rules, budget: budget)
            if report.undecided.isEmpty { #expect(report.findings == all.findings, "\(budget)") } else { stopped += 1 }
            budget += budget / 6
        }
        #expect(stopped > 5)
    }
}

extension Box {
    fileprivate func with(_ change: (inout Box) -> Void) -> Box {
        var copy = self
        change(&copy)
        return copy
    }
}
