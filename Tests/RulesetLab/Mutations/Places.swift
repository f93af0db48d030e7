internal import Diagnostics
internal import FirewallIR

/// Changes a box; `false` where it has nothing to change.
typealias BoxChange = (inout Box, inout SeededGenerator) -> Bool
/// Changes a rule; `false` where it has nothing to change.
typealias RuleChange = (inout FirewallRule, inout SeededGenerator) -> Bool
/// Changes a rule set at a place; `false` where there is nothing to change.
typealias PlaceChange = (inout Ruleset, RulePlace, inout SeededGenerator) -> Bool

extension Ruleset {
    /// A change at the first place, in random order, where one is possible.
    func changingPlace(_ random: inout SeededGenerator, _ change: PlaceChange) -> Mutant? {
        for place in places.shuffled(using: &random) {
            var result = self
            let before = self[place]
            guard change(&result, place, &random), result != self, result.validate().isEmpty else { continue }
            return Mutant(ruleset: result, description: "at \(before.text)")
        }
        return nil
    }

    /// The same with a rule by itself.
    func changingRule(_ random: inout SeededGenerator, _ change: RuleChange) -> Mutant? {
        let mutant = changingPlace(&random) { ruleset, place, random in
            var rule = ruleset[place]
            guard change(&rule, &random), rule != ruleset[place] else { return false }
            ruleset[place] = rule
            return true
        }
        return mutant.map { $0.explained(against: self) }
    }

    /// The same with a box of a rule.
    func changingBox(_ random: inout SeededGenerator, _ change: BoxChange) -> Mutant? {
        changingRule(&random) { rule, random in
            for index in rule.condition.indices.shuffled(using: &random) {
                var box = rule.condition[index]
                guard change(&box, &random), box != rule.condition[index] else { continue }
                rule.condition[index] = box
                return true
            }
            return false
        }
    }
}

extension Mutant {
    /// With the changed rule's new form in the description.
    fileprivate func explained(against old: Ruleset) -> Mutant {
        guard let place = old.places.first(where: { old[$0] != ruleset[$0] }) else { return self }
        return Mutant(ruleset: ruleset, description: "\(description) becomes \(ruleset[place].text)")
    }
}
