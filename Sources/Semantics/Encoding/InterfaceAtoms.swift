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
    ///
    /// Packets whose interface may be missing have one whose name is empty.
    init(_ patterns: Set<InterfacePattern>, preferred: [String], mayBeMissing: Bool = false) {
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
                if let name = Self.name(below: prefix, besides: sorted) { add(name) }
            }
        }
        add("if0")
        if !met.contains([]), let name = Self.name(below: "", besides: sorted) { add(name) }
        if mayBeMissing { add("") }
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

    /// A name that begins so, and that no narrower pattern means; `nil` only if the kernel can have no such name.
    ///
    /// A class without a witness would be interfaces that no proof looks at: so the search goes on below names that are
    /// taken, and only below wildcards it need not.
    private static func name(below prefix: String, besides patterns: [InterfacePattern]) -> String? {
        let narrower = patterns.filter { prefix.isEmpty || $0.isNarrower(than: .prefix(prefix)) }
        let isFree = { (name: String) in
            (try? InterfacePattern(text: name)) == .exact(name) && !narrower.contains { $0.matches(name) }
        }
        let longer = alphabet.map { prefix + String($0) }.filter { $0.utf8.count <= 15 }
        if let name = longer.first(where: isFree) { return name }
        if isFree(prefix) { return prefix }
        let open = longer.filter { name in !narrower.contains { $0.isWildcard && $0.matches(name) } }
        return open.lazy.compactMap { Self.name(below: $0, besides: narrower) }.first
    }

    /// What names can be made of, usual letters first; one that takes two bytes stands for all that are left.
    private static let alphabet = Array(
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_.!#$%&'(),;<=>?@[]^`{|}~é")

    /// Whether a set tells no names apart that were not before.
    func knows(_ set: InterfaceSet) -> Bool { set.patterns.allSatisfy(known.contains) }

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
