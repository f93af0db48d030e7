internal import BenchReport

/// What a figure has to stay below.
struct Limit {
    var seconds: Double?
    var bytes: Int?

    init(seconds: Double? = nil, bytes: Int? = nil) {
        self.seconds = seconds
        self.bytes = bytes
    }
}

extension Row {
    /// A row with what a command took.
    init(_ name: String, _ measurement: Measurement, bar: Limit = Limit()) {
        self.init(
            .commands, name, time: measurement.nanoseconds,
            processorTime: Int((measurement.processorSeconds * 1e9).rounded()), bytes: measurement.bytes)
        timeBar = bar.seconds.map { Int(($0 * 1e9).rounded()) }
        bytesBar = bar.bytes
    }

    /// A row with a size.
    init(_ name: String, bytes: Int, bar: Limit) {
        self.init(.commands, name, time: nil, processorTime: nil, bytes: bytes)
        bytesBar = bar.bytes
    }

    /// The same in another table, with the baseline of the same run.
    func moved(to group: Group, baseline: Measurement? = nil) -> Row {
        var row = self
        row.group = group
        row.baseline = baseline.map { Int(($0.processorSeconds * 1e9).rounded()) }
        return row
    }
}

extension Measurement {
    /// Wall time in whole nanoseconds.
    var nanoseconds: Int { Int((seconds * 1e9).rounded()) }
}
