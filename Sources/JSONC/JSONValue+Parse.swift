internal import CJSONC

extension JSONValue {
    /// Reads a whole JSON text as json-c does: one value, nothing behind it, valid UTF-8, at most 64 levels deep.
    ///
    /// - Parameter text: the bytes of the text.
    /// - Returns: the value.
    /// - Throws: `JSONError` with the line and column at which json-c stopped.
    package static func parse(_ text: some Collection<UInt8>) throws(JSONError) -> JSONValue {
        let bytes = Array(text)
        guard bytes.count < Int(Int32.max) else {
            throw JSONError(at: .position(line: 1, column: 1), "the text has over 2 GiB")
        }
        if let value = bytes.withUnsafeBufferPointer({ JSONScanner.value(of: $0) }) { return value }
        guard let tokener = json_tokener_new_ex(64) else {
            throw JSONError(at: .position(line: 1, column: 1), "json-c has no memory left")
        }
        defer { json_tokener_free(tokener) }
        json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8)
        var root = bytes.withUnsafeBufferPointer { buffer -> OpaquePointer? in
            buffer.withMemoryRebound(to: CChar.self) {
                json_tokener_parse_ex(tokener, $0.baseAddress ?? emptyText, Int32(buffer.count))
            }
        }
        defer { json_object_put(root) }
        var end = Int(json_tokener_get_parse_end(tokener))
        if json_tokener_get_error(tokener) == json_tokener_continue {
            // A number at the very end could go on; what follows it says that it does not.
            root = json_tokener_parse_ex(tokener, " ", 1)
            end = bytes.count
            if json_tokener_get_error(tokener) != json_tokener_success {
                throw JSONError(
                    at: position(of: bytes.count, in: bytes), "the text ends in the middle: it is empty or cut short")
            }
        }
        switch json_tokener_get_error(tokener) {
        case json_tokener_success: break
        case let code:
            throw JSONError(at: position(of: end, in: bytes), String(cString: json_tokener_error_desc(code)))
        }
        if let extra = bytes[min(end, bytes.count)...].firstIndex(where: { ![9, 10, 13, 32].contains($0) }) {
            throw JSONError(at: position(of: extra, in: bytes), "something follows the end of the value")
        }
        return owned(root)
    }

    /// Reads a whole JSON text in which no key stands twice in one object; json-c keeps the last of its values in silence.
    ///
    /// - Throws: `JSONError` with the line and column at which json-c stopped, or the line of the second key.
    package static func parse(distinct bytes: [UInt8]) throws(JSONError) -> JSONValue {
        if let value = bytes.withUnsafeBufferPointer({ JSONScanner.value(of: $0) }) { return value }
        let value = try parse(bytes)
        if let twice = JSONDuplicateKeys.first(in: bytes) {
            throw JSONError(
                at: .position(line: twice.line, column: 1), "the key '\(twice.key)' stands twice in one object")
        }
        return value
    }

    /// Reads a whole JSON text.
    package static func parse(_ text: String) throws(JSONError) -> JSONValue { try parse(text.utf8) }

    private static func position(of offset: Int, in bytes: [UInt8]) -> JSONError.Place {
        let before = bytes[..<min(offset, bytes.count)]
        let line = before.count { $0 == 10 } + 1
        let start = (before.lastIndex(of: 10) ?? -1) + 1
        return .position(line: line, column: before.count - start + 1)
    }
}

// json-c reads up to the length that it is given, or to a NUL; an empty Swift array has no address to give.
nonisolated(unsafe) private let emptyText: UnsafePointer<CChar> = {
    let text = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
    text.pointee = 0
    return UnsafePointer(text)
}()

/// Copies a json-c object, which is borrowed, into a value.
private func owned(_ object: OpaquePointer?) -> JSONValue {
    switch json_object_get_type(object) {
    case json_type_boolean: return .bool(json_object_get_boolean(object) != 0)
    case json_type_int: return .integer(json_object_get_int64(object))
    case json_type_double: return .double(json_object_get_double(object))
    case json_type_string: return .string(text(of: object))
    case json_type_array:
        let count = json_object_array_length(object)
        return .array((0..<count).map { owned(json_object_array_get_idx(object, $0)) })
    case json_type_object:
        var members: [JSONMember] = []
        members.reserveCapacity(Int(json_object_object_length(object)))
        var iterator = json_object_iter_begin(object)
        var end = json_object_iter_end(object)
        while json_object_iter_equal(&iterator, &end) == 0 {
            let key = String(cString: json_object_iter_peek_name(&iterator))
            members.append(JSONMember(key, owned(json_object_iter_peek_value(&iterator))))
            json_object_iter_next(&iterator)
        }
        return .object(members)
    default: return .null
    }
}

private func text(of object: OpaquePointer?) -> String {
    guard let start = json_object_get_string(object) else { return "" }
    let buffer = UnsafeBufferPointer(start: start, count: Int(json_object_get_string_len(object)))
    return buffer.withMemoryRebound(to: UInt8.self) { String(decoding: $0, as: UTF8.self) }
}
