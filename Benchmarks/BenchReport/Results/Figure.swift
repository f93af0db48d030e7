/// A part of the measurements, which can be made alone.
package enum Part: String, CaseIterable, Hashable, Sendable {
    /// From rules to rules: time and memory of compilers.
    case compile
    /// From rules to the kernel.
    case load
    /// One more element in a set that is loaded.
    case update
    /// What a packet costs on its way through the rules.
    case packets
}

/// The shape of the rules that were measured.
package enum Shape: String, CaseIterable, Hashable, Sendable {
    /// A blocklist, and for each published port those who may use it.
    case policy
    /// Rules that cross in three dimensions, each with a random verdict.
    case hostile
    /// One list of addresses.
    case list

    /// The shape in words, for headings.
    package var title: String {
        switch self {
        case .policy: "policy-shaped rules"
        case .hostile: "hostile rules"
        case .list: "addresses in one list"
        }
    }
}

/// What a series of values says.
package enum Figure: String, CaseIterable, Hashable, Sendable {
    /// Wall time of a whole command, in nanoseconds.
    case time
    /// Wall time of a command's transaction alone, in nanoseconds.
    case transaction
    /// Largest memory of a command and its children, in bytes.
    case memory
    /// Lines or statements of a text.
    case lines
    /// Nanoseconds for a packet that opens a connection.
    case first
    /// Nanoseconds for a packet of a connection that is known.
    case established
    /// Nanoseconds for a packet that is dropped.
    case dropped

    /// What the values are counted in.
    package var unit: Unit {
        switch self {
        case .memory: .bytes
        case .lines: .lines
        case .time, .transaction, .first, .established, .dropped: .nanoseconds
        }
    }
}

/// What values are counted in; all are whole numbers.
package enum Unit: String, Hashable, Sendable {
    case nanoseconds = "ns"
    case bytes = "B"
    case lines = "lines"
    case connections = "connections"
}

/// Which series it is.
package struct SeriesKey: Hashable, Sendable {
    /// The part of the measurements.
    package var part: Part
    /// The shape of the rules.
    package var shape: Shape
    /// How many rules.
    package var rules: Int
    /// Who was measured.
    package var variant: Variant
    /// What was measured.
    package var figure: Figure

    /// A key from its parts.
    package init(_ part: Part, _ shape: Shape, _ rules: Int, _ variant: Variant, _ figure: Figure) {
        self.part = part
        self.shape = shape
        self.rules = rules
        self.variant = variant
        self.figure = figure
    }
}
