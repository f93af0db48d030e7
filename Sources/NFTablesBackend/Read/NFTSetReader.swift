internal import JSONC

/// Reads a named set or map (libnftables-json(5)).
struct NFTSetReader {
    /// What it is.
    enum Content {
        case set(NFTSet)
        case map(NFTMap)
    }

    let content: Content

    init(_ reader: inout JSONObjectReader, _ path: String, isMap: Bool) throws(JSONError) {
        let name = try reader.string("name")
        let (kind, words) = try Self.kind(try reader.require("type"), "\(path).type")
        let data = isMap ? try reader.require("map") : nil
        let flags = try reader.flags("flags")
        let timeout = reader.take("timeout")
        let elements = reader.take("elem").map { $0.array ?? [$0] } ?? []
        let statements = reader.take("stmt").map { $0.array ?? [$0] } ?? []
        reader.drop("handle", "policy", "gc-interval", "size", "auto-merge", "comment", "count")
        try reader.finish()
        let isTimed = timeout != nil || flags.contains("timeout") || elements.contains(where: Self.isTimed)
        let volatility =
            isTimed
            ? "time removes elements of '\(name)'"
            : flags.contains("dynamic")
                ? NFTElements.changedByPackets(name)
                : statements.contains(where: Self.decides) || elements.contains(where: Self.asksMore)
                    ? NFTElements.asksMore(name) : nil
        guard let data else {
            var set = NFTSet(name: name, kind: kind, elements: [], volatility: volatility)
            set.elements = try Self.values(elements, kind, words, "\(path).elem")
            content = .set(set)
            return
        }
        var map = NFTMap(name: name, kind: kind, elements: [], volatility: volatility)
        if data == "verdict" {
            map.elements = try Self.verdicts(elements, kind, words, "\(path).elem")
        } else {
            map.volatility = "'\(name)' holds other things than verdicts"
        }
        content = .map(map)
    }

    /// The type of the keys: one, several in a row, or the types of expressions (1.1.2).
    private static func kind(_ json: JSONValue, _ path: String) throws(JSONError) -> (NFTSet.Kind, NFTWords) {
        switch json {
        case .string(let name): return (NFTSet.Kind(names: [name]), NFTWords())
        case .array(let names):
            return (
                NFTSet.Kind(
                    names: try names.enumerated().map { index, name throws(JSONError) in
                        try JSONObjectReader.string(name, path: "\(path)[\(index)]")
                    }), NFTWords()
            )
        default:
            guard let typeof = json["typeof"] else { throw JSONError(at: .path(path), "such a type is not known") }
            let expression = try NFTExpressionReader.expression(typeof, "\(path).typeof")
            return (expression.kind, NFTWords(expression))
        }
    }

    /// The elements of a set; `*` is none of them.
    static func values(
        _ elements: [JSONValue], _ kind: NFTSet.Kind, _ words: NFTWords, _ path: String
    ) throws(JSONError) -> [NFTValue] {
        try elements.enumerated().map { index, element throws(JSONError) in
            let value = NFTValueReader.unwrapped(element)
            guard value != "*" else {
                throw JSONError(at: .path("\(path)[\(index)]"), "an element '*' is known in verdict maps only")
            }
            return try NFTValueReader.value(value, kind, words: words, "\(path)[\(index)]")
        }
    }

    /// The elements of a map to verdicts.
    static func verdicts(
        _ elements: [JSONValue], _ kind: NFTSet.Kind, _ words: NFTWords, _ path: String
    ) throws(JSONError) -> [NFTVerdictMapElement] {
        try elements.enumerated().map { index, element throws(JSONError) in
            try NFTStatementReader.element(element, kind, words, "\(path)[\(index)]")
        }
    }

    static func isTimed(_ json: JSONValue) -> Bool {
        let element = json.array?.first ?? json
        return element["elem"]?["timeout"] != nil || element["elem"]?["expires"] != nil
    }

    /// Whether an element holds packets by more than its value: with a limit, it ends the rule beyond its rate.
    static func asksMore(_ json: JSONValue) -> Bool {
        guard case .object(let members)? = (json.array?.first ?? json)["elem"] else { return false }
        return members.contains { !idle.contains($0.key) }
    }

    /// Whether a statement of a set decides anything for the elements that get it.
    private static func decides(_ json: JSONValue) -> Bool {
        guard case .object(let members) = json else { return true }
        return members.contains { !idle.contains($0.key) }
    }

    /// What an element may hold beside its value without another meaning.
    private static let idle: Set = ["val", "comment", "counter", "last", "timeout", "expires"]
}

/// The elements of a named set or map of a table.
struct NFTElements {
    private(set) var table: NFTTable
    let name: String

    /// Puts elements in.
    mutating func add(_ elements: [JSONValue], _ path: String) throws(JSONError) {
        let isTimed = elements.contains(where: NFTSetReader.isTimed)
        let volatility =
            isTimed
            ? "time removes elements of '\(name)'"
            : elements.contains(where: NFTSetReader.asksMore) ? Self.asksMore(name) : nil
        if let place = table.sets.firstIndex(where: { $0.name == name }) {
            let values = try NFTSetReader.values(elements, table.sets[place].kind, NFTWords(), path)
            let known = Set(table.sets[place].elements)
            table.sets[place].elements += values.filter { !known.contains($0) }
            table.sets[place].volatility = table.sets[place].volatility ?? volatility
        } else if let place = table.maps.firstIndex(where: { $0.name == name }) {
            // Of a map to other things only its name is kept.
            guard table.maps[place].volatility == nil else { return }
            table.maps[place].elements += try NFTSetReader.verdicts(elements, table.maps[place].kind, NFTWords(), path)
            table.maps[place].volatility = volatility
        } else {
            throw JSONError(at: .path(path), "there is no set or map '\(name)' before this")
        }
    }

    /// Takes elements out, each as it was put in.
    mutating func remove(_ elements: [JSONValue], _ path: String) throws(JSONError) {
        guard let place = table.sets.firstIndex(where: { $0.name == name }) else {
            throw JSONError(at: .path(path), "there is no set '\(name)' before this")
        }
        for value in try NFTSetReader.values(elements, table.sets[place].kind, NFTWords(), path) {
            guard let index = table.sets[place].elements.firstIndex(of: value) else {
                throw JSONError(at: .path(path), "the set '\(name)' has no element '\(value.text)'")
            }
            table.sets[place].elements.remove(at: index)
        }
    }

    /// Why the elements of a set or map are not known that packets change.
    static func changedByPackets(_ name: String) -> String { "packets add elements to '\(name)'" }

    /// Why the elements of a set or map are not known that ask for more than a value.
    static func asksMore(_ name: String) -> String {
        "elements of '\(name)' limit or count the packets that they match"
    }

    /// Marks a set or map of a table as one that packets change.
    static func noteChange(of name: String, in table: inout NFTTable) {
        for place in table.sets.indices where table.sets[place].name == name {
            table.sets[place].volatility = table.sets[place].volatility ?? changedByPackets(name)
        }
        for place in table.maps.indices where table.maps[place].name == name {
            table.maps[place].volatility = table.maps[place].volatility ?? changedByPackets(name)
        }
    }

    init(table: NFTTable, name: String) {
        self.table = table
        self.name = name
    }
}
