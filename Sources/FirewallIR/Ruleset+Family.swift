package import PacketModel

extension Ruleset {
    /// The rules as far as they speak of one family; packets of the other meet none.
    ///
    /// - Parameter family: the family.
    /// - Returns: the rule set without scopes, boxes and rules of the other family.
    package func restricted(to family: AddressFamily) -> Ruleset {
        var ruleset = self
        ruleset.scopes = scopes.compactMap { scope in
            guard scope.families.contains(FamilySet(family)) else { return nil }
            var own = scope
            own.families = FamilySet(family)
            for index in own.chains.indices {
                own.chains[index].rules = own.chains[index].rules.compactMap { $0.restricted(to: family) }
            }
            return own
        }
        return ruleset
    }
}

extension FirewallRule {
    /// The rule for packets of one family; `nil` if it matches none.
    fileprivate func restricted(to family: AddressFamily) -> FirewallRule? {
        var rule = self
        rule.condition = condition.compactMap { $0.restricted(to: family) }
        rule.stages = stages.map { stage in
            var own = stage
            own.condition = stage.condition.compactMap { $0.restricted(to: family) }
            return own
        }
        return rule.allStages.contains { $0.condition.isEmpty } ? nil : rule
    }
}
