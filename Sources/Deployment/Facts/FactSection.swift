/// A part of a report: a headline, and lines whose columns are aligned.
struct FactSection: Hashable, Sendable {
    /// The headline.
    var title: String
    /// The lines, each in columns.
    var rows: [[String]]

    /// A section of rows.
    init(_ title: String, _ rows: [[String]]) {
        self.title = title
        self.rows = rows
    }

    /// A section of lines.
    init(_ title: String, lines: [String]) { self.init(title, lines.map { [$0] }) }

    /// The text; nothing, if there are no lines.
    var text: String {
        if rows.isEmpty { return "" }
        return "\(title)\n" + rows.map { "  \(line($0))\n" }.joined()
    }

    private func line(_ row: [String]) -> String {
        var text = ""
        for (index, cell) in row.enumerated() {
            text += cell
            if index + 1 < row.count {
                text += String(repeating: " ", count: max(0, width(index) - cell.count) + 2)
            }
        }
        while text.last == " " { text.removeLast() }
        return text
    }

    /// The width of a column; a cell that ends its line may be longer.
    private func width(_ column: Int) -> Int {
        rows.filter { $0.count > column + 1 }.map { $0[column].count }.max() ?? 0
    }
}
