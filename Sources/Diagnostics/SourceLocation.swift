/// A line of a file that a user wrote.
package struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
    /// The file, relative to the policy's folder, or as the user named it.
    package var file: String
    /// The line, from 1; `nil` stands for the file as a whole.
    package var line: Int?
    /// The byte of the line, from 1; `nil` stands for the line as a whole.
    package var column: Int?

    /// A line of a file, or a place in it.
    package init(file: String, line: Int? = nil, column: Int? = nil) {
        self.file = file
        self.line = line
        self.column = column
    }

    /// `Policy.swift:12`, `rules.v4:12:20`.
    package var description: String {
        guard let line else { return file }
        return column.map { "\(file):\(line):\($0)" } ?? "\(file):\(line)"
    }
}
