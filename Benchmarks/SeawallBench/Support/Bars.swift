/// What a figure has to stay below.
struct Bar {
    var seconds: Double?
    var bytes: Int?

    init(seconds: Double? = nil, bytes: Int? = nil) {
        self.seconds = seconds
        self.bytes = bytes
    }
}

/// One line of the table.
struct Row {
    let name: String
    let time: Double?
    let processorTime: Double?
    let bytes: Int
    let bar: Bar
    /// How often as long as the baseline of the same run.
    private(set) var ratio: Double?

    init(_ name: String, _ measurement: Measurement, bar: Bar = Bar()) {
        self.name = name
        time = measurement.seconds
        processorTime = measurement.processorSeconds
        bytes = measurement.bytes
        self.bar = bar
    }

    init(_ name: String, bytes: Int, bar: Bar) {
        self.name = name
        time = nil
        processorTime = nil
        self.bytes = bytes
        self.bar = bar
    }

    /// The same with its processor time as a ratio.
    func relative(to baseline: Measurement) -> Row {
        var row = self
        row.ratio = processorTime.map { $0 / baseline.processorSeconds }
        return row
    }

    /// Whether the figure is below its bar.
    var isWithinBar: Bool {
        (bar.seconds.map { limit in (time ?? 0) < limit } ?? true) && (bar.bytes.map { bytes < $0 } ?? true)
    }
}

/// The table as Markdown.
enum Table {
    static func text(_ rows: [Row]) -> String {
        let head = [
            "| what | wall | processor | × baseline | memory or size | bar | |",
            "| --- | ---: | ---: | ---: | ---: | ---: | --- |",
        ]
        return (head + rows.map(line)).joined(separator: "\n")
    }

    private static func line(_ row: Row) -> String {
        let bars = [row.bar.seconds.map { "\(seconds($0))" }, row.bar.bytes.map { megabytes($0) }].compactMap { $0 }
        let cells = [
            row.name, row.time.map(seconds) ?? "", row.processorTime.map(seconds) ?? "", row.ratio.map(tenths) ?? "",
            megabytes(row.bytes),
            bars.joined(separator: ", "), bars.isEmpty ? "" : row.isWithinBar ? "ok" : "**over**",
        ]
        return "| " + cells.joined(separator: " | ") + " |"
    }

    private static func seconds(_ value: Double) -> String {
        let milliseconds = Int((value * 1000).rounded())
        return "\(milliseconds / 1000).\(String(1000 + milliseconds % 1000).dropFirst()) s"
    }

    private static func tenths(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        return "\(hundredths / 100).\(String(100 + hundredths % 100).dropFirst())"
    }

    private static func megabytes(_ value: Int) -> String { "\((value + 500_000) / 1_000_000) MB" }
}
