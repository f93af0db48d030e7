internal import PacketModel

/// The interfaces that patterns tell apart: each exact name, a witness for what is left of each wildcard, and one other.
///
/// Exact: two names of the same class are in the same sets (docs/proof.md).
struct InterfaceAtoms {
    /// A name of each class.
    private(set) var names: [String]
    /// The narrowest pattern that means each class; `nil` for the interfaces that none means.
    let patterns: [InterfacePattern?]
    /// All patterns, sorted.
    let known: [InterfacePattern]

    /// The classes of some patterns; the names in `preferred` are taken for witnesses where they can be.
    init(_ patterns: Set<InterfacePattern>, preferred: [String]) {
        var classes: [(members: [Bool], name: String)] = []
        let sorted = patterns.sorted()
        func add(_ name: String) {
            let members = sorted.map { $0.matches(name) }
            if !classes.contains(where: { $0.members == members }) { classes.append((members, name)) }
        }
        for name in preferred { add(name) }
        for pattern in sorted {
            switch pattern {
            case .exact(let name): add(name)
            case .prefix(let prefix):
                for name in Self.names(beginning: prefix, besides: sorted) { add(name) }
            }
        }
        for number in 0...patterns.count { add("if\(number)") }
        names = classes.map(\.name)
        known = sorted
        // Patterns that mean one name are nested, so the longest is the narrowest; an exact one stands before its like.
        self.patterns = classes.map { one in
            zip(sorted, one.members).filter(\.1).map(\.0).max { $1.isNarrower(than: $0) }
        }
    }

    /// The class of a name.
    func atom(of name: String) -> UInt32 {
        let members = known.map { $0.matches(name) }
        let index = names.firstIndex { other in known.elementsEqual(members) { $0.matches(other) == $1 } }
        return UInt32(index ?? names.count - 1)
    }

    /// Names that begin so; among them one that no longer pattern means, if the kernel's 15 bytes leave room for one.
    private static func names(beginning prefix: String, besides patterns: [InterfacePattern]) -> [String] {
        let room = 15 - prefix.utf8.count
        let letters = Array("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_.")
        let longer = patterns.filter { $0 != .prefix(prefix) && InterfacePattern.prefix(prefix).covers($0) }
        let isFree = { (name: String) in !longer.contains { $0.matches(name) } }
        if room >= 1, let name = letters.lazy.map({ prefix + String($0) }).first(where: isFree) { return [name] }
        guard room >= 2 else { return [] }
        let pairs = letters.lazy.flatMap { a in letters.lazy.map { b in prefix + String([a, b]) } }
        return pairs.first(where: isFree).map { [$0] } ?? []
    }

    /// The classes in a set.
    func atoms(of set: InterfaceSet) -> AtomIntervals {
        AtomSets.merged(names.indices.filter { set.contains(names[$0]) }.map { UInt32($0)...UInt32($0) })
    }
}

extension InterfacePattern {
    /// Whether another pattern means all that this one means, and more.
    func isNarrower(than other: InterfacePattern) -> Bool { self != other && other.covers(self) }
}
