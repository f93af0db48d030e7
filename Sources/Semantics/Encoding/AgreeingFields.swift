internal import PacketModel

/// Brings a row into the form in which dependent fields agree: what no packet can be is left out or left open.
///
/// A packet has a direction, a status and a tuple exactly if it has a conntrack entry, and a header's fields exactly if its
/// protocol has them and it is no later fragment (`PacketState.isValid`). So a demand for one of them is a demand on state
/// or protocol; where presence is settled by these, absence is not asked of the field again. Two rows that differ only in
/// what no packet can be become the same row.
struct AgreeingFields {
    private let state: Int?
    private let proto: Int?
    private let fragment: Int?
    private let entryAxes: [Int]
    private let headers: [(axis: Int, protocols: UInt32)]
    private let tracked: UInt32
    private let withoutEntry: UInt32
    private let firstFragment: UInt32
    /// The set of all atoms but absence, of each axis that has it.
    private let present: [UInt32]

    init(_ axes: inout [Axis], _ domains: Domains) {
        let place = { (axes: [Axis], dimension: Dimension) in axes.firstIndex { $0.dimension == dimension } }
        state = place(axes, .state)
        proto = place(axes, .proto)
        fragment = place(axes, .fragment)
        entryAxes = axes.indices.filter { axes[$0].dimension.isOfEntry }
        tracked = state.map { axes[$0].sets.number(of: [0...2]) } ?? 0
        withoutEntry = state.map { axes[$0].sets.number(of: [3...4]) } ?? 0
        firstFragment = fragment.map { axes[$0].sets.number(of: [0...0]) } ?? 0
        var found: [(Int, UInt32)] = []
        for axis in axes.indices where axes[axis].dimension.isOfHeader {
            let atoms = AtomSets.merged(
                Self.protocols(axes[axis].dimension, domains).map {
                    let atom = domains.proto.atom(of: $0.rawValue)
                    return atom...atom
                })
            found.append((axis, proto.map { axes[$0].sets.number(of: atoms) } ?? 0))
        }
        headers = found
        var present = [UInt32](repeating: AtomSets.all, count: axes.count)
        for axis in entryAxes + found.map(\.0) {
            guard let absent = axes[axis].absent else { continue }
            present[axis] = axes[axis].sets.number(of: absent == 0 ? [] : [0...(absent - 1)])
        }
        self.present = present
    }

    /// The protocols whose packets have a field in their header.
    static func protocols(_ dimension: Dimension, _ domains: Domains) -> [IPProtocol] {
        switch dimension {
        case .sourcePort, .destinationPort: IPProtocol.withPorts
        case .icmp: [domains.family.icmp]
        case .tcpFlags: [.tcp]
        default: []
        }
    }

    /// The row with its fields in agreement; `nil` if there is no such packet.
    func agreed(_ row: [UInt32], _ axes: inout [Axis]) -> [UInt32]? {
        var row = row
        if let state, !entryAxes.isEmpty {
            let demanded = entryAxes.contains { lacksAbsence(row[$0], axes[$0]) }
            if demanded { row[state] = axes[state].sets.intersection(row[state], tracked) }
            settle(entryAxes, &row, &axes, gate: state, present: tracked, absent: withoutEntry)
        }
        for (axis, protocols) in headers {
            guard let proto else { continue }
            if lacksAbsence(row[axis], axes[axis]) {
                row[proto] = axes[proto].sets.intersection(row[proto], protocols)
                if let fragment { row[fragment] = axes[fragment].sets.intersection(row[fragment], firstFragment) }
            }
            let isFirst = fragment.map { row[$0] == firstFragment } ?? true
            if isFirst && isSubset(row[proto], protocols, axes[proto]) { strip(axis, &row, &axes) }
            let isLater = fragment.map { !axes[$0].sets.contains(row[$0], 0) } ?? false
            let common = axes[proto].sets.intersection(row[proto], protocols)
            if isLater || axes[proto].sets.isEmpty(common) { row[axis] = AtomSets.all }
        }
        return row.indices.contains { axes[$0].sets.isEmpty(row[$0]) } ? nil : row
    }

    private func settle(
        _ fields: [Int], _ row: inout [UInt32], _ axes: inout [Axis], gate: Int, present: UInt32, absent: UInt32
    ) {
        if isSubset(row[gate], present, axes[gate]) {
            for axis in fields { strip(axis, &row, &axes) }
        } else if isSubset(row[gate], absent, axes[gate]) {
            // None lacks absence, or the state would be a tracked one.
            for axis in fields { row[axis] = AtomSets.all }
        }
    }

    private func lacksAbsence(_ set: UInt32, _ axis: Axis) -> Bool {
        guard set != AtomSets.all, let absent = axis.absent else { return false }
        return !axis.sets.contains(set, absent)
    }

    /// Leaves absence out of a set where it cannot be; a set of all values is no restriction then.
    private func strip(_ index: Int, _ row: inout [UInt32], _ axes: inout [Axis]) {
        guard row[index] != AtomSets.all, axes[index].absent != nil else { return }
        let stripped = axes[index].sets.intersection(row[index], present[index])
        row[index] = stripped == present[index] ? AtomSets.all : stripped
    }

    private func isSubset(_ set: UInt32, _ other: UInt32, _ axis: Axis) -> Bool {
        if set == other || other == AtomSets.all { return true }
        return axis.sets.sets[Int(set)].allSatisfy { part in
            axis.sets.sets[Int(other)].contains { $0.lowerBound <= part.lowerBound && part.upperBound <= $0.upperBound }
        }
    }
}
