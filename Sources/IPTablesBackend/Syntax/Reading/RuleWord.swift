/// A word of a line, without its quotes.
struct RuleWord: Sendable {
    let text: String
    /// Where it begins, in bytes from 1.
    let column: Int
    /// Whether any part of it stood in quotes.
    let isQuoted: Bool

    /// A word as it stands.
    init(_ text: String, column: Int, isQuoted: Bool = false) {
        self.text = text
        self.column = column
        self.isQuoted = isQuoted
    }

    /// Whether it begins with a dash.
    var isOption: Bool { text.utf8.first == UInt8(ascii: "-") }

    /// Whether it is the option behind which a table is named.
    var isTable: Bool {
        isOption && (text.utf8.count == 2 && text == "-t" || text.utf8.count == 7 && text == "--table")
    }

    /// Whether it negates what follows.
    var isNot: Bool { text.utf8.count == 1 && text.utf8.first == UInt8(ascii: "!") }

    /// A reason not to take it: iptables itself does not.
    func rejected(_ message: String) -> RuleProblem { RuleProblem(.rejected, message, column: column) }

    /// A reason not to take it: it is not known.
    func unknown(_ message: String) -> RuleProblem { RuleProblem(.unknown, message, column: column) }
}

/// Splits a line as `iptables-restore` does (`xshared.c`, `add_param_to_argv`).
///
/// Spaces and tabs separate. Double quotes hold them together, within them a backslash takes the next byte as it is, and the
/// closing one ends the word; elsewhere a backslash, and a single quote anywhere, is a byte like any other.
struct RuleWordSplitter {
    private let bytes: [UInt8]
    private let start: Int
    private let end: Int
    private var at: Int
    private var buffer: [UInt8] = []

    /// A splitter for a part of a text; columns count from the beginning of the part.
    init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        start = range.lowerBound
        end = range.upperBound
        at = start
    }

    /// Appends all words.
    ///
    /// - Throws: if a quote is not closed, a word is longer than iptables takes, or is no UTF-8.
    mutating func split(into words: inout [RuleWord]) throws(RuleProblem) {
        while at < end {
            if isBlank(bytes[at]) {
                at += 1
            } else {
                words.append(try word())
            }
        }
    }

    private func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }

    private mutating func word() throws(RuleProblem) -> RuleWord {
        let first = at
        while at < end, !isBlank(bytes[at]) {
            if bytes[at] == UInt8(ascii: "\"") { return try quotedWord(from: first) }
            at += 1
        }
        return RuleWord(try text(bytes[first..<at], from: first), column: first - start + 1)
    }

    /// A word with a quote at the current byte.
    private mutating func quotedWord(from first: Int) throws(RuleProblem) -> RuleWord {
        buffer.removeAll(keepingCapacity: true)
        buffer += bytes[first..<at]
        let quote = at
        at += 1
        while at < end {
            var byte = bytes[at]
            at += 1
            if byte == UInt8(ascii: "\"") {
                return RuleWord(try text(buffer[...], from: first), column: first - start + 1, isQuoted: true)
            }
            if byte == UInt8(ascii: "\\") {
                guard at < end else { break }
                byte = bytes[at]
                at += 1
            }
            buffer.append(byte)
        }
        throw RuleProblem(.syntax, "the quote is not closed in this line", column: quote - start + 1)
    }

    private func text(_ part: ArraySlice<UInt8>, from first: Int) throws(RuleProblem) -> String {
        guard part.count < Self.longest else {
            throw RuleProblem(
                .rejected, "a word of \(part.count) bytes: iptables takes up to \(Self.longest - 1)",
                column: first - start + 1)
        }
        // Letters of ASCII need no validation, which takes longer than all else.
        if part.allSatisfy({ $0 != 0 && $0 < 0x80 }) { return String(decoding: part, as: UTF8.self) }
        if part.contains(0) {
            throw RuleProblem(
                .syntax, "the word holds a NUL byte, at which iptables ends the line", column: first - start + 1)
        }
        guard let text = String(validating: part, as: UTF8.self) else {
            throw RuleProblem(
                .syntax, "the word holds bytes that are no UTF-8: write the text in UTF-8", column: first - start + 1)
        }
        return text
    }

    /// The size of the buffer for one word.
    private static let longest = 1024
}
