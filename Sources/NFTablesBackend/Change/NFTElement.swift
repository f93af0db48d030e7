package import JSONC

/// An element of a named set, or of a named map to verdicts.
package struct NFTElement: Hashable, Sendable {
    /// The value; `nil` for `*`, which only maps have.
    package var key: NFTValue?
    /// What a map holds for it; `nil` in a set.
    package var verdict: NFTStatement?

    /// An element.
    package init(_ key: NFTValue?, _ verdict: NFTStatement? = nil) {
        self.key = key
        self.verdict = verdict
    }

    /// The JSON of libnftables: `"10.0.0.1"`, or `[80, {"drop": null}]` in a map.
    package var json: JSONValue {
        let key = self.key?.json ?? "*"
        return verdict.map { [key, $0.json] } ?? key
    }

    /// The element as nft writes it: `10.0.0.1`, `80 : drop`.
    package var text: String { (key?.text ?? "*") + (verdict.map { " : \($0.text)" } ?? "") }

    /// The same with a key in its one spelling.
    func canonical(_ kind: NFTSet.Kind) -> NFTElement { NFTElement(key?.canonical(kind), verdict) }
}

/// What a named set or map is, without its elements.
package struct NFTSetDeclaration: Hashable, Sendable {
    /// The name.
    package var name: String
    /// The types of the parts of its keys: `ipv4_addr`, `inet_service`.
    package var types: [String]
    /// Whether it is a map to verdicts.
    package var isMap: Bool
    /// Its flags, in the order of the alphabet.
    package var flags: [String]

    /// A declaration.
    package init(name: String, types: [String], isMap: Bool = false, flags: [String] = []) {
        self.name = name
        self.types = types
        self.isMap = isMap
        self.flags = flags
    }

    /// Whether elements may be ranges.
    package var isInterval: Bool { flags.contains("interval") }
    /// What its keys are.
    var kind: NFTSet.Kind { NFTSet.Kind(names: types) }
    /// `set` or `map`.
    package var word: String { isMap ? "map" : "set" }
}
