/// Joins rows that differ in one axis into one with the union there, axis by axis: the boxes of rules with one verdict.
///
/// Rules of a run commute, so this changes nothing; it makes one set of a blocklist's thousand rules.
struct JoinRows {
    let width: Int

    /// Fewer rows for the same set of packets; in the order of their first members.
    func joined(_ rows: [[UInt32]], _ axes: inout [Axis]) -> [[UInt32]] {
        var rows = rows
        if rows.count < 2 { return rows }
        let distinct = (0..<width).map { axis in Set(rows.lazy.map { $0[axis] }).count }
        for axis in (0..<width).sorted(by: { (-distinct[$0], $0) < (-distinct[$1], $1) }) where distinct[axis] > 1 {
            rows = joined(rows, in: axis, &axes)
            if rows.count == 1 { break }
        }
        return rows
    }

    private func joined(_ rows: [[UInt32]], in axis: Int, _ axes: inout [Axis]) -> [[UInt32]] {
        var places: [[UInt32]: Int] = [:]
        places.reserveCapacity(rows.count)
        var groups: [(row: [UInt32], sets: [UInt32])] = []
        for row in rows {
            var key = row
            key[axis] = 0
            if let place = places[key] {
                groups[place].sets.append(row[axis])
            } else {
                places[key] = groups.count
                groups.append((row, [row[axis]]))
            }
        }
        if groups.count == rows.count { return rows }
        return groups.map { group in
            guard group.sets.count > 1 else { return group.row }
            var row = group.row
            row[axis] = group.sets.contains(AtomSets.all) ? AtomSets.all : axes[axis].sets.union(of: group.sets)
            return row
        }
    }
}
