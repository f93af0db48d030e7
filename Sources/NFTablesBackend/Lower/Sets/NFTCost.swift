/// What look-ups cost, as measured (docs/performance.md): the choice between kinds of sets.
///
/// Costs are nanoseconds a packet. What a set costs to change counts, too: nft 1.0.6 reads a whole interval set back before
/// it adds one element (30 µs for each that is there), and a change in a million packets is taken as usual.
enum NFTCost {
    /// A match on a field with one value.
    static let match = 10.0
    /// A look-up in a set of single values.
    static let hash = 70.0
    /// A look-up in a set of intervals of one field.
    static func interval(_ elements: Int) -> Double { 350 + 0.03 * Double(elements) }
    /// A look-up in a set of intervals of several fields: a bit for each element is looked at.
    static func concatenatedIntervals(_ elements: Int) -> Double { 150 + 0.03 * Double(elements) }
}

/// How a set is kept, and what a look-up of it costs.
package enum NFTSetKind: String, Hashable, Sendable {
    /// Single values, or networks of one length each: `type ipv4_addr`.
    case hash
    /// Intervals of one field: `flags interval`.
    case interval
    /// Intervals of several fields.
    case concatenatedIntervals = "concatenated intervals"
}

/// Which lengths of networks a list is kept in: each takes a look-up of its own, with as many bits of the address.
enum NetworkLengths {
    /// The lengths to keep; networks of another length are split into some of the next longer one that is kept.
    ///
    /// A length less is worth a quarter more elements, or a few of a short list.
    ///
    /// - Parameter counts: how many networks there are of each length.
    /// - Returns: the lengths, ascending.
    static func kept(_ counts: [Int: Int]) -> [Int] {
        let lengths = counts.keys.sorted()
        guard lengths.count > 1 else { return lengths }
        let lookup = max(8, Double(counts.values.reduce(0, +)) / 4)
        // The cheapest way to keep all up to a length, that one included, and the one kept before it.
        var best: [(cost: Double, before: Int?)] = []
        for (index, length) in lengths.enumerated() {
            var found: (cost: Double, before: Int?) = (.infinity, nil)
            for before in (-1..<index).reversed() {
                var cost = lookup + (before < 0 ? 0 : best[before].cost)
                for split in lengths[(before + 1)...index] {
                    cost += Double(counts[split] ?? 0) * (length - split > 16 ? 1e9 : Double(1 << (length - split)))
                }
                if cost < found.cost { found = (cost, before < 0 ? nil : before) }
            }
            best.append(found)
        }
        var kept: [Int] = []
        var next: Int? = lengths.count - 1
        while let index = next {
            kept.append(lengths[index])
            next = best[index].before
        }
        return kept.reversed()
    }
}
