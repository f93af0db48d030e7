/// Joins rows that differ in one axis into one with the union there, axis by axis: the boxes of rules with one verdict.
///
/// Rules of a run commute, so this changes nothing; it makes one set of a blocklist's thousand rules.
struct JoinRows {
    let width: Int

    /// Fewer rows for the same set of packets; in the order of their first members.
    func joined(_ rows: [[UInt32]], _ axes: inout [Axis]) -> [[UInt32]] {
        var rows = rows
        if rows.count < 2 { return rows }
        // Most rows of a run differ in the source alone.
        let differing = (0..<width).filter { axis in rows.contains { $0[axis] != rows[0][axis] } }
        if differing.count == 1 { return [union(of: rows, in: differing[0], &axes)] }
        var distinct = [Int](repeating: 1, count: width)
        for axis in differing { distinct[axis] = Set(rows.lazy.map { $0[axis] }).count }
        for axis in (0..<width).sorted(by: { (-distinct[$0], $0) < (-distinct[$1], $1) }) where distinct[axis] > 1 {
            rows = joined(rows, in: axis, &axes)
            if rows.count == 1 { break }
        }
        return rows
    }

    /// Rows that differ in no other axis, as one.
    private func union(of rows: [[UInt32]], in axis: Int, _ axes: inout [Axis]) -> [UInt32] {
        var row = rows[0]
        let sets = rows.map { $0[axis] }
        row[axis] = sets.contains(AtomSets.all) ? AtomSets.all : axes[axis].sets.union(of: sets)
        return row
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
