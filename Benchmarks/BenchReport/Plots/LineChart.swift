/// Lines over the number of rules, both axes logarithmic, each line with its name at its end.
package struct LineChart: Hashable, Sendable {
    /// One line.
    package struct Line: Hashable, Sendable {
        /// The name at its end.
        package var name: String
        /// The colour.
        package var color: String
        /// Whether it is what the plot is about.
        package var isEmphasized: Bool
        /// Its points: rules and values.
        package var points: [Point]

        /// A line.
        package init(name: String, color: String, isEmphasized: Bool = false, points: [Point]) {
            self.name = name
            self.color = color
            self.isEmphasized = isEmphasized
            self.points = points
        }
    }

    /// A value at a number of rules.
    package struct Point: Hashable, Sendable {
        /// How many rules.
        package var rules: Int
        /// The value.
        package var value: Int

        /// A point.
        package init(_ rules: Int, _ value: Int) {
            self.rules = rules
            self.value = value
        }
    }

    /// What the plot shows, in one line.
    package var title: String
    /// How it was measured, in one line.
    package var subtitle: String
    /// What the vertical axis means.
    package var valueLabel: String
    /// What the horizontal axis means.
    package var rulesLabel = "rules"
    /// What values are counted in.
    package var unit: Unit
    /// The lines.
    package var lines: [Line]

    /// A chart.
    package init(title: String, subtitle: String, valueLabel: String, unit: Unit, lines: [Line]) {
        self.title = title
        self.subtitle = subtitle
        self.valueLabel = valueLabel
        self.unit = unit
        self.lines = lines
    }

    private static let size = (width: 860, height: 460)
    private static let plot = (left: 84.0, right: 600.0, top: 74.0, bottom: 400.0)

    /// The chart as a file.
    package var svg: String {
        let plot = Self.plot
        var drawing = SVG(
            width: Self.size.width, height: Self.size.height, title: title,
            description: "\(subtitle). Lines: \(lines.map(\.name).joined(separator: ", "))")
        let points = lines.flatMap(\.points)
        let rules = points.map { Double($0.rules) }
        let horizontal = LogScale(from: rules.min() ?? 100, to: rules.max() ?? 1000, range: plot.left...plot.right)
        let vertical = LogScale(
            holding: points.map { Double($0.value) }, range: plot.top...plot.bottom, isReversed: true)
        drawing.text(title, x: 20, y: 30, size: 18, color: "#111111", isBold: true)
        drawing.text(subtitle, x: 20, y: 51, color: "#666666")
        drawAxes(&drawing, horizontal, vertical)
        // What the plot is about lies above the rest.
        for line in lines.filter({ !$0.isEmphasized }) + lines.filter(\.isEmphasized) {
            drawing.path(
                line.points.map { (horizontal.place(Double($0.rules)), vertical.place(Double($0.value))) },
                color: line.color, width: line.isEmphasized ? 3.5 : 2)
        }
        drawLabels(&drawing, horizontal, vertical)
        return drawing.text
    }

    private func drawAxes(_ drawing: inout SVG, _ horizontal: LogScale, _ vertical: LogScale) {
        let plot = Self.plot
        for value in vertical.minor {
            let y = vertical.place(value)
            drawing.line(from: (plot.left, y), to: (plot.right, y), color: "#f4f4f4")
        }
        for value in vertical.decades {
            let y = vertical.place(value)
            drawing.line(from: (plot.left, y), to: (plot.right, y), color: "#d8d8d8")
            drawing.text(unit.tick(value), x: plot.left - 8, y: y + 4, size: 12, color: "#555555", anchor: .end)
        }
        for rules in Set(lines.flatMap(\.points).map(\.rules)).sorted() {
            let x = horizontal.place(Double(rules))
            drawing.line(from: (x, plot.bottom), to: (x, plot.bottom + 5), color: "#888888")
            drawing.text(
                Decimal.grouped(rules), x: x, y: plot.bottom + 20, size: 12, color: "#555555", anchor: .middle)
        }
        drawing.line(from: (plot.left, plot.bottom), to: (plot.right, plot.bottom), color: "#888888")
        let middle = (plot.left + plot.right) / 2
        drawing.text(rulesLabel + " (logarithmic)", x: middle, y: plot.bottom + 42, anchor: .middle)
        drawing.text(
            valueLabel + " (logarithmic)", x: 22, y: (plot.top + plot.bottom) / 2, anchor: .middle, isUpright: true)
    }

    private func drawLabels(_ drawing: inout SVG, _ horizontal: LogScale, _ vertical: LogScale) {
        let plot = Self.plot
        let ends = lines.compactMap { line in line.points.last.map { (line: line, last: $0) } }
        let wanted = ends.map { vertical.place(Double($0.last.value)) }
        let places = SpreadLabels.run(wanted, gap: 32, within: (plot.top + 6)...(plot.bottom - 6))
        for (index, end) in ends.enumerated() {
            let x = horizontal.place(Double(end.last.rules))
            let y = places[index]
            drawing.line(
                from: (x + 5, wanted[index]), to: (plot.right + 14, y), color: end.line.color, width: 1, isDashed: true)
            drawing.text(
                end.line.name, x: plot.right + 18, y: y + 1, color: end.line.color, isBold: end.line.isEmphasized)
            drawing.text(
                unit.text(end.last.value) + at(end.last.rules), x: plot.right + 18, y: y + 15, size: 12,
                color: "#555555")
        }
    }

    /// Says where a line ends that does not reach the last number of rules.
    private func at(_ rules: Int) -> String {
        rules == lines.flatMap(\.points).map(\.rules).max() ? "" : " at \(Decimal.grouped(rules))"
    }
}
