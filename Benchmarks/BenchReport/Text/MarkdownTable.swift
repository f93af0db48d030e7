/// A table of Markdown.
package struct MarkdownTable: Sendable {
    /// The heads of the columns; a column of numbers is set to the right.
    package var columns: [(head: String, isNumber: Bool)]
    /// The cells, row by row.
    package var rows: [[String]]

    /// A table from its columns and cells.
    package init(_ columns: [(head: String, isNumber: Bool)], _ rows: [[String]]) {
        self.columns = columns
        self.rows = rows
    }

    /// The text, without an end of line at its end.
    package var text: String {
        let lines = [columns.map(\.head), columns.map { $0.isNumber ? "---:" : "---" }] + rows
        return lines.map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
    }
}
