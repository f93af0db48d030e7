package import JSONC

/// The version of Seawall; `make release` and the changelog speak of the same.
package let seawallVersion = "0.1.0"

/// A document that cannot be read.
package enum PolicyDocumentError: Error, Hashable, Sendable {
    /// No document at all, or one of another program.
    case notADocument(String)
    /// A version that this Seawall does not know.
    case unknownVersion(String)
    /// Something in it has not the form of this version.
    case malformed(JSONError)
}

extension PolicyDocument {
    /// The document as JSON: the version first, keys always in the same order.
    package var json: JSONValue {
        var locations: [JSONMember] = []
        for node in content { node.collectLocations(into: &locations) }
        var members = [
            JSONMember(
                "seawall",
                .object([
                    JSONMember("document", .integer(Int64(Self.version))), JSONMember("generator", .string(generator)),
                ])),
            JSONMember("policy", .string(policy)),
            JSONMember(
                "files",
                .array(
                    files.map { file in
                        .object(
                            [JSONMember("path", .string(file.path))]
                                + (file.contents.map { [JSONMember("contents", .string($0))] } ?? []))
                    })),
            JSONMember("content", .array(content.map(\.json))),
            JSONMember("locations", .object(locations)),
        ]
        // In the order of the rules.
        let origins = locations.compactMap { row in
            imported[row.key].map { JSONMember(row.key, .array($0.map(\.json))) }
        }
        if !origins.isEmpty { members.append(JSONMember("imported", .object(origins))) }
        return .object(members)
    }

    /// Reads a document; its version is looked at before anything else.
    package static func decode(_ json: JSONValue) throws(PolicyDocumentError) -> PolicyDocument {
        guard let head = json["seawall"], let version = head["document"] else {
            throw .notADocument("there is no \"seawall\": {\"document\": VERSION} in it")
        }
        guard version.integer == Int64(Self.version) else {
            throw .unknownVersion(version.text())
        }
        do {
            return try body(json)
        } catch {
            throw .malformed(error)
        }
    }

    private static func body(_ json: JSONValue) throws(JSONError) -> PolicyDocument {
        var root = try JSONObjectReader(json)
        var head = try JSONObjectReader(try root.require("seawall"), path: "$.seawall")
        _ = try head.integer("document")
        let generator = try head.string("generator")
        try head.finish()
        let policy = try root.string("policy")
        guard !policy.isEmpty, policy.unicodeScalars.allSatisfy({ $0.value >= 32 && !(127...159).contains($0.value) })
        else {
            throw JSONError(at: .path("$.policy"), "expected the name of a type, on one line")
        }
        let files = try root.array("files") { (value, path) throws(JSONError) in
            var reader = try JSONObjectReader(value, path: path)
            let file = File(path: try reader.string("path"), contents: try reader.optionalString("contents"))
            try reader.finish()
            return file
        }
        let locations = try NodeLocations(json: try root.require("locations"), path: "$.locations")
        let content = try root.array("content") { (value, path) throws(JSONError) in
            try PolicyNode(json: value, path: path, locations: locations)
        }
        let imported = try Self.imported(root.take("imported"))
        try root.finish()
        return PolicyDocument(policy: policy, generator: generator, files: files, content: content, imported: imported)
    }

    private static func imported(_ json: JSONValue?) throws(JSONError) -> [String: [ImportedRule]] {
        guard let json else { return [:] }
        guard case .object(let members) = json else {
            throw JSONError(at: .path("$.imported"), "expected an object, found \(json.kind)")
        }
        var imported: [String: [ImportedRule]] = [:]
        for member in members {
            let path = "$.imported.\(member.key)"
            guard case .array(let rules) = member.value else {
                throw JSONError(at: .path(path), "expected an array, found \(member.value.kind)")
            }
            for (index, rule) in rules.enumerated() {
                imported[member.key, default: []].append(try ImportedRule(json: rule, path: "\(path)[\(index)]"))
            }
        }
        return imported
    }
}

extension PolicyDocument.ImportedRule {
    fileprivate var json: JSONValue { ["rule": .string(rule), "at": .string(origin)] }

    fileprivate init(json: JSONValue, path: String) throws(JSONError) {
        var reader = try JSONObjectReader(json, path: path)
        rule = try reader.string("rule")
        origin = try reader.string("at")
        try reader.finish()
    }
}

/// The table from identifiers to source lines.
struct NodeLocations {
    private let table: [String: NodeLocation]

    init(json: JSONValue, path: String) throws(JSONError) {
        guard case .object(let members) = json else {
            throw JSONError(at: .path(path), "expected an object, found \(json.kind)")
        }
        var table: [String: NodeLocation] = [:]
        for member in members {
            guard NodeIdentifiers.isIdentifier(member.key) else {
                throw JSONError(
                    at: .path(path),
                    "expected identifiers of eight lower-case letters and digits, found '\(member.key)'")
            }
            let text = try JSONObjectReader.string(member.value, path: "\(path).\(member.key)")
            guard let colon = text.lastIndex(of: ":"), let line = Int(text[text.index(after: colon)...]), line > 0
            else {
                throw JSONError(at: .path("\(path).\(member.key)"), "expected FILE:LINE, found '\(text)'")
            }
            table[member.key] = NodeLocation(file: String(text[..<colon]), line: line)
        }
        self.table = table
    }

    func location(of id: String, path: String) throws(JSONError) -> NodeLocation {
        guard let location = table[id] else {
            throw JSONError(at: .path(path), "the identifier '\(id)' is not in the table of locations")
        }
        return location
    }
}

extension PolicyNode {
    func collectLocations(into members: inout [JSONMember]) {
        func add(_ id: String, _ at: NodeLocation) { members.append(JSONMember(id, .string("\(at.file):\(at.line)"))) }
        switch self {
        case .block(let block):
            add(block.id, block.location)
            for child in block.children { child.collectLocations(into: &members) }
        case .chain(let chain):
            add(chain.id, chain.location)
            for child in chain.children { child.collectLocations(into: &members) }
        case .scope(let scope):
            add(scope.id, scope.location)
            for child in scope.children { child.collectLocations(into: &members) }
        case .group(let group):
            add(group.id, group.location)
            for child in group.children { child.collectLocations(into: &members) }
        case .rule(let rule): add(rule.id, rule.location)
        case .expectation(let expectation): add(expectation.id, expectation.location)
        }
    }
}
