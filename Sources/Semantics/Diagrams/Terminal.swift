internal import FirewallIR
internal import PacketModel

/// What a function of the packet says in the end.
struct Terminal: Hashable {
    /// Where the packet goes.
    enum Outcome: Hashable {
        /// No rule so far has decided.
        case fall
        /// The same, of a part that must not be continued just now.
        case fallLater
        /// Back to where the chain was called.
        case `return`
        case decided(PacketVerdict)
        /// For functions that are sets: in the set.
        case inside
        /// For functions that choose: not in the set.
        case outside
        /// Which rule is the first to match, and what the next one would have done.
        case matches(NextMatch)
        /// Two functions differ: what the one and the other says, by the numbers of their terminals.
        case differs(Int, Int)
    }

    /// What happened on the way.
    var word: Word = []
    /// What became of the marks, if rules behind may ask for them.
    var mark: MarkChanges = .none
    var outcome: Outcome
    /// The rule that decided, where that is asked for.
    var rule: Int32 = -1

    /// Letters of what happens on the way, in order; guards and effects are numbered by `Letters`.
    typealias Word = [Int32]
}

/// `mark = (mark & ~mask) ^ value`.
struct MarkChange: Hashable {
    var mask: UInt32
    var value: UInt32

    static let none = MarkChange(mask: 0, value: 0)

    /// One change after another.
    func followed(by next: MarkChange) -> MarkChange {
        MarkChange(mask: mask | next.mask, value: value & ~next.mask ^ next.value)
    }

    func apply(to mark: UInt32) -> UInt32 { mark & ~mask ^ value }
}

/// What becomes of the mark of a packet, and of its connection's.
struct MarkChanges: Hashable {
    var packet = MarkChange.none
    /// Nothing happens to a packet without an entry.
    var connection = MarkChange.none

    static let none = MarkChanges()

    /// One after another.
    func followed(by next: MarkChanges) -> MarkChanges {
        MarkChanges(
            packet: packet.followed(by: next.packet), connection: connection.followed(by: next.connection))
    }
}

/// All terminals of a query, each with one number.
struct TerminalTable {
    private var numbers: [Terminal: Int] = [:]
    private(set) var terminals: [Terminal] = []

    /// No rule matched, and nothing happened: number 0.
    static let fall = Diagram(terminal: 0)
    /// In the set: number 1.
    static let inside = Diagram(terminal: 1)
    /// No rule has matched so far, of functions that look for the second match: number 2.
    static let noMatch = Diagram(terminal: 2)

    init() {
        _ = number(Terminal(outcome: .fall))
        _ = number(Terminal(outcome: .inside))
        _ = number(Terminal(outcome: .matches(NextMatch())))
    }

    private mutating func number(_ terminal: Terminal) -> Int {
        if let number = numbers[terminal] { return number }
        numbers[terminal] = terminals.count
        terminals.append(terminal)
        return terminals.count - 1
    }

    /// The diagram that says the same for every packet.
    mutating func diagram(_ terminal: Terminal) -> Diagram { Diagram(terminal: number(terminal)) }

    subscript(diagram: Diagram) -> Terminal { terminals[diagram.index] }
}
