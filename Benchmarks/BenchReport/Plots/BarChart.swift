/// Bars beside names, from zero, each with its value at its end: for one glance.
package struct BarChart: Hashable, Sendable {
    /// One bar.
    package struct Entry: Hashable, Sendable {
        /// The name before it.
        package var name: String
        /// The colour.
        package var color: String
        /// Whether it is what the plot is about.
        package var isEmphasized: Bool
        /// The value.
        package var value: Int
        /// What is said behind the value.
        package var remark: String

        /// A bar.
        package init(name: String, color: String, isEmphasized: Bool = false, value: Int, remark: String = "") {
            self.name = name
            self.color = color
            self.isEmphasized = isEmphasized
            self.value = value
            self.remark = remark
        }
    }

    /// What the plot shows, in one line.
    package var title: String
    /// How it was measured, in one line.
    package var subtitle: String
    /// What the axis means.
    package var valueLabel: String
    /// What values are counted in.
    package var unit: Unit
    /// The bars, from above.
    package var entries: [Entry]
    /// How much room the names have.
    package var namesWidth = 250.0

    /// A chart.
    package init(title: String, subtitle: String, valueLabel: String, unit: Unit, entries: [Entry]) {
        self.title = title
        self.subtitle = subtitle
        self.valueLabel = valueLabel
        self.unit = unit
        self.entries = entries
    }

    private static let width = 860
    private static let row = 34.0
    private static let plot = (right: 690.0, top: 76.0)

    /// The chart as a file.
    package var svg: String {
        let plot = Self.plot
        let bottom = plot.top + Double(entries.count) * Self.row
        var drawing = SVG(
            width: Self.width, height: Int(bottom) + 52, title: title,
            description: "\(subtitle). "
                + entries.map { "\($0.name): \(unit.text($0.value))" }.joined(separator: ", "))
        let step = Self.step(for: entries.map(\.value).max() ?? 1)
        let top = Double(step) * Double(((entries.map(\.value).max() ?? 1) + step - 1) / step)
        let scale = { (value: Double) in namesWidth + value / top * (plot.right - namesWidth) }
        drawing.text(title, x: 20, y: 30, size: 18, color: "#111111", isBold: true)
        drawing.text(subtitle, x: 20, y: 51, color: "#666666")
        for tick in stride(from: 0, through: Int(top), by: step) {
            let x = scale(Double(tick))
            drawing.line(from: (x, plot.top - 4), to: (x, bottom))
            let name = tick == 0 ? "0" : unit.tick(Double(tick))
            drawing.text(name, x: x, y: bottom + 18, size: 12, color: "#555555", anchor: .middle)
        }
        for (index, entry) in entries.enumerated() {
            let y = plot.top + Double(index) * Self.row
            drawing.bar(
                x: namesWidth, y: y + 5, width: max(1.5, scale(Double(entry.value)) - namesWidth),
                height: Self.row - 12,
                color: entry.color)
            drawing.text(
                entry.name, x: namesWidth - 10, y: y + 20, color: "#222222", anchor: .end, isBold: entry.isEmphasized)
            drawing.text(
                unit.text(entry.value) + (entry.remark.isEmpty ? "" : "  (\(entry.remark))"),
                x: scale(Double(entry.value)) + 8, y: y + 20, color: entry.color, isBold: entry.isEmphasized)
        }
        drawing.line(from: (namesWidth, plot.top - 4), to: (namesWidth, bottom), color: "#888888")
        drawing.text(valueLabel, x: (namesWidth + plot.right) / 2, y: bottom + 40, anchor: .middle)
        return drawing.text
    }

    /// The distance of ticks: 1, 2 or 5 times a power of ten, such that there are 3 to 6 of them.
    static func step(for largest: Int) -> Int {
        var power = 1
        while power * 10 <= largest { power *= 10 }
        for step in [power / 5, power / 2, power, power * 2].map({ max(1, $0) }) where largest / step < 6 {
            return step
        }
        return power * 2
    }
}
