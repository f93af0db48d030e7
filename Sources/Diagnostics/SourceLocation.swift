/// A line of a file that a user wrote.
package struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
    /// The file, relative to the policy's folder, or as the user named it.
    package var file: String
    /// The line, from 1; `nil` stands for the file as a whole.
    package var line: Int?

    /// A line of a file.
    package init(file: String, line: Int? = nil) {
        self.file = file
        self.line = line
    }

    /// `Policy.swift:12`.
    package var description: String { line.map { "\(file):\($0)" } ?? file }
}
