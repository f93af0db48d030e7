/// The text of a file that lists addresses or ports: one entry a line; empty lines and what follows a `#` do not count.
enum ListFile {
    /// Calls a function with the line number, from 1, and the text of each entry.
    static func forEachEntry(in text: String, _ body: (Int, String) -> Void) {
        var text = text
        text.withUTF8 { bytes in
            var line = 1
            var start = 0
            while start <= bytes.count {
                var end = start
                while end < bytes.count && bytes[end] != UInt8(ascii: "\n") { end += 1 }
                if let entry = entry(UnsafeBufferPointer(rebasing: bytes[start..<end])) { body(line, entry) }
                start = end + 1
                line += 1
            }
        }
    }

    private static func entry(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
        let line = bytes.prefix { $0 != UInt8(ascii: "#") }
        guard let first = line.firstIndex(where: { !isSpace($0) }), let last = line.lastIndex(where: { !isSpace($0) })
        else {
            return nil
        }
        return String(decoding: line[first...last], as: UTF8.self)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 13 }
}
