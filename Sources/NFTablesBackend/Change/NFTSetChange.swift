internal import JSONC

/// What changes in the elements of one set or map.
package struct NFTSetChange: Hashable, Sendable {
    /// The set.
    package var declaration: NFTSetDeclaration
    /// The elements that are loaded and not wanted, in the order of their texts.
    package var removed: [NFTElement]
    /// The elements that are wanted and not loaded, in the order of the document.
    package var added: [NFTElement]
    /// All elements that are wanted, if the set is emptied and filled instead of changed one by one.
    package var contents: [NFTElement]?

    /// A change.
    package init(
        _ declaration: NFTSetDeclaration, removed: [NFTElement], added: [NFTElement], contents: [NFTElement]? = nil
    ) {
        self.declaration = declaration
        self.removed = removed
        self.added = added
        self.contents = contents
    }

    /// The change from what is loaded to what is wanted; `nil` if they are the same.
    init?(from live: NFTTableImage.Content, to wanted: NFTTableImage.Content) {
        declaration = wanted.declaration
        let (before, after) = (Set(live.elements), Set(wanted.elements))
        added = wanted.elements.filter { !before.contains($0) }
        removed = live.elements.filter { !after.contains($0) }.map { ($0.text, $0) }.sorted { $0.0 < $1.0 }.map(\.1)
        let order = NFTElementOrder(wanted)
        let isSame = (added.isEmpty && removed.isEmpty) || live.isUnion(of: wanted)
        guard !isSame || order.decides else { return nil }
        let isFlushed = order.decides || !order.allows(removed: removed, added: added, from: live.elements)
        contents = isFlushed ? wanted.elements : nil
    }

    /// How many keys get another verdict.
    package var changedKeys: Int { Set(removed.map(\.key)).intersection(added.map(\.key)).count }

    /// How many keys are affected.
    package var count: Int { added.count + removed.count - changedKeys }
}

extension NFTSetChange: CustomStringConvertible {
    /// `2 elements of the set 'a': 1 added, 1 removed`.
    package var description: String {
        let changed = changedKeys
        let parts = [
            (added.count - changed, "added"), (removed.count - changed, "removed"), (changed, "changed"),
        ]
        let set = "the \(declaration.word) '\(declaration.name)'"
        guard count > 0 else { return "the elements of \(set): put in their order" }
        return "\(count == 1 ? "1 element" : "\(count) elements") of \(set): "
            + parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    }
}

// MARK: - Commands

extension NFTSetChange {
    /// What the transaction holds for it: removals stand before additions, which may take their place.
    var commands: [JSONValue] {
        if let contents {
            return [["flush": [declaration.word: declaration.reference]]] + (contents.isEmpty ? [] : [add(contents)])
        }
        return (removed.isEmpty ? [] : [element("delete", removed)]) + (added.isEmpty ? [] : [add(added)])
    }

    /// Commands that the kernel takes, in check mode, only if all that was added is there and all that was removed is not.
    var presence: [JSONValue] {
        let gone = removed.filter { old in !added.contains { $0.key == old.key } }
        return (added.isEmpty ? [] : [element("delete", added)]) + (gone.isEmpty ? [] : [element("create", gone)])
    }

    /// Commands that the kernel takes, in check mode, only if no key of the map holds another verdict than what was added.
    var verdicts: [JSONValue] { declaration.isMap && !added.isEmpty ? [element("add", added)] : [] }

    /// Adds elements.
    ///
    /// `add set` of a set that is there adds the elements, and spares nft 1.0.6 the look at all interval sets of the host that
    /// `add element` costs. In a set of intervals nft has to see what is there, or neighbours are not told apart.
    private func add(_ elements: [NFTElement]) -> JSONValue {
        guard !declaration.isInterval else { return element("add", elements) }
        var members = declaration.members
        members.append(JSONMember("elem", .array(elements.map(\.json))))
        return ["add": [declaration.word: .object(members)]]
    }

    private func element(_ verb: String, _ elements: [NFTElement]) -> JSONValue {
        let members = declaration.referenceMembers + [JSONMember("elem", .array(elements.map(\.json)))]
        return .object([JSONMember(verb, ["element": .object(members)])])
    }
}

extension NFTSetDeclaration {
    /// The members by which a command names it.
    fileprivate var referenceMembers: [JSONMember] {
        [
            JSONMember("family", .string(NFTTableName.seawall.family)),
            JSONMember("table", .string(NFTTableName.seawall.name)), JSONMember("name", .string(name)),
        ]
    }

    fileprivate var reference: JSONValue { .object(referenceMembers) }

    /// The members of its declaration, as in a document.
    fileprivate var members: [JSONMember] {
        let type: JSONValue = types.count == 1 ? .string(types[0]) : .array(types.map(JSONValue.string))
        return referenceMembers + [JSONMember("type", type)] + (isMap ? [JSONMember("map", "verdict")] : [])
            + (flags.isEmpty ? [] : [JSONMember("flags", .array(flags.map(JSONValue.string)))])
    }
}
