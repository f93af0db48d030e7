internal import JSONC
internal import NFTablesBackend

extension NFTTableChange {
    /// `{"kind": "nothing"}`, `{"kind": "elements", "sets": […]}` or `{"kind": "table", "reason": …}`.
    var json: JSONValue {
        switch self {
        case .nothing: ["kind": "nothing"]
        case .elements(let sets): ["kind": "elements", "sets": .array(sets.map(\.json))]
        case .replacement(let reason): ["kind": "table", "reason": .string(reason)]
        }
    }
}

extension NFTSetChange {
    fileprivate var json: JSONValue {
        let changed = changedKeys
        return [
            "kind": .string(declaration.word), "name": .string(declaration.name),
            "added": .integer(Int64(added.count - changed)), "removed": .integer(Int64(removed.count - changed)),
            "changed": .integer(Int64(changed)), "refilled": .bool(contents != nil),
        ]
    }
}
