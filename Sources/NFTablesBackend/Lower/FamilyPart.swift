internal import FirewallIR
internal import PacketModel

/// The stages of a rule for one family, or for both.
struct FamilyPart {
    var family: AddressFamily?
    var stages: [RuleStage]
}

extension FirewallRule {
    /// One part for both families where no box and no guard tells them apart; otherwise one for each.
    var familyParts: [FamilyPart] {
        let all = allStages
        let isNeutral = all.allSatisfy { $0.condition.allSatisfy(\.isFamilyNeutral) }
        if allGuards.isEmpty && isNeutral {
            return all.contains { $0.condition.isEmpty } ? [] : [FamilyPart(family: nil, stages: all)]
        }
        // Boxes that stand for both families keep to one rule, if nothing has to happen once.
        if allGuards.isEmpty && stages.isEmpty && verdict.isFinal {
            return condition.flatMap { box in
                let stage = RuleStage(condition: [box], opaque: opaque)
                return box.isFamilyNeutral ? [FamilyPart(family: nil, stages: [stage])] : Self.parts([stage])
            }
        }
        return Self.parts(all)
    }

    private static func parts(_ stages: [RuleStage]) -> [FamilyPart] {
        AddressFamily.allCases.compactMap { family in
            let own = stages.map { stage in
                var stage = stage
                stage.condition = stage.condition.compactMap { $0.restricted(to: family) }
                return stage
            }
            // Behind a guard nothing may be left: the guard is asked all the same.
            guard let first = own.first, !first.condition.isEmpty else { return nil }
            return FamilyPart(family: family, stages: own)
        }
    }
}

extension Box {
    /// Whether the box stands for both families and says nothing that only one of them has.
    var isFamilyNeutral: Bool {
        families == .both && source == nil && destination == nil && originalSource == nil && originalDestination == nil
            && icmp == nil && isLaterFragment == nil && numbers[.hopLimit] == nil && numbers[.dscp] == nil
    }
}
