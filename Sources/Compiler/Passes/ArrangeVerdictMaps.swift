package import FirewallIR

/// Puts rules of different verdicts next to one another if their keys are disjoint and they ask for the same otherwise: what
/// a backend makes one map from keys to verdicts of.
///
/// Sound because a rule only moves past rules of its own verdict, or rules that no packet of its own matches. The keys are
/// compared as boxes, so two that have a packet in common keep their order and never come into one map.
package enum ArrangeVerdictMaps {
    /// A chain with such rules side by side.
    package static func run(_ chain: Chain) -> Chain {
        var rules = chain.rules
        var shapes = rules.map(\.mapShape)
        var index = 1
        while index < rules.count {
            if let place = place(of: index, in: rules, shapes) {
                rules.insert(rules.remove(at: index), at: place + 1)
                shapes.insert(shapes.remove(at: index), at: place + 1)
            }
            index += 1
        }
        return Chain(name: chain.name, rules: rules)
    }

    /// The rule behind which another can stand; `nil` if there is none, or if it stands there already.
    private static func place(of index: Int, in rules: [FirewallRule], _ shapes: [BoxShape?]) -> Int? {
        let rule = rules[index]
        // Nothing is gained where no other rule has the shape.
        guard let shape = shapes[index], shapes[..<index].suffix(reach).contains(shape) else { return nil }
        for other in rules.indices[..<index].reversed().prefix(reach) {
            guard rules[other].isPlain else { return nil }
            let isApart = rule.isApart(from: rules[other])
            if isApart, rules[other].verdict != rule.verdict, shapes[other] == shape {
                return other == index - 1 ? nil : other
            }
            if !isApart && rules[other].verdict != rule.verdict { return nil }
        }
        return nil
    }

    private static let reach = 32
}

extension FirewallRule {
    /// Whether no packet is in a box of either rule; `false` also where there are too many to compare.
    fileprivate func isApart(from other: FirewallRule) -> Bool {
        guard condition.count * other.condition.count <= 4096 else { return false }
        return condition.allSatisfy { box in other.condition.allSatisfy { box.isApart(from: $0) } }
    }
}
