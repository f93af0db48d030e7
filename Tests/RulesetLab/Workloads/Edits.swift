package import FirewallIR
internal import PacketModel

extension Workloads {
    /// A later version of a rule set, in which so many rules are changed.
    ///
    /// Each is changed in one way: another verdict, another source, another port, gone, or with a new rule behind it. No
    /// two of the changes concern one rule.
    package static func edits(of ruleset: Ruleset, count: Int, seed: UInt64 = 1) -> Ruleset {
        var random = SeededGenerator(seed: seed)
        let places = ruleset.places.shuffled(using: &random).prefix(count)
        var result = ruleset
        // From behind, so that places before keep their meaning.
        for (number, place) in places.sorted(by: >).enumerated() {
            result.edit(place, number: number, &random)
        }
        return result
    }
}

extension Ruleset {
    fileprivate mutating func edit(_ place: RulePlace, number: Int, _ random: inout SeededGenerator) {
        var rule = self[place]
        switch random.number(0...4) {
        case 0 where !rule.condition.isEmpty: rule.condition[0].source = random.otherSource(than: rule.condition[0])
        case 1 where !rule.condition.isEmpty && rule.condition[0].originalDestinationPort != nil:
            rule.condition[0].originalDestinationPort = Presence(IntervalSet(UInt16(random.number(1...65535))))
        case 2:
            remove(at: place)
            return
        case 3:
            var new = rule
            new.id = "edit" + String(number, radix: 36)
            new.verdict = rule.verdict == .drop ? .leave : .drop
            if !new.condition.isEmpty { new.condition[0].source = random.otherSource(than: new.condition[0]) }
            insert(new, at: place.next)
            return
        default: rule.verdict = rule.verdict == .drop ? .leave : .drop
        }
        self[place] = rule
    }
}

extension SeededGenerator {
    fileprivate mutating func otherSource(than box: Box) -> IPAddressSet {
        let family = family(of: box.source?.families ?? box.families)
        return network(family, length: family.addressBits * 3 / 4)
    }
}
