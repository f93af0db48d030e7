internal import FirewallIR
internal import PacketModel

/// The space that a query looks at: its axes in the order of the levels, and the boxes of its rules in it.
struct Space {
    let domains: Domains
    private(set) var axes: [Axis]
    /// The place of each dimension among the axes.
    private(set) var places: [Dimension: Int]
    private let agreeing: AgreeingFields
    /// The columns of the box table that are axes, and where.
    private let columns: [(column: Int, axis: Int)]

    /// How the levels are laid out.
    struct Layout: Hashable {
        /// Addresses before the ports that were dialled.
        var addressesFirst = false
        /// Atoms in digits of eight bits; else each field is one level.
        var splitsDigits = true
    }

    init(_ table: BoxTable, _ domains: Domains, further: [Dimension], _ layout: Layout) {
        self.domains = domains
        let asked = Self.used(table)
        var seen: Set<Dimension> = []
        let used = (asked + further).filter { seen.insert($0).inserted }
        let ordered = used.sorted { Self.rank($0, layout) < Self.rank($1, layout) }
        var axes = ordered.map { Self.axis($0, table, domains, layout) }
        var level: UInt32 = 0
        for index in axes.indices {
            axes[index].level = level
            level += UInt32(axes[index].digits)
        }
        places = Dictionary(uniqueKeysWithValues: axes.indices.map { (axes[$0].dimension, $0) })
        agreeing = AgreeingFields(&axes, domains)
        columns = BoxTable.dimensions.enumerated().compactMap { [places] column, dimension in
            places[dimension].map { (column, $0) }
        }
        self.axes = axes
    }

    /// The dimensions that a box restricts, and those on which these depend.
    private static func used(_ table: BoxTable) -> [Dimension] {
        var used = table.askedDimensions
        if used.contains(where: \.isOfEntry) { used.insert(.state) }
        if used.contains(where: \.isOfHeader) { used.formUnion(table.family == .ip ? [.proto, .fragment] : [.proto]) }
        return BoxTable.dimensions.filter(used.contains)
    }

    private static func axis(_ dimension: Dimension, _ table: BoxTable, _ domains: Domains, _ layout: Layout) -> Axis {
        let absent = domains.absent(dimension)
        let size = domains.size(dimension) + (absent == nil ? 0 : 1)
        var sets = AtomSets(size: size)
        let numbers = domains.sets(of: dimension, in: table).map { sets.number(of: $0) }
        let digits = layout.splitsDigits && dimension.isRanked ? Self.digits(size) : 1
        return Axis(
            dimension: dimension, size: size, absent: absent, level: 0, digits: digits, sets: sets,
            setOfValue: [AtomSets.all] + numbers)
    }

    private static func digits(_ size: UInt32) -> Int {
        size <= 1 << 8 ? 1 : size <= 1 << 16 ? 2 : size <= 1 << 24 ? 3 : 4
    }

    /// The place of a dimension in the order (docs/proof.md has the measurements behind it).
    ///
    /// What nearly every rule asks stands first, the ports that were dialled before the addresses, and what few rules ask last.
    private static func rank(_ dimension: Dimension, _ layout: Layout) -> Int {
        switch dimension {
        case .proto: 0
        case .state: 1
        case .fragment: 2
        case .originalDestinationPort: layout.addressesFirst ? 10 : 3
        case .inInterface: 4
        case .outInterface: 5
        case .direction: 6
        case .source: 7
        // Sites that ask for hardware addresses do so for each source.
        case .number(.sourceMAC): 8
        case .originalSource: 9
        case .originalDestination: 11
        case .destinationPort: 12
        case .destination: 13
        case .sourcePort: 14
        case .originalSourcePort: 15
        case .icmp: 16
        case .tcpFlags: 17
        case .packetType: 18
        case .addressType: 19
        case .status: 20
        case .originalProtocol: 21
        case .number: 22
        case .connectionMark: 23
        case .mark: 24
        case .time: 25
        case .opaque: 26
        case .guarded: 27
        }
    }

    /// Takes in the sets of boxes that came to the table behind those that the space was made for.
    ///
    /// - Parameters:
    ///   - table: the table with all boxes.
    ///   - known: how many sets each of its columns had before.
    /// - Returns: whether the space holds all boxes: none of them asks for a field that is no axis, and none divides an atom.
    mutating func extend(by table: BoxTable, behind known: [Int]) -> Bool {
        let counts = table.valueCounts
        for (column, dimension) in BoxTable.dimensions.enumerated() where counts[column] > known[column] {
            guard let place = places[dimension], domains.knows(dimension, in: table, behind: known[column]) else {
                return false
            }
            for set in domains.sets(of: dimension, in: table, behind: known[column]) {
                let number = axes[place].sets.number(of: set)
                axes[place].setOfValue.append(number)
            }
        }
        return true
    }

    /// The row of a box, its fields in agreement; `nil` if no packet can be in it.
    ///
    /// - Parameters:
    ///   - index: the place of the box in its table.
    ///   - rows: the rows of the table.
    /// - Returns: the number of a set for each axis.
    mutating func row(_ index: Int, of rows: [UInt32]) -> [UInt32]? {
        var row = [UInt32](repeating: AtomSets.all, count: axes.count)
        let start = index * BoxTable.width
        for (column, axis) in columns { row[axis] = axes[axis].setOfValue[Int(rows[start + column])] }
        return agreeing.agreed(row, &axes)
    }

    /// Fewer rows for the same packets.
    mutating func joined(_ rows: [[UInt32]]) -> [[UInt32]] { JoinRows(width: axes.count).joined(rows, &axes) }

    /// The number of a set of atoms of a dimension.
    mutating func number(of set: AtomIntervals, on dimension: Dimension) -> UInt32 {
        guard let place = places[dimension] else { return AtomSets.all }
        return axes[place].sets.number(of: set)
    }

    /// The number of what two sets of an axis have in common.
    mutating func intersection(_ a: UInt32, _ b: UInt32, on axis: Int) -> UInt32 {
        axes[axis].sets.intersection(a, b)
    }

    /// A row with one more restriction.
    mutating func restricted(_ row: [UInt32], _ dimension: Dimension, to set: AtomIntervals) -> [UInt32]? {
        guard let place = places[dimension] else { return row }
        var row = row
        let number = axes[place].sets.number(of: set)
        row[place] = axes[place].sets.intersection(row[place], number)
        return axes[place].sets.isEmpty(row[place]) ? nil : row
    }
}

extension BoxTable {
    /// The dimensions that a box restricts.
    var askedDimensions: Set<Dimension> {
        var isAsked = [Bool](repeating: false, count: Self.width)
        for (index, number) in rows.enumerated() where number != 0 { isAsked[index % Self.width] = true }
        return Set(Self.dimensions.indices.filter { isAsked[$0] }.map { Self.dimensions[$0] })
    }
}

extension Dimension {
    /// Whether the atoms are intervals of a large number, so that they can be split into digits.
    fileprivate var isRanked: Bool {
        switch self {
        case .source, .destination, .originalSource, .originalDestination, .sourcePort, .destinationPort,
            .originalSourcePort, .originalDestinationPort, .number:
            true
        default: false
        }
    }
}
