internal import CJSONC

/// Writes values one behind the other into one text, so that a long text never stands in memory as a tree.
package struct JSONWriter: ~Copyable {
    /// What was written so far.
    package private(set) var bytes: [UInt8] = []
    private let isPretty: Bool

    /// A writer with nothing in it.
    package init(_ layout: JSONValue.Layout = .compact) { isPretty = layout == .pretty }

    /// What was written, as a text.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Makes room for so many more bytes at once.
    package mutating func reserve(_ count: Int) { bytes.reserveCapacity(bytes.count + count) }

    /// Appends a text as it stands: punctuation, or JSON from elsewhere.
    package mutating func write(raw text: StaticString) {
        bytes += UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    }

    /// Appends a value.
    package mutating func write(_ value: JSONValue) { write(value, level: 0) }

    private mutating func write(_ value: JSONValue, level: Int) {
        switch value {
        case .null: write(raw: "null")
        case .bool(let flag): write(raw: flag ? "true" : "false")
        case .integer(let number): write(integer: number)
        case .double(let number): write(double: number)
        case .string(let text): write(string: text)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                separate(index, level)
                write(element, level: level + 1)
            }
            if isPretty { breakLine(level) }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                separate(index, level)
                write(string: member.key)
                bytes.append(UInt8(ascii: ":"))
                if isPretty { bytes.append(UInt8(ascii: " ")) }
                write(member.value, level: level + 1)
            }
            if isPretty { breakLine(level) }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    /// What stands before an element.
    private mutating func separate(_ index: Int, _ level: Int) {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        if isPretty { breakLine(level + 1) }
    }

    private mutating func breakLine(_ level: Int) {
        bytes.append(UInt8(ascii: "\n"))
        for _ in 0..<(2 * level) { bytes.append(UInt8(ascii: " ")) }
    }

    // MARK: - Numbers

    /// Appends an integer.
    package mutating func write(integer number: Int64) {
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        var rest = number.magnitude
        let start = bytes.count
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }

    /// Appends a number with a fraction, in the digits of json-c.
    private mutating func write(double number: Double) {
        let object = json_object_new_double(number)
        defer { json_object_put(object) }
        guard let text = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN) else { return }
        var at = text
        while at.pointee != 0 {
            bytes.append(UInt8(bitPattern: at.pointee))
            at += 1
        }
    }

    // MARK: - Strings

    /// Appends a string in its quotes.
    package mutating func write(string text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { escape($0) }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ text: UnsafeBufferPointer<UInt8>) {
        var start = 0
        for index in text.indices {
            let byte = text[index]
            if byte >= 32 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") { continue }
            bytes += UnsafeBufferPointer(rebasing: text[start..<index])
            escape(byte)
            start = index + 1
        }
        bytes += UnsafeBufferPointer(rebasing: text[start...])
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): write(raw: "\\\"")
        case UInt8(ascii: "\\"): write(raw: "\\\\")
        case 8: write(raw: "\\b")
        case 9: write(raw: "\\t")
        case 10: write(raw: "\\n")
        case 12: write(raw: "\\f")
        case 13: write(raw: "\\r")
        default:
            write(raw: byte < 16 ? "\\u000" : "\\u001")
            let digit = byte & 15
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }
}
