/// What is wrong with the text of a packet, and where.
package struct PacketTextError: Error, Hashable, Sendable {
    /// The place in the text, in characters from 1; behind the last if something is missing.
    package var column: Int
    /// What stands there; `nil` at the end of the text.
    package var found: String?
    /// What was expected.
    package var expected: String
    /// A text that is right.
    package var example: String

    /// A mistake.
    package init(column: Int, found: String?, expected: String, example: String = PacketText.example) {
        self.column = column
        self.found = found
        self.expected = expected
        self.example = example
    }

    /// `column 5: found 'x', expected …; for example '…'`.
    package var message: String {
        let what = found.map { "found '\($0)'" } ?? "the text ends"
        return "column \(column): \(what), expected \(expected); for example '\(example)'"
    }
}
