/// The text of a file that lists addresses or ports: one entry a line; empty lines and what follows a `#` do not count.
enum ListFile {
    /// Calls a function with the line number, from 1, and the bytes of each entry, which are gone when it returns.
    static func forEachEntry(in text: String, _ body: (Int, UnsafeBufferPointer<UInt8>) -> Void) {
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

    private static func entry(_ line: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8>? {
        var first = 0
        var end = 0
        while end < line.count && line[end] != UInt8(ascii: "#") { end += 1 }
        while first < end && isSpace(line[first]) { first += 1 }
        while first < end && isSpace(line[end - 1]) { end -= 1 }
        return first < end ? UnsafeBufferPointer(rebasing: line[first..<end]) : nil
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 13 }
}
