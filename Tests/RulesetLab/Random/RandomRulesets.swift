internal import Diagnostics
package import FirewallIR
internal import PacketModel

/// Random rule sets over the whole vocabulary of the IR, all of them valid, made of so few values that rules interact.
package struct RandomRulesets: Sendable {
    /// Where the numbers come from.
    package var random: SeededGenerator
    /// Whether rules may have stateful guards.
    package var hasGuards = true
    /// Whether rules may do something besides their verdict.
    package var hasEffects = true
    private var made = 0
    private var families: FamilySet = .both

    /// Rule sets from a seed.
    package init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    /// A rule set of up to so many rules, in one to four chains without a loop.
    package mutating func ruleset(atMost size: Int = 40) -> Ruleset {
        made = 0
        families = random.oneIn(4) ? FamilySet(random.pick(AddressFamily.allCases)) : .both
        let names = Array(["entry", "first", "second", "third"].prefix(random.oneIn(3) ? 1 : random.number(1...4)))
        var left = random.number(1...max(1, size))
        var chains: [Chain] = []
        for (index, name) in names.enumerated() {
            let share = index + 1 == names.count ? left : random.number((index == 0 ? left / 3 : 0)...left)
            left -= share
            // A chain leads to those behind it alone, so that there is no loop.
            let targets = Array(names[(index + 1)...])
            chains.append(Chain(name: name, rules: (0..<share).map { _ in rule(targets) }))
        }
        let scope = Scope(
            hook: random.oneIn(6) ? random.pick([.forward, .input, .output]) : .containers, families: families,
            entry: "entry", chains: chains,
            policy: random.oneIn(3) ? random.pick([.accept, .drop]) : .leave)
        return Ruleset(name: "Random", scopes: [scope])
    }

    /// A part of a rule behind others.
    private mutating func stage() -> RuleStage {
        var stage = RuleStage(condition: random.oneIn(3) ? [Box().with { $0.families = families }] : [box()])
        if random.oneIn(4) { stage.condition.append(box()) }
        if random.oneIn(3) { stage.opaque = [random.opaqueMatch()] }
        if hasGuards && random.oneIn(2) { stage.guards = [random.guardMatch()] }
        return stage
    }

    private mutating func box() -> Box { random.box(in: families) }

    private mutating func rule(_ targets: [String]) -> FirewallRule {
        made += 1
        var boxes = random.oneIn(30) ? [] : [random.box(in: families)]
        while !boxes.isEmpty && boxes.count < 3 && random.oneIn(4) { boxes.append(random.box(in: families)) }
        var rule = FirewallRule(number: made, boxes, .drop)
        if random.oneIn(10) { rule.opaque = (0..<random.number(1...2)).map { _ in random.opaqueMatch() } }
        if hasGuards && random.oneIn(10) { rule.guards = (0..<random.number(1...2)).map { _ in random.guardMatch() } }
        if random.oneIn(hasGuards ? 10 : 25) { rule.stages = (0..<random.number(1...2)).map { _ in stage() } }
        if hasEffects && random.oneIn(5) { rule.effects = (0..<random.number(1...2)).map { _ in random.effect() } }
        rule.verdict = verdict(of: rule, targets)
        return rule
    }

    private mutating func verdict(of rule: FirewallRule, _ targets: [String]) -> Verdict {
        if !targets.isEmpty && random.oneIn(3) {
            let target = random.pick(targets)
            return random.oneIn(2) ? .goto(target) : .jump(target)
        }
        if random.oneIn(5) { return .reject(random.pick(RejectKind.allCases.filter(rule.mayReject))) }
        if random.oneIn(25) { return .queue(QueueTarget(random.pick([0...0, 0...1]))) }
        return random.pick([.drop, .drop, .leave, .leave, .leave, .accept, .next, .return])
    }
}

extension FirewallRule {
    /// Whether an answer exists for all that the rule can match.
    func mayReject(_ kind: RejectKind) -> Bool {
        let isTCP = condition.allSatisfy { $0.protocols?.single == IPProtocol.tcp.rawValue }
        return (kind != .tcpReset || isTCP)
            && condition.allSatisfy { kind.families.isSuperset(of: $0.possibleFamilies) }
    }
}
