internal import PacketModel

/// The interfaces that patterns tell apart: each exact name, a witness for what is left of each wildcard, and one other.
///
/// Exact: two names of the same class are in the same sets (docs/proof.md).
struct InterfaceAtoms {
    /// A name of each class.
    private(set) var names: [String]
    /// The narrowest pattern that means each class; `nil` for the interfaces that none means.
    let patterns: [InterfacePattern?]
    /// The classes of names that stand in a pattern as they are.
    private let exact: [String: Int]
    /// The other classes, each with the wildcards that mean it.
    private let witnesses: [(index: Int, members: Set<InterfacePattern>)]
    /// All patterns, sorted.
    let known: [InterfacePattern]

    /// The classes of some patterns; the names in `preferred` are taken for witnesses where they can be.
    init(_ patterns: Set<InterfacePattern>, preferred: [String]) {
        let sorted = patterns.sorted()
        let wildcards = sorted.filter(\.isWildcard)
        var names: [String] = []
        var exact: [String: Int] = [:]
        var witnesses: [(index: Int, members: Set<InterfacePattern>)] = []
        var met: Set<Set<InterfacePattern>> = []
        func add(_ name: String) {
            if patterns.contains(.exact(name)) {
                if exact[name] != nil { return }
                exact[name] = names.count
            } else {
                let members = Set(wildcards.filter { $0.matches(name) })
                guard met.insert(members).inserted else { return }
                witnesses.append((names.count, members))
            }
            names.append(name)
        }
        for name in preferred { add(name) }
        for pattern in sorted {
            switch pattern {
            case .exact(let name): add(name)
            case .prefix(let prefix):
                for name in Self.names(beginning: prefix, besides: sorted) { add(name) }
            }
        }
        for number in 0...patterns.count where !met.contains([]) { add("if\(number)") }
        self.names = names
        self.exact = exact
        self.witnesses = witnesses
        known = sorted
        // Wildcards that mean one name are nested, so the longest is the narrowest.
        self.patterns = names.indices.map { index in
            if exact[names[index]] == index { return .exact(names[index]) }
            return witnesses.first { $0.index == index }?.members.max { $1.isNarrower(than: $0) }
        }
    }

    /// The class of a name.
    func atom(of name: String) -> UInt32 {
        if let index = exact[name] { return UInt32(index) }
        let members = Set(known.filter { $0.isWildcard && $0.matches(name) })
        return UInt32(witnesses.first { $0.members == members }?.index ?? names.count - 1)
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
        let isSmall = !set.isNegated && !set.patterns.contains(where: \.isWildcard)
        let members =
            isSmall
            ? set.patterns.compactMap { exact[$0.name] }.sorted()
            : names.indices.filter { set.contains(names[$0]) }
        return AtomSets.merged(members.map { UInt32($0)...UInt32($0) })
    }
}

extension InterfacePattern {
    /// Whether it means more than one name.
    fileprivate var isWildcard: Bool { if case .prefix = self { true } else { false } }

    /// The name, or its beginning.
    fileprivate var name: String {
        switch self {
        case .exact(let name), .prefix(let name): name
        }
    }

    /// Whether another pattern means all that this one means, and more.
    func isNarrower(than other: InterfacePattern) -> Bool { self != other && other.covers(self) }
}
