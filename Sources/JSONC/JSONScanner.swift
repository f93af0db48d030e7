/// Reads the usual kind of JSON text in one go: what is unusual, or no JSON, it leaves to json-c.
///
/// Usual are integers of up to 18 digits, strings without `\u`, keys that stand once in their object, and few levels. So
/// whatever this reads, json-c would read alike; a long document does not stand in memory as json-c's tree as well.
struct JSONScanner {
    private let text: UnsafeBufferPointer<UInt8>
    private var at = 0
    /// json-c takes 64 levels.
    private static let deepest = 60

    /// The value of a text; `nil` if json-c has to be asked.
    static func value(of text: UnsafeBufferPointer<UInt8>) -> JSONValue? {
        var scanner = JSONScanner(text: text)
        guard let value = scanner.value(0) else { return nil }
        scanner.skipSpace()
        return scanner.at == text.count ? value : nil
    }

    private init(text: UnsafeBufferPointer<UInt8>) { self.text = text }

    private mutating func skipSpace() { while at < text.count, Self.isSpace(text[at]) { at += 1 } }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 10 || byte == 9 || byte == 13 }

    /// Takes a byte, if it is the next behind white space.
    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard at < text.count, text[at] == byte else { return false }
        at += 1
        return true
    }

    private mutating func value(_ level: Int) -> JSONValue? {
        skipSpace()
        guard at < text.count, level < Self.deepest else { return nil }
        switch text[at] {
        case UInt8(ascii: "\""): return string().map(JSONValue.string)
        case UInt8(ascii: "{"): return object(level)
        case UInt8(ascii: "["): return array(level)
        case UInt8(ascii: "t"): return word("true") ? true : nil
        case UInt8(ascii: "f"): return word("false") ? false : nil
        case UInt8(ascii: "n"): return word("null") ? JSONValue.null : nil
        default: return integer()
        }
    }

    // MARK: - Objects and arrays

    private mutating func array(_ level: Int) -> JSONValue? {
        at += 1
        var elements: [JSONValue] = []
        if take(UInt8(ascii: "]")) { return .array(elements) }
        repeat {
            guard let element = value(level + 1) else { return nil }
            elements.append(element)
        } while take(UInt8(ascii: ","))
        return take(UInt8(ascii: "]")) ? .array(elements) : nil
    }

    private mutating func object(_ level: Int) -> JSONValue? {
        at += 1
        var members: [JSONMember] = []
        if take(UInt8(ascii: "}")) { return .object(members) }
        repeat {
            skipSpace()
            guard at < text.count, text[at] == UInt8(ascii: "\""), let key = string(), take(UInt8(ascii: ":")),
                let value = value(level + 1)
            else { return nil }
            members.append(JSONMember(key, value))
        } while take(UInt8(ascii: ","))
        return take(UInt8(ascii: "}")) && Self.areDistinct(members) ? .object(members) : nil
    }

    /// Whether no key stands there twice.
    private static func areDistinct(_ members: [JSONMember]) -> Bool {
        if members.count > 12 { return Set(members.lazy.map(\.key)).count == members.count }
        for index in members.indices.dropFirst() {
            for earlier in 0..<index where members[earlier].key == members[index].key { return false }
        }
        return true
    }

    // MARK: - Leaves

    private mutating func word(_ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard text.count - at >= count else { return false }
        for index in 0..<count where text[at + index] != word.utf8Start[index] { return false }
        at += count
        return isAtEndOfLeaf
    }

    private var isAtEndOfLeaf: Bool {
        at == text.count || Self.isSpace(text[at]) || text[at] == UInt8(ascii: ",") || text[at] == UInt8(ascii: "]")
            || text[at] == UInt8(ascii: "}")
    }

    private mutating func integer() -> JSONValue? {
        let isNegative = text[at] == UInt8(ascii: "-")
        if isNegative { at += 1 }
        let start = at
        var number: Int64 = 0
        while at < text.count, at - start < 18, text[at] >= 48, text[at] <= 57 {
            number = number * 10 + Int64(text[at] - 48)
            at += 1
        }
        guard at > start, isAtEndOfLeaf else { return nil }
        if text[start] == 48, isNegative || at - start > 1 { return nil }
        return .integer(isNegative ? -number : number)
    }

    /// The string whose quote stands here.
    private mutating func string() -> String? {
        at += 1
        let start = at
        while at < text.count {
            let byte = text[at]
            if byte == UInt8(ascii: "\"") {
                defer { at += 1 }
                return String(validating: UnsafeBufferPointer(rebasing: text[start..<at]), as: UTF8.self)
            }
            if byte == UInt8(ascii: "\\") { return escapedString(from: start) }
            if byte < 32 { return nil }
            at += 1
        }
        return nil
    }

    /// A string with a backslash at the current byte.
    private mutating func escapedString(from start: Int) -> String? {
        var bytes = Array(text[start..<at])
        while at < text.count {
            let byte = text[at]
            at += 1
            if byte == UInt8(ascii: "\"") { return String(validating: bytes, as: UTF8.self) }
            if byte < 32 { return nil }
            if byte == UInt8(ascii: "\\") {
                guard at < text.count, let meant = Self.escaped(text[at]) else { return nil }
                bytes.append(meant)
                at += 1
            } else {
                bytes.append(byte)
            }
        }
        return nil
    }

    /// The byte that stands for another behind a backslash.
    private static func escaped(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): byte
        case UInt8(ascii: "n"): 10
        case UInt8(ascii: "t"): 9
        case UInt8(ascii: "r"): 13
        case UInt8(ascii: "b"): 8
        case UInt8(ascii: "f"): 12
        default: nil
        }
    }
}
