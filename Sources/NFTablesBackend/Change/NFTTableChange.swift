package import JSONC

/// What has to be done so that our table becomes what is wanted: `loaded, wanted -> NFTTableChange`.
package enum NFTTableChange: Hashable, Sendable {
    /// It is what is wanted.
    case nothing
    /// Elements of sets and maps; rules, counters and all other elements stay as they are.
    case elements([NFTSetChange])
    /// The whole table, and why.
    case replacement(reason: String)

    /// Compares what is loaded with what is wanted.
    ///
    /// Whatever cannot be compared leads to a replacement, never to *nothing*.
    package init(from live: NFTTableImage, to wanted: NFTTableImage) {
        guard live.hasSameRules(as: wanted) else {
            self = .replacement(reason: live.difference(from: wanted))
            return
        }
        let changes = wanted.sets.keys.sorted().compactMap { name in
            wanted.sets[name].flatMap { wanted in
                live.sets[name].flatMap { NFTSetChange(from: $0, to: wanted) }
            }
        }
        if changes.isEmpty {
            self = .nothing
        } else if let set = changes.first(where: { Self.endsLibrary(live.sets[$0.declaration.name], $0) }) {
            self = .replacement(
                reason: "the map '\(set.declaration.name)' holds intervals and '*', which nft 1.0.6 cannot change")
        } else {
            self = .elements(changes)
        }
    }

    /// Whether libnftables 1.0.6 aborts: it takes `*` for an interval in a map whose keys are single intervals.
    private static func endsLibrary(_ live: NFTTableImage.Content?, _ change: NFTSetChange) -> Bool {
        guard change.declaration.isInterval, change.declaration.types.count == 1 else { return false }
        return ((live?.elements ?? []) + change.added).contains { $0.key == nil }
    }

    /// The transaction that changes elements: `{"nftables": [ … ]}`.
    package static func commands(_ changes: [NFTSetChange]) -> JSONValue {
        document(changes.flatMap(\.commands))
    }

    /// Documents that the kernel takes in check mode only if the changes are in force; none, if it cannot be asked.
    ///
    /// It is asked for each element; nothing is listed. Of intervals, which it finds by a part of them, it cannot be asked so,
    /// and neither of the order of elements.
    package static func questions(_ changes: [NFTSetChange]) -> [JSONValue]? {
        guard changes.allSatisfy({ !$0.declaration.isInterval }) else { return nil }
        return [changes.flatMap(\.presence), changes.flatMap(\.verdicts)].filter { !$0.isEmpty }.map(document)
    }

    private static func document(_ commands: [JSONValue]) -> JSONValue {
        ["nftables": .array([["metainfo": ["json_schema_version": 1]]] + commands)]
    }
}

extension NFTTableChange: CustomStringConvertible {
    /// What was done, or would be: `nothing to change`, `the whole table: it is not there yet`.
    package var description: String {
        switch self {
        case .nothing: "nothing to change"
        case .elements(let sets): sets.map(\.description).joined(separator: "; ")
        case .replacement(let reason): "the whole table: \(reason)"
        }
    }
}

extension NFTTableImage {
    /// The first thing by which the rules differ, in words.
    fileprivate func difference(from wanted: NFTTableImage) -> String {
        if chains.keys.sorted() != wanted.chains.keys.sorted() { return "it has other chains" }
        for name in wanted.chains.keys.sorted() where chains[name] != wanted.chains[name] {
            return chains[name]?.hook != wanted.chains[name]?.hook
                ? "the chain '\(name)' stands elsewhere" : "the chain '\(name)' has other rules"
        }
        for name in wanted.sets.keys.sorted() where sets[name]?.declaration != wanted.sets[name]?.declaration {
            return "the \(wanted.sets[name]?.declaration.word ?? "set") '\(name)' is new, or of another type"
        }
        return "it has other sets"
    }
}
