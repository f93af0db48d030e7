internal import FirewallIR
internal import PacketModel

/// One way in which a field, or a group of fields, of a box can be met by matches of iptables.
struct IPTablesAlternative: Hashable {
    /// A match with the place that `iptables-save` gives it; nearly all alternatives of a field have one.
    private var first: PlacedMatch?
    /// Those that came behind it.
    private var further: [PlacedMatch] = []
    /// Options that belong into the one instance of `-m conntrack` that tells nothing of the state.
    private var connection = IPTablesConnection.none
    /// The addresses that are asked, where nothing else is.
    var span: AddressSpan?

    /// Nothing is asked.
    static let none = IPTablesAlternative()

    /// A match in its place.
    struct PlacedMatch: Hashable {
        var place: Place
        var match: IPTablesMatch
    }

    /// The order of the parts of a rule: the fields of the packet first, as iptables tests them, then the modules.
    enum Place: Int, Comparable {
        case source, destination, inInterface, outInterface, proto, fragment, transport, addressRange, state,
            connection, mark, kind, time

        static func < (a: Place, b: Place) -> Bool { a.rawValue < b.rawValue }
    }

    init() {}

    init(_ place: Place, _ match: IPTablesMatch) { first = PlacedMatch(place: place, match: match) }

    init(conntrack change: (inout ConntrackMatch) -> Void) {
        var options = ConntrackMatch()
        change(&options)
        connection = .options(options)
    }

    /// Both at once.
    ///
    /// The conntrack options of the two never overlap: each field is met in one place.
    func joined(_ other: IPTablesAlternative) -> IPTablesAlternative {
        var result = self
        result.join(other)
        return result
    }

    /// The other besides.
    mutating func join(_ other: IPTablesAlternative) {
        span = nil
        if first == nil {
            (first, further) = (other.first, other.further)
        } else {
            if let match = other.first { further.append(match) }
            further += other.further
        }
        connection.join(other.connection)
    }

    /// Makes room for what so many others bring.
    mutating func reserve(_ count: Int) { further.reserveCapacity(count) }

    /// The matches of a rule, in order.
    var line: [IPTablesMatch] { line(reserving: 0) }

    /// The matches of a rule, in order, in an array with room for some more.
    func line(reserving room: Int) -> [IPTablesMatch] {
        guard isInOrder else { return sortedLine }
        var line: [IPTablesMatch] = []
        line.reserveCapacity(further.count + 2 + room)
        var open = connection.match
        if let first { Self.add(first, to: &line, behind: &open) }
        for placed in further { Self.add(placed, to: &line, behind: &open) }
        if let open { line.append(open) }
        return line
    }

    /// Adds a match, and before it that of the connection, unless the two are in order so.
    private static func add(_ placed: PlacedMatch, to line: inout [IPTablesMatch], behind open: inout IPTablesMatch?) {
        if Place.connection < placed.place, let match = open.take() { line.append(match) }
        line.append(placed.match)
    }

    /// Whether the matches stand as they are to stand, as most do.
    private var isInOrder: Bool {
        var last = first?.place ?? .source
        for placed in further {
            if placed.place < last { return false }
            last = placed.place
        }
        return true
    }

    private var sortedLine: [IPTablesMatch] {
        var all = (first.map { [$0] } ?? []) + further
        if let match = connection.match { all.append(PlacedMatch(place: .connection, match: match)) }
        return all.enumerated().sorted { ($0.element.place, $0.offset) < ($1.element.place, $1.offset) }
            .map(\.element.match)
    }
}

/// Options of one instance of `-m conntrack`, kept apart: few alternatives have any, and there is much room in them.
enum IPTablesConnection: Hashable {
    case none
    indirect case options(ConntrackMatch)

    /// The instance; `nil` without options.
    var match: IPTablesMatch? {
        guard case .options(let options) = self, !options.isEmpty else { return nil }
        return .conntrack(options)
    }

    /// The options of the other besides.
    mutating func join(_ other: IPTablesConnection) {
        guard case .options(let more) = other else { return }
        guard case .options(var options) = self else { return self = other }
        options.merge(more)
        self = .options(options)
    }
}

extension ConntrackMatch {
    /// Takes over the options that the other has.
    fileprivate mutating func merge(_ other: ConntrackMatch) {
        state = state ?? other.state
        originalProtocol = originalProtocol ?? other.originalProtocol
        originalSource = originalSource ?? other.originalSource
        originalDestination = originalDestination ?? other.originalDestination
        originalSourcePort = originalSourcePort ?? other.originalSourcePort
        originalDestinationPort = originalDestinationPort ?? other.originalDestinationPort
        status = status ?? other.status
        direction = direction ?? other.direction
    }
}

/// A box as dimensions: a packet is in it if it meets one alternative of each dimension, and none of the exclusions.
struct IPTablesBox {
    /// Each with one alternative or more.
    ///
    /// The alternatives of a dimension exclude each other unless `overlaps` says otherwise.
    var dimensions: [[IPTablesAlternative]] = []
    /// What iptables cannot negate in one rule: two interfaces, two protocols.
    var exclusions: [IPTablesAlternative] = []
    /// Whether a packet may meet two alternatives of one dimension.
    var overlaps = false

    /// Above so many lines two sets are not multiplied but put behind one another.
    static let largeProduct = 512

    /// Whether its lines are too many to be written out, and not those of one set alone.
    var isLarge: Bool { lineCount > Self.largeProduct && dimensions.count(where: { $0.count > 1 }) > 1 }

    /// The number of rules that one target needs.
    var lineCount: Int { dimensions.reduce(1) { $0.multipliedReportingOverflow(by: $1.count).partialValue } }

    /// All combinations, the last dimension varying fastest.
    var lines: [IPTablesAlternative] { Self.product(dimensions) }

    static func product(_ dimensions: [[IPTablesAlternative]]) -> [IPTablesAlternative] {
        // Most rules are one line.
        if dimensions.allSatisfy({ $0.count == 1 }) {
            var line = dimensions.first?[0] ?? .none
            line.reserve(dimensions.count)
            for dimension in dimensions.dropFirst() { line.join(dimension[0]) }
            line.span = nil
            return [line]
        }
        return dimensions.reduce([.none]) { lines, dimension in
            lines.flatMap { line in dimension.map { line.joined($0) } }
        }
    }
}

/// Something that iptables has no exact form for: the reason, and what to do.
struct IPTablesRefusal: Error {
    var reason: String
}
