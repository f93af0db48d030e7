/// Finds a key that stands twice in one object; json-c keeps the last of its values in silence.
package enum JSONDuplicateKeys {
    /// The first such key, and the line that it stands on again.
    ///
    /// - Parameter text: a whole JSON text that was parsed without an error.
    /// - Returns: nothing, if every key of every object is there once.
    package static func first(in text: [UInt8]) -> (key: String, line: Int)? {
        var objects: [Set<Key>] = []
        var line = 1
        var index = 0
        while index < text.count {
            switch text[index] {
            case UInt8(ascii: "\n"): line += 1
            case UInt8(ascii: "{"), UInt8(ascii: "["): objects.append([])
            case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = objects.popLast()
            case UInt8(ascii: "\""):
                let start = index + 1
                index = end(of: start, in: text)
                let key = Key(bytes: text[start..<min(index, text.count)])
                if isKey(behind: index, in: text), !objects.isEmpty, !objects[objects.count - 1].insert(key).inserted {
                    return (String(decoding: key.bytes, as: UTF8.self), line)
                }
            default: break
            }
            index += 1
        }
        return nil
    }

    /// The place of the quote that ends a string.
    private static func end(of start: Int, in text: [UInt8]) -> Int {
        var index = start
        while index < text.count, text[index] != UInt8(ascii: "\"") {
            index += text[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        return index
    }

    /// Whether a colon follows the string that ends here.
    private static func isKey(behind quote: Int, in text: [UInt8]) -> Bool {
        text.dropFirst(quote + 1).first { ![9, 10, 13, 32].contains($0) } == UInt8(ascii: ":")
    }

    /// A key; its bytes are mixed to one number before they are hashed, since there are very many.
    private struct Key: Hashable {
        let bytes: ArraySlice<UInt8>

        func hash(into hasher: inout Hasher) {
            hasher.combine(bytes.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 })
        }
    }
}
