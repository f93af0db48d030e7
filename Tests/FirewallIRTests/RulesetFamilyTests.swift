import Diagnostics
import FirewallIR
import PacketModel
import Testing

/// Rule sets of which one family is left.
struct RulesetFamilyTests {
    private func box(_ families: FamilySet) -> Box {
        var box = Box()
        box.families = families
        return box
    }

    private func rule(_ id: String, _ families: FamilySet...) -> FirewallRule {
        FirewallRule(id: id, origin: SourceLocation(file: "a"), condition: families.map(box), verdict: .drop)
    }

    private func scope(_ hook: Scope.Hook, _ families: FamilySet, _ rules: [FirewallRule]) -> Scope {
        Scope(hook: hook, families: families, entry: "a", chains: [Chain(name: "a", rules: rules)])
    }

    @Test("what speaks of the other family alone is gone, and what speaks of both is cut down")
    func restricts() throws {
        let (ip, ip6) = (FamilySet(.ip), FamilySet(.ip6))
        var staged = rule("d", .both)
        staged.stages = [RuleStage(condition: [box(ip6)])]
        let ruleset = Ruleset(
            name: "r",
            scopes: [
                scope(.containers, .both, [rule("a", ip, ip6), rule("b", ip6), rule("c", .both), staged]),
                scope(.input, ip6, [rule("e", ip6)]),
            ])
        let left = ruleset.restricted(to: .ip)
        #expect(left == Ruleset(name: "r", scopes: [scope(.containers, ip, [rule("a", ip), rule("c", ip)])]))
        #expect(left.validate().isEmpty)
    }
}
