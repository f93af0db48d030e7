internal import JSONC

extension MatchNode {
    var json: JSONValue {
        var members = Members()
        members.add("field", field.rawValue)
        members.add("not", isNegated)
        members.add("orAbsent", allowsAbsent)
        switch values {
        case .addresses(let set): members.add("addresses", set.json)
        case .ports(let set): members.add("ports", set.json)
        case .interfaces(let set): members.add("interfaces", set.json)
        case .names(let names): members.add("names", .array(names.map(JSONValue.string)))
        case .numbers(let set): members.add("numbers", set.json)
        case .masked(let mask, let value):
            members.add("mask", .integer(Int64(mask)))
            members.add("value", .integer(Int64(value)))
        case .alternatives(let lists):
            members.add("alternatives", .array(lists.map { .array($0.map(\.json)) }))
        case .module(let module): members.add("module", module.json)
        case .rate(let rate, let isOver):
            members.add("rate", rate.json)
            members.add("over", isOver)
        case .bytes(let bytes):
            members.add("bytes", Int64(exactly: bytes).map(JSONValue.integer) ?? .string(String(bytes)))
        }
        members.add("interface", interface)
        return members.json
    }

    init(json: JSONValue, path: String) throws(JSONError) {
        var reader = try JSONObjectReader(json, path: path)
        self.init(
            field: try reader.choice("field", as: MatchField.self), values: .names([]),
            isNegated: try reader.flag("not"), interface: try reader.optionalString("interface"),
            allowsAbsent: try reader.flag("orAbsent"))
        values = try Self.values(&reader, path: path)
        try reader.finish()
    }

    private static func values(_ reader: inout JSONObjectReader, path: String) throws(JSONError) -> Values {
        if let value = reader.take("addresses") {
            return .addresses(try AddressExpression(json: value, path: "\(path).addresses"))
        }
        if let value = reader.take("ports") {
            return .ports(try PortExpression(json: value, path: "\(path).ports"))
        }
        if let value = reader.take("interfaces") {
            return .interfaces(try InterfaceExpression(json: value, path: "\(path).interfaces"))
        }
        if let value = reader.take("numbers") {
            return .numbers(try NumberExpression(json: value, path: "\(path).numbers"))
        }
        if let mask = try reader.optionalBits("mask") {
            return .masked(mask: mask, value: try reader.bits("value"))
        }
        if let value = reader.take("alternatives") {
            return .alternatives(try alternatives(value, path: "\(path).alternatives"))
        }
        if let value = reader.take("module") {
            return .module(try ModuleNode(json: value, path: "\(path).module"))
        }
        if let value = reader.take("rate") {
            return .rate(try RateNode(json: value, path: "\(path).rate"), isOver: try reader.flag("over"))
        }
        if let value = reader.take("bytes") { return .bytes(try bytes(value, path: "\(path).bytes")) }
        return .names(
            try reader.array("names") { (value, path) throws(JSONError) in
                try JSONObjectReader.string(value, path: path)
            })
    }

    private static func alternatives(_ json: JSONValue, path: String) throws(JSONError) -> [[MatchNode]] {
        guard case .array(let lists) = json else {
            throw JSONError(at: .path(path), "expected an array of arrays, found \(json.kind)")
        }
        var result: [[MatchNode]] = []
        for (index, list) in lists.enumerated() {
            guard case .array(let elements) = list else {
                throw JSONError(at: .path("\(path)[\(index)]"), "expected an array, found \(list.kind)")
            }
            var matches: [MatchNode] = []
            for (position, element) in elements.enumerated() {
                matches.append(try MatchNode(json: element, path: "\(path)[\(index)][\(position)]"))
            }
            result.append(matches)
        }
        return result
    }

    private static func bytes(_ json: JSONValue, path: String) throws(JSONError) -> UInt64 {
        let number = json.integer.flatMap { UInt64(exactly: $0) } ?? json.string.flatMap { UInt64($0) }
        guard let number else { throw JSONError(at: .path(path), "expected a number of bytes, found \(json.text())") }
        return number
    }
}

extension JSONObjectReader {
    /// Takes a number of 32 bits that has to be there.
    mutating func bits(_ key: String) throws(JSONError) -> UInt32 {
        guard let bits = try optionalBits(key) else {
            throw JSONError(at: .path(path), "the key '\(key)' is missing")
        }
        return bits
    }

    /// Takes a number of 32 bits, if it is there.
    mutating func optionalBits(_ key: String) throws(JSONError) -> UInt32? {
        guard let number = try optionalInteger(key) else { return nil }
        guard let bits = UInt32(exactly: number) else {
            throw JSONError(at: .path("\(path).\(key)"), "expected a number of 32 bits, found \(number)")
        }
        return bits
    }
}
