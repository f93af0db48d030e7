/// Checked access to an object: each key is asked for once, and a key that nobody asked for is an error.
package struct JSONObjectReader {
    /// The way from the root, for messages.
    package let path: String
    private var members: [JSONMember]

    /// Opens an object.
    ///
    /// - Throws: `JSONError` if the value is none.
    package init(_ value: JSONValue, path: String = "$") throws(JSONError) {
        guard case .object(let members) = value else {
            throw JSONError(at: .path(path), "expected an object, found \(value.kind)")
        }
        self.path = path
        self.members = members
    }

    /// Takes the value of a key, if it is there and not null.
    package mutating func take(_ key: String) -> JSONValue? {
        guard let index = members.firstIndex(where: { $0.key == key }) else { return nil }
        let value = members.remove(at: index).value
        return value == .null ? nil : value
    }

    /// Takes the value of a key that has to be there.
    package mutating func require(_ key: String) throws(JSONError) -> JSONValue {
        guard let value = take(key) else { throw JSONError(at: .path(path), "the key '\(key)' is missing") }
        return value
    }

    /// Takes a string that has to be there.
    package mutating func string(_ key: String) throws(JSONError) -> String {
        try Self.string(try require(key), path: "\(path).\(key)")
    }

    /// Takes a string, if it is there.
    package mutating func optionalString(_ key: String) throws(JSONError) -> String? {
        guard let value = take(key) else { return nil }
        return try Self.string(value, path: "\(path).\(key)")
    }

    /// Takes an integer, if it is there.
    package mutating func optionalInteger(_ key: String) throws(JSONError) -> Int? {
        guard let value = take(key) else { return nil }
        return try Self.integer(value, path: "\(path).\(key)")
    }

    /// Takes an integer that has to be there.
    package mutating func integer(_ key: String) throws(JSONError) -> Int {
        try Self.integer(try require(key), path: "\(path).\(key)")
    }

    /// Takes a boolean; what is not there is false.
    package mutating func flag(_ key: String) throws(JSONError) -> Bool {
        try optionalFlag(key) ?? false
    }

    /// Takes a boolean, if it is there.
    package mutating func optionalFlag(_ key: String) throws(JSONError) -> Bool? {
        guard let value = take(key) else { return nil }
        guard case .bool(let flag) = value else {
            throw JSONError(at: .path("\(path).\(key)"), "expected a boolean, found \(value.kind)")
        }
        return flag
    }

    /// Takes an array; what is not there is empty.
    package mutating func array(_ key: String) throws(JSONError) -> [JSONValue] {
        guard let value = take(key) else { return [] }
        guard case .array(let elements) = value else {
            throw JSONError(at: .path("\(path).\(key)"), "expected an array, found \(value.kind)")
        }
        return elements
    }

    /// Takes an array and reads each element with its path.
    package mutating func array<T>(
        _ key: String, _ read: (JSONValue, String) throws(JSONError) -> T
    ) throws(JSONError) -> [T] {
        var result: [T] = []
        for (index, element) in try array(key).enumerated() {
            result.append(try read(element, "\(path).\(key)[\(index)]"))
        }
        return result
    }

    /// Reads the value of a key, if it is there, with its path.
    package mutating func optional<T>(
        _ key: String, _ read: (JSONValue, String) throws(JSONError) -> T
    ) throws(JSONError) -> T? {
        guard let value = take(key) else { return nil }
        return try read(value, "\(path).\(key)")
    }

    /// Says that all is read.
    ///
    /// - Throws: `JSONError` that names a key that nobody asked for.
    package func finish() throws(JSONError) {
        guard let extra = members.first else { return }
        throw JSONError(at: .path(path), "the key '\(extra.key)' is unknown to this version of Seawall")
    }

    /// The text of a value.
    package static func string(_ value: JSONValue, path: String) throws(JSONError) -> String {
        guard case .string(let text) = value else {
            throw JSONError(at: .path(path), "expected a string, found \(value.kind)")
        }
        return text
    }

    /// The number of a value.
    package static func integer(_ value: JSONValue, path: String) throws(JSONError) -> Int {
        guard case .integer(let number) = value else {
            throw JSONError(at: .path(path), "expected an integer, found \(value.kind)")
        }
        return Int(number)
    }
}
