internal import CJSONC

extension JSONValue {
    /// How a value is laid out as text.
    package enum Layout: Sendable {
        /// One line, no white space.
        case compact
        /// Lines indented by two spaces.
        case pretty
    }

    /// The JSON text, written by json-c; the same value always gives the same bytes.
    ///
    /// Slashes are not escaped.
    package func text(_ layout: Layout = .compact) -> String {
        let object = shared(self)
        defer { json_object_put(object) }
        let flags =
            layout == .compact
            ? JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE
            : JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE
        var length = 0
        guard let start = json_object_to_json_string_length(object, flags, &length) else { return "null" }
        let buffer = UnsafeBufferPointer(start: start, count: length)
        return buffer.withMemoryRebound(to: UInt8.self) { String(decoding: $0, as: UTF8.self) }
    }
}

/// A new json-c object, owned by the caller, for a value.
private func shared(_ value: JSONValue) -> OpaquePointer? {
    switch value {
    case .null: return nil
    case .bool(let flag): return json_object_new_boolean(flag ? 1 : 0)
    case .integer(let number): return json_object_new_int64(number)
    case .double(let number): return json_object_new_double(number)
    case .string(var text):
        return text.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) {
                json_object_new_string_len($0.baseAddress ?? emptyString, Int32($0.count))
            }
        }
    case .array(let elements):
        let array = json_object_new_array_ext(Int32(elements.count))
        for element in elements { json_object_array_add(array, shared(element)) }
        return array
    case .object(let members):
        let object = json_object_new_object()
        for member in members { json_object_object_add(object, member.key, shared(member.value)) }
        return object
    }
}

nonisolated(unsafe) private let emptyString: UnsafePointer<CChar> = {
    let text = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
    text.pointee = 0
    return UnsafePointer(text)
}()
