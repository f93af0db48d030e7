package import Diagnostics
internal import FirewallIR
internal import JSONC

/// Where the elements of sets and maps came from: the rules of the policy, and their places.
///
/// It stands beside the commands of a document, as `{"nftables": […], "seawall": {"elements": {SET: [ID, [ID, ID], …]},
/// "rules": {ID: "Policy.swift:7"}}}`; nft passes it over.
package struct NFTSources: Hashable, Sendable {
    /// For each set and map by its name: the identifiers of the rules for each element in turn.
    package var elements: [String: [[String]]]
    /// The places of the rules by their identifiers.
    package var places: [String: SourceLocation]

    /// Where elements came from.
    package init(elements: [String: [[String]]] = [:], places: [String: SourceLocation] = [:]) {
        self.elements = elements
        self.places = places
    }

    /// Whether there is nothing to say.
    package var isEmpty: Bool { elements.isEmpty }

    /// The key of a document under which it stands.
    package static let key = "seawall"
}

extension NFTSources {
    /// As it stands in a document.
    var json: JSONValue {
        let elements = elements.sorted { $0.key < $1.key }.map { name, sources in
            JSONMember(
                name,
                .array(sources.map { $0.count == 1 ? .string($0[0]) : .array($0.map(JSONValue.string)) }))
        }
        let places = places.sorted { $0.key < $1.key }.map { JSONMember($0.key, .string("\($0.value)")) }
        return ["elements": .object(elements), "rules": .object(places)]
    }

    /// Reads what `json` wrote.
    ///
    /// - Throws: `JSONError` with the path of what is something else.
    init(_ json: JSONValue, _ path: String) throws(JSONError) {
        var reader = try JSONObjectReader(json, path: path)
        let elements = try reader.require("elements")
        let places = try reader.require("rules")
        try reader.finish()
        self.init()
        for member in try Self.members(elements, "\(path).elements") {
            let inner = "\(path).elements.\(member.key)"
            guard case .array(let list) = member.value else {
                throw JSONError(at: .path(inner), "expected a list, found \(member.value.kind)")
            }
            self.elements[member.key] = try list.enumerated().map { index, one throws(JSONError) in
                let names = one.array ?? [one]
                return try names.map { name throws(JSONError) in
                    guard let text = name.string else {
                        throw JSONError(at: .path("\(inner)[\(index)]"), "expected the identifier of a rule")
                    }
                    return text
                }
            }
        }
        for member in try Self.members(places, "\(path).rules") {
            guard let text = member.value.string else {
                throw JSONError(at: .path("\(path).rules.\(member.key)"), "expected a place")
            }
            self.places[member.key] = Self.place(text)
        }
    }

    private static func members(_ json: JSONValue, _ path: String) throws(JSONError) -> [JSONMember] {
        guard case .object(let members) = json else {
            throw JSONError(at: .path(path), "expected an object, found \(json.kind)")
        }
        return members
    }

    /// `Policy.swift:7`, or a file alone.
    private static func place(_ text: String) -> SourceLocation {
        guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")), let line = Int(text[text.index(after: colon)...])
        else { return SourceLocation(file: text) }
        return SourceLocation(file: String(text[..<colon]), line: line)
    }
}
