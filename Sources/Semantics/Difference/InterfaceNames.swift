package import PacketModel

/// Interfaces as people say them: patterns, each without some of what it means, or all but those.
package struct InterfaceNames: Hashable, Sendable {
    /// A pattern, and the narrower ones that are left out of it.
    package struct Part: Hashable, Sendable {
        package var pattern: InterfacePattern
        package var except: [InterfacePattern]
    }

    /// The parts, sorted.
    package var parts: [Part]
    /// Whether all other interfaces are meant.
    package var isComplement: Bool

    /// Whether a name is meant.
    package func contains(_ name: String) -> Bool {
        let isInParts = parts.contains { part in
            part.pattern.matches(name) && !part.except.contains { $0.matches(name) }
        }
        return isInParts != isComplement
    }
}

extension InterfaceAtoms {
    /// What some classes stand for; never a name that was invented as a witness.
    func names(of atoms: AtomIntervals) -> InterfaceNames {
        let members = patterns.indices.map { index in atoms.contains { $0.contains(UInt32(index)) } }
        let isComplement = zip(patterns, members).contains { $0 == nil && $1 }
        // Patterns of which nothing is left beside narrower ones have no class: they are no part by themselves.
        let meant = Set(zip(patterns, members).filter { $1 != isComplement }.compactMap(\.0))
        let unmeant = known.filter { pattern in !meant.contains(pattern) && patterns.contains(pattern) }
        var parts: [InterfaceNames.Part] = []
        for pattern in known where meant.contains(pattern) {
            let parent = nearest(above: pattern)
            if let parent, meant.contains(parent) { continue }
            let inside = unmeant.filter { $0.isNarrower(than: pattern) && Self.reaches($0, from: pattern, unmeant) }
            parts.append(InterfaceNames.Part(pattern: pattern, except: inside))
        }
        return InterfaceNames(parts: parts, isComplement: isComplement)
    }

    /// The narrowest pattern with a class of its own that means all of another.
    private func nearest(above pattern: InterfacePattern) -> InterfacePattern? {
        known.filter { pattern.isNarrower(than: $0) && patterns.contains($0) }.max { $1.isNarrower(than: $0) }
    }

    /// Whether no other pattern of the list lies between two.
    private static func reaches(_ inner: InterfacePattern, from outer: InterfacePattern, _ list: [InterfacePattern])
        -> Bool
    {
        !list.contains { inner.isNarrower(than: $0) && $0.isNarrower(than: outer) }
    }
}
