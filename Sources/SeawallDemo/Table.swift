/// What is printed: a line a connection, a column a backend.
struct Table {
    private var rows: [[String]] = [["connection", "expected"] + Backend.allCases.map(\.title)]
    /// Whether each cell is as expected.
    private(set) var isRight = true

    /// Adds a template with what was seen under each backend.
    mutating func add(_ scenario: Scenario, _ stage: Stage, seen: [[Outcome]]) {
        rows.append([])
        rows.append(["\(scenario.template): \(scenario.summary)\(stage == .booted ? " (after a reboot)" : "")"])
        for (index, trial) in scenario.trials.enumerated() {
            let cells = seen.map { column in
                column[index] == trial.expected ? column[index].rawValue : "\(column[index].rawValue) (wrong)"
            }
            isRight = isRight && seen.allSatisfy { $0[index] == trial.expected }
            rows.append(["  " + trial.title, trial.expected.rawValue] + cells)
        }
    }

    /// The lines, with aligned columns.
    var lines: [String] {
        let full = rows.filter { $0.count > 1 }
        let widths = (0..<(full.first?.count ?? 0)).map { column in full.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            if row.count < 2 { return row.first ?? "" }
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            return String(cells.joined(separator: "   ").reversed().drop { $0 == " " }.reversed())
        }
    }
}
