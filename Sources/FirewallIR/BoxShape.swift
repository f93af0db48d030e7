/// Which boxes one look-up can decide about: all that is not compared with the values of a set, and which fields are.
package struct BoxShape: Hashable, Sendable {
    /// The box without its keys.
    package let rest: BoxKey
    /// The fields that have values in the set.
    package let keys: BoxFields

    /// The shape of a box.
    package init(_ box: Box) {
        keys = box.presentKeys
        rest = BoxKey(box.lifting(keys))
    }
}

extension BoxShape {
    /// The shape in words.
    package var text: String { "\(keys.words.joined(separator: " . ")) in \(rest.box.text)" }
}

extension BoxFields {
    /// The fields as `--ir` calls them.
    package var words: [String] {
        let names: [(BoxFields, String)] = [
            (.source, "saddr"), (.destination, "daddr"), (.originalSource, "o.saddr"),
            (.originalDestination, "o.daddr"), (.sourcePort, "sport"), (.destinationPort, "dport"),
            (.originalSourcePort, "o.sport"), (.originalDestinationPort, "o.dport"), (.inInterface, "iif"),
            (.outInterface, "oif"), (.protocols, "proto"), (.direction, "dir"), (.state, "state"),
        ]
        return names.filter { contains($0.0) }.map(\.1)
    }
}

extension FirewallRule {
    /// The one shape of all boxes of a plain rule, if it has keys.
    package var mapShape: BoxShape? {
        guard isPlain, let first = condition.first else { return nil }
        let shape = BoxShape(first)
        let asked = BoxFields.all.subtracting(shape.keys)
        let isOne = condition.dropFirst().allSatisfy {
            $0.presentKeys == shape.keys && $0.agrees(with: first, in: asked)
        }
        guard !shape.keys.isEmpty, isOne else { return nil }
        return shape
    }
}
