package import JSONC

/// What a set in a document is made of: something that JSON can hold as a string, a number or an object.
package protocol SetLeaf: Hashable, Sendable {
    /// The leaf as JSON; never an array, and no object with the key `not`.
    var json: JSONValue { get }
    /// Reads it back.
    init(json: JSONValue, path: String) throws(JSONError)
}

/// A set as it was written: not yet validated, so that each mistake can be shown where it stands.
package indirect enum SetExpression<Leaf: SetLeaf>: Hashable, Sendable {
    /// No restriction.
    case any
    /// One entry.
    case leaf(Leaf)
    /// The union of sets; without members it is empty, which is an error later on.
    case union([SetExpression])
    /// All that is not in the set.
    case not(SetExpression)

    /// `null`, a leaf, an array for a union, `{"not": …}`.
    package var json: JSONValue {
        switch self {
        case .any: .null
        case .leaf(let leaf): leaf.json
        case .union(let members): .array(members.map(\.json))
        case .not(let inner): ["not": inner.json]
        }
    }

    /// Reads it back.
    package init(json: JSONValue, path: String) throws(JSONError) {
        switch json {
        case .null: self = .any
        case .array(let elements):
            var members: [SetExpression] = []
            for (index, element) in elements.enumerated() {
                members.append(try SetExpression(json: element, path: "\(path)[\(index)]"))
            }
            self = .union(members)
        case .object where json["not"] != nil:
            var reader = try JSONObjectReader(json, path: path)
            self = .not(try SetExpression(json: try reader.require("not"), path: "\(path).not"))
            try reader.finish()
        default: self = .leaf(try Leaf(json: json, path: path))
        }
    }

    /// Whether nothing is restricted.
    package var isAny: Bool { self == .any }

    /// Whether it is everything as it was written: no restriction, or a union with that.
    package var holdsAll: Bool {
        switch self {
        case .any: true
        case .union(let members): members.contains(where: \.holdsAll)
        case .leaf, .not: false
        }
    }

    /// The union of both; one that is joined to again and again stays one list, however long.
    package func union(_ other: SetExpression) -> SetExpression {
        guard case .union(let members) = self, !members.isEmpty else { return .union([self, other]) }
        return .union(members + [other])
    }

    /// All entries, in the order written.
    package var leaves: [Leaf] {
        switch self {
        case .any: []
        case .leaf(let leaf): [leaf]
        case .union(let members): members.flatMap(\.leaves)
        case .not(let inner): inner.leaves
        }
    }
}

/// A file that a policy reads, by its path relative to the policy's folder.
package struct FileReference: Hashable, Sendable {
    /// The path as written.
    package var path: String
    /// Whether a file without entries is meant to match nothing, rather than an error.
    package var mayBeEmpty: Bool

    /// The path as the kernel knows it: texts that Swift calls equal may be different files.
    package var pathBytes: [UInt8] { Array(path.utf8) }

    /// A reference.
    package init(path: String, mayBeEmpty: Bool) {
        self.path = path
        self.mayBeEmpty = mayBeEmpty
    }

    var json: JSONValue {
        mayBeEmpty ? ["file": .string(path), "mayBeEmpty": true] : ["file": .string(path)]
    }

    init(json: JSONValue, path: String) throws(JSONError) {
        var reader = try JSONObjectReader(json, path: path)
        self.path = try reader.string("file")
        mayBeEmpty = try reader.flag("mayBeEmpty")
        try reader.finish()
    }
}

/// An address, network or range as written, or a file of them.
package enum AddressLeaf: SetLeaf {
    case text(String)
    case file(FileReference)

    package var json: JSONValue {
        switch self {
        case .text(let text): .string(text)
        case .file(let reference): reference.json
        }
    }

    package init(json: JSONValue, path: String) throws(JSONError) {
        if case .string(let text) = json {
            self = .text(text)
        } else {
            self = .file(try FileReference(json: json, path: path))
        }
    }
}

/// A port, a range of ports, a service's name, or a file of them; numbers as written, so any integer.
package enum PortLeaf: SetLeaf {
    case number(Int)
    case range(Int, Int)
    case name(String)
    case file(FileReference)

    package var json: JSONValue {
        switch self {
        case .number(let port): .integer(Int64(port))
        case .range(let first, let last): ["range": [.integer(Int64(first)), .integer(Int64(last))]]
        case .name(let name): .string(name)
        case .file(let reference): reference.json
        }
    }

    package init(json: JSONValue, path: String) throws(JSONError) {
        switch json {
        case .integer(let port): self = .number(Int(port))
        case .string(let name): self = .name(name)
        case .object where json["range"] != nil:
            let (first, last) = try rangeEnds(json, path: path)
            self = .range(first, last)
        default: self = .file(try FileReference(json: json, path: path))
        }
    }
}

/// The name of an interface as written, perhaps with a wildcard at its end.
package struct InterfaceLeaf: SetLeaf {
    /// The text.
    package var text: String

    /// A leaf from its text.
    package init(_ text: String) { self.text = text }

    package var json: JSONValue { .string(text) }

    package init(json: JSONValue, path: String) throws(JSONError) {
        text = try JSONObjectReader.string(json, path: path)
    }
}

/// A number or a range of numbers, as written.
package enum NumberLeaf: SetLeaf {
    case number(Int)
    case range(Int, Int)

    package var json: JSONValue {
        switch self {
        case .number(let number): .integer(Int64(number))
        case .range(let first, let last): ["range": [.integer(Int64(first)), .integer(Int64(last))]]
        }
    }

    package init(json: JSONValue, path: String) throws(JSONError) {
        guard case .object = json else {
            self = .number(try JSONObjectReader.integer(json, path: path))
            return
        }
        let (first, last) = try rangeEnds(json, path: path)
        self = .range(first, last)
    }
}

/// Addresses as written.
package typealias AddressExpression = SetExpression<AddressLeaf>
/// Numbers as written.
package typealias NumberExpression = SetExpression<NumberLeaf>
/// Ports as written.
package typealias PortExpression = SetExpression<PortLeaf>
/// Interfaces as written.
package typealias InterfaceExpression = SetExpression<InterfaceLeaf>

/// The two numbers of `{"range": [FIRST, LAST]}`.
private func rangeEnds(_ json: JSONValue, path: String) throws(JSONError) -> (Int, Int) {
    var reader = try JSONObjectReader(json, path: path)
    let ends = try reader.array("range") { (value, path) throws(JSONError) in
        try JSONObjectReader.integer(value, path: path)
    }
    try reader.finish()
    guard ends.count == 2 else {
        throw JSONError(at: .path("\(path).range"), "expected two numbers, found \(ends.count)")
    }
    return (ends[0], ends[1])
}
