/// Reads so much of Swift's lexical structure as tells literals, brackets and comments apart.
///
/// A string in an interpolation (`"\(name("x"))"`) ends the outer one too early; the next line is read rightly again.
struct SourceScanner {
    /// A literal or a bracket.
    struct Token: Hashable {
        enum Kind: Hashable {
            case literal(String)
            case opening
            case closing
        }

        let kind: Kind
        let line: Int
    }

    private let bytes: [UInt8]
    private var position = 0
    private var line = 1

    init(_ source: String) { bytes = Array(source.utf8) }

    /// The next token; nothing at the end.
    mutating func next() -> Token? {
        while position < bytes.count {
            if starts(with: "//") {
                skipLineComment()
            } else if starts(with: "/*") {
                skipBlockComment()
            } else if let token = token() {
                return token
            }
        }
        return nil
    }

    private mutating func token() -> Token? {
        let byte = bytes[position]
        switch byte {
        case 10:
            position += 1
            line += 1
            return nil
        case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"):
            position += 1
            return Token(kind: .opening, line: line)
        case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
            position += 1
            return Token(kind: .closing, line: line)
        case UInt8(ascii: "\""), UInt8(ascii: "#"): return string()
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return number()
        case _ where Self.isWord(byte):
            skipWord()
            return nil
        default:
            position += 1
            return nil
        }
    }

    // MARK: - Literals

    // "…", """…""", and both with number signs around them.
    private mutating func string() -> Token? {
        let start = position
        while peek() == UInt8(ascii: "#") { position += 1 }
        let signs = position - start
        guard peek() == UInt8(ascii: "\"") else { return nil }
        let isLong = starts(with: "\"\"\"")
        position += isLong ? 3 : 1
        let end =
            [UInt8](repeating: UInt8(ascii: "\""), count: isLong ? 3 : 1)
            + [UInt8](repeating: UInt8(ascii: "#"), count: signs)
        let (first, firstLine) = (position, line)
        while position < bytes.count && !bytes[position...].starts(with: end) {
            if bytes[position] == 10 {
                if !isLong { return nil }
                line += 1
            }
            position += isEscape(signs) ? 2 : 1
        }
        let text = String(decoding: bytes[first..<min(position, bytes.count)], as: UTF8.self)
        position = min(position + end.count, bytes.count)
        return Token(kind: .literal(text), line: firstLine)
    }

    private func isEscape(_ signs: Int) -> Bool {
        guard signs == 0 && bytes[position] == UInt8(ascii: "\\") else { return false }
        return position + 1 < bytes.count && bytes[position + 1] != 10
    }

    private mutating func number() -> Token? {
        let isNegative = position > 0 && bytes[position - 1] == UInt8(ascii: "-")
        let start = position
        skipWord()
        let digits = String(decoding: bytes[start..<position].filter { $0 != UInt8(ascii: "_") }, as: UTF8.self)
        return Token(kind: .literal((isNegative ? "-" : "") + digits), line: line)
    }

    // MARK: - What is skipped

    private mutating func skipWord() { while let byte = peek(), Self.isWord(byte) { position += 1 } }

    private mutating func skipLineComment() { while let byte = peek(), byte != 10 { position += 1 } }

    // Block comments nest. Their lines count, but as no tokens: what is in them opens and closes nothing.
    private mutating func skipBlockComment() {
        var depth = 0
        repeat {
            if starts(with: "/*") {
                depth += 1
                position += 2
            } else if starts(with: "*/") {
                depth -= 1
                position += 2
            } else {
                if bytes[position] == 10 { line += 1 }
                position += 1
            }
        } while depth > 0 && position < bytes.count
    }

    private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

    private func starts(with text: StaticString) -> Bool {
        bytes[position...].starts(with: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"): true
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), 128...: true
        default: false
        }
    }
}
