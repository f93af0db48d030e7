/// A figure that stands by itself: a command, the proof engine, the importer.
package struct Row: Hashable, Sendable {
    /// The table that a row belongs to.
    package enum Group: String, CaseIterable, Hashable, Sendable {
        case commands, proofs, imports, hosts
    }

    /// The table.
    package var group: Group
    /// What was measured, in words.
    package var name: String
    /// Wall time.
    package var time: Int?
    /// Processor time.
    package var processorTime: Int?
    /// Largest memory, or a size; `nil` where it says nothing.
    package var bytes: Int?
    /// What the wall time has to stay below.
    package var timeBar: Int?
    /// What the memory has to stay below.
    package var bytesBar: Int?
    /// Processor time of the baseline of the same run.
    package var baseline: Int?

    /// A row without a bar; times are nanoseconds.
    package init(_ group: Group, _ name: String, time: Int?, processorTime: Int?, bytes: Int?) {
        self.group = group
        self.name = name
        self.time = time
        self.processorTime = processorTime
        self.bytes = bytes
    }

    /// Whether the figure is below its bar.
    package var isWithinBar: Bool {
        (timeBar.map { limit in (time ?? 0) < limit } ?? true)
            && (bytesBar.map { limit in (bytes ?? 0) < limit } ?? true)
    }

    /// How often as long as the baseline.
    package var ratio: Double? {
        guard let baseline, baseline > 0, let processorTime else { return nil }
        return Double(processorTime) / Double(baseline)
    }
}
