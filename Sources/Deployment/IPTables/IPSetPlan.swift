package import IPTablesBackend
internal import PacketModel

/// What becomes of the kernel's sets of addresses beside the rules of a policy.
///
/// A set with another content is a new set under another name, made before the rules and asked from their transaction on:
/// so a packet meets either all of the old rules and sets or all of the new ones.
package struct IPSetPlan: Hashable, Sendable {
    /// The sets that are made; nobody uses their names.
    package var made: [IPSet] = []
    /// Sets of ours that the rules do not ask any more.
    package var obsolete: [String] = []
    /// The names under which the rules ask their sets, by those that the policy gives them.
    package var names: [String: String] = [:]

    /// Nothing happens.
    package init() {}

    /// What is to be done for programs, where a listing says what is there.
    init(_ programs: [IPTablesProgram], _ listing: IPSetListing) {
        var taken = listing.names
        for set in programs.flatMap(\.sets) {
            let found = Self.name(set, listing, taken)
            taken.insert(found.name)
            names[set.name] = found.name
            if !found.isThere { made.append(IPSet(name: found.name, family: set.family, addresses: set.addresses)) }
        }
        let families = Set(programs.map(\.family))
        let used = Set(names.values)
        obsolete = listing.names.filter { name in
            IPSetNames.family(of: name).map(families.contains) == true && !used.contains(name)
        }.sorted()
    }

    /// The set that is there with this content, or a name that is free.
    private static func name(_ set: IPSet, _ listing: IPSetListing, _ taken: Set<String>) -> (
        name: String, isThere: Bool
    ) {
        var number = 1
        var free: String?
        while true {
            let name = IPSetNames.other(set.name, number)
            if let there = listing.sets[name], there.family == set.family, there.addresses == set.addresses {
                return (name, true)
            }
            if !taken.contains(name) { free = free ?? name }
            // Of those that take each other's place there are two, and more only where one could not be taken away.
            if let free, number > 2 { return (free, false) }
            number += 1
        }
    }
}

extension IPTablesFilter {
    /// Whether one of the rules asks a set of ours.
    var asksOwnSets: Bool {
        table.chains.contains { chain in
            chain.rules.contains { rule in
                zip(rule.words, rule.words.dropFirst()).contains { $0 == "--match-set" && IPSetNames.isOwn($1) }
            }
        }
    }
}
