/// The literals of a Swift source, by line, without those in comments; what lets a literal be found that a message speaks of.
struct SourceLiterals: Sendable {
    /// A string or a number.
    struct Literal: Hashable, Sendable {
        /// The text between the quotation marks, or the number without underscores.
        let text: String
        /// From 1.
        let line: Int
    }

    /// All literals, in order.
    private(set) var literals: [Literal] = []
    /// For each bracket its line, and how many brackets are open behind it.
    private var brackets: [(line: Int, depth: Int)] = []

    /// Reads a source.
    init(_ source: String) {
        var scanner = SourceScanner(source)
        var depth = 0
        while let token = scanner.next() {
            switch token.kind {
            case .literal(let text):
                literals.append(Literal(text: text, line: token.line))
                continue
            case .opening: depth += 1
            case .closing: depth -= 1
            }
            brackets.append((token.line, depth))
        }
    }

    /// The last line of the statement that begins on a line: that on which the brackets around it close.
    func end(ofStatementAt line: Int) -> Int {
        let outside = brackets.last { $0.line < line }?.depth ?? 0
        return brackets.first { $0.line >= line && $0.depth < outside }?.line ?? .max
    }

    /// How often a literal occurs.
    func count(of text: String) -> Int { literals.count { $0.text == text } }

    /// The line of the first such literal within lines; `a-b` is also found as `a` and `b` that follow each other.
    func line(of text: String, in lines: ClosedRange<Int> = 1...Int.max) -> Int? {
        if let found = literals.first(where: { $0.text == text && lines.contains($0.line) }) { return found.line }
        for dash in text.indices.dropFirst() where text[dash] == "-" {
            let (first, last) = (text[..<dash], text[text.index(after: dash)...])
            let pair = zip(literals, literals.dropFirst()).first {
                $0.text == first && $1.text == last && lines.contains($0.line)
            }
            if let pair { return pair.0.line }
        }
        return nil
    }
}
