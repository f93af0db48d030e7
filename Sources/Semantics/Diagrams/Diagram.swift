/// A decision diagram in a `DiagramStore`: a node that asks one level, or a terminal.
///
/// Two diagrams of one store are the same function exactly if they are the same number.
struct Diagram: Hashable, BitwiseCopyable, Sendable {
    let raw: UInt32

    private static let terminalBit: UInt32 = 1 << 31

    /// A diagram that was written down as its number.
    @inline(__always)
    init(raw: UInt32) { self.raw = raw }

    /// A node by its number.
    @inline(__always)
    init(node: Int) { raw = UInt32(truncatingIfNeeded: node) }

    /// A terminal by its number.
    @inline(__always)
    init(terminal: Int) { raw = UInt32(truncatingIfNeeded: terminal) | Self.terminalBit }

    @inline(__always)
    var isTerminal: Bool { raw & Self.terminalBit != 0 }
    /// The number of the node or the terminal.
    @inline(__always)
    var index: Int { Int(raw & ~Self.terminalBit) }
}

/// Atoms of a level from behind the edge before up to `upper`, and the diagram for them.
struct Edge: BitwiseCopyable {
    var upper: UInt32
    var child: Diagram
}

/// A node: its edges stand in one piece, ascending; the last one ends with the level's last atom.
struct DiagramNode: BitwiseCopyable {
    var start: UInt32
    var count: UInt32
    var level: UInt32
    /// Which terminals are below it: see `DiagramStore.ends(of:)`.
    var ends: UInt32
}
