package import FirewallIR
internal import PacketModel

/// Drops rules that no packet reaches, and boxes of rules that none does.
///
/// Sound because a packet in a dropped box lies in a box of an earlier plain rule of the same chain, which ends the chain
/// for it: whatever the dropped one would have done, it was never asked. Only what earlier boxes say alone counts, or all
/// with the same other fields together by their sources; what takes more is found by the lints (`Semantics`). A rule with
/// guards or effects is dropped as well, since nothing asks it; it does not shadow others, as its guard may refuse.
package enum DropDeadRules {
    /// A chain without rules that are never asked.
    package static func run(_ chain: Chain) -> Chain {
        var seen = SeenPackets()
        var rules: [FirewallRule] = []
        rules.reserveCapacity(chain.rules.count)
        for rule in chain.rules {
            let lives = rule.condition.map { !$0.isEmpty && !seen.covers($0) }
            if rule.isPlain { for (box, isAlive) in zip(rule.condition, lives) where isAlive { seen.add(box) } }
            if lives.allSatisfy({ $0 }) {
                if !rule.condition.isEmpty { rules.append(rule) }
            } else if lives.contains(true) {
                rules.append(rule.keeping(lives))
            }
        }
        return Chain(name: chain.name, rules: rules)
    }
}

/// The packets that rules have decided about so far, by the fields that their boxes restrict.
private struct SeenPackets {
    /// Boxes that differ in their sources alone.
    private struct Entry {
        let box: Box
        /// Their sources together; `nil` for all.
        var sources: SourceUnion?
    }

    /// The boxes that restrict the same fields.
    private struct Group {
        let fields: BoxFields
        var entries: [Entry] = []
        /// The places of entries, by a number for all that is not their source.
        var places: [Int: [Int]] = [:]

        /// What entries are compared in.
        var compared: BoxFields { fields.subtracting(.source) }

        init(_ fields: BoxFields) { self.fields = fields }

        /// The place of the entry that a box belongs to.
        func place(of box: Box, _ digest: Int) -> Int? {
            let compared = compared
            return places[digest]?.first { entries[$0].box.agrees(with: box, in: compared) }
        }
    }

    private var groups: [Group] = []

    /// Whether a box lies in what was seen.
    func covers(_ box: Box) -> Bool {
        if groups.isEmpty { return false }
        let fields = box.fields
        for index in groups.indices where fields.isSuperset(of: groups[index].fields) {
            guard let place = groups[index].place(of: box, box.digest(of: groups[index].compared)) else { continue }
            guard let union = groups[index].entries[place].sources else { return true }
            if let source = box.source, union.contains(source) { return true }
        }
        return false
    }

    mutating func add(_ box: Box) {
        let fields = box.fields
        let index = groups.firstIndex { $0.fields == fields } ?? groups.count
        if index == groups.count { groups.append(Group(fields)) }
        let digest = box.digest(of: groups[index].compared)
        let known = groups[index].place(of: box, digest)
        let place = known ?? groups[index].entries.count
        if known == nil {
            groups[index].entries.append(Entry(box: box, sources: SourceUnion()))
            groups[index].places[digest, default: []].append(place)
        }
        if let source = box.source {
            groups[index].entries[place].sources?.add(source)
        } else {
            groups[index].entries[place].sources = nil
        }
    }
}

/// Sources that were added one by one: networks by their lengths, large sets as they are.
private final class SourceUnion {
    private var v4 = Networks<UInt32>()
    private var v6 = Networks<UInt128>()
    private var large: [IPAddressSet] = []

    func add(_ source: IPAddressSet) {
        if source.v4.intervals.count + source.v6.intervals.count > Self.small {
            // A few are enough: more would be looked through for every rule.
            if large.count < 16 { large.append(source) }
        } else {
            v4.add(source.v4)
            v6.add(source.v6)
        }
    }

    func contains(_ source: IPAddressSet) -> Bool {
        if source.v4.intervals.count + source.v6.intervals.count <= Self.small, v4.contain(source.v4),
            v6.contain(source.v6)
        {
            return true
        }
        return large.contains { source.isInside($0) }
    }

    private static let small = 64
}

private struct Networks<Value: FixedWidthInteger & UnsignedInteger & Sendable> {
    private var blocks: Set<PrefixBlock<Value>> = []
    /// The lengths that there are, ascending.
    private var lengths: [Int] = []

    mutating func add(_ set: IntervalSet<Value>) {
        for interval in set.intervals {
            for block in interval.prefixBlocks where blocks.insert(block).inserted {
                if !lengths.contains(block.length) { lengths = (lengths + [block.length]).sorted() }
            }
        }
    }

    func contain(_ set: IntervalSet<Value>) -> Bool {
        for interval in set.intervals {
            for block in interval.prefixBlocks where !contains(block) { return false }
        }
        return true
    }

    private func contains(_ block: PrefixBlock<Value>) -> Bool {
        for length in lengths where length <= block.length {
            if blocks.contains(PrefixBlock(block.value, length: length)) { return true }
        }
        return false
    }
}

extension IPAddressSet {
    fileprivate func isInside(_ other: IPAddressSet) -> Bool { v4.isInside(other.v4) && v6.isInside(other.v6) }
}

extension IntervalSet {
    /// Whether each interval lies in one of the other set, as intervals without gaps between them do.
    fileprivate func isInside(_ other: IntervalSet) -> Bool {
        intervals.allSatisfy { interval in
            var (low, high) = (0, other.intervals.count)
            while low < high {
                let middle = (low + high) / 2
                if other.intervals[middle].upperBound < interval.lowerBound { low = middle + 1 } else { high = middle }
            }
            return low < other.intervals.count && other.intervals[low].lowerBound <= interval.lowerBound
                && other.intervals[low].upperBound >= interval.upperBound
        }
    }
}

extension FirewallRule {
    /// The rule with some of its boxes alone.
    func keeping(_ lives: [Bool]) -> FirewallRule {
        var rule = self
        rule.condition = zip(condition, lives).filter(\.1).map(\.0)
        var next = 0
        rule.merged = merged.compactMap { source in
            defer { next += source.boxes }
            let count = lives[next..<(next + source.boxes)].count { $0 }
            var left = source
            left.boxes = count
            return count == 0 ? nil : left
        }
        return rule
    }
}
