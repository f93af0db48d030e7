/// Moves labels that stand one above the other apart, as little as possible, in their order.
enum SpreadLabels {
    /// The places of labels that want to stand at some places; none is nearer to the next than `gap`, and all are within
    /// `range` if there is room.
    static func run(_ wanted: [Double], gap: Double, within range: ClosedRange<Double>) -> [Double] {
        let order = wanted.indices.sorted { (wanted[$0], $0) < (wanted[$1], $1) }
        // Groups of labels that touch: each stands around the mean of what its members want.
        var groups: [(members: [Int], center: Double)] = []
        for index in order {
            groups.append(([index], min(max(wanted[index], range.lowerBound), range.upperBound)))
            while groups.count > 1 {
                let (upper, lower) = (groups[groups.count - 2], groups[groups.count - 1])
                let reach = Double(upper.members.count + lower.members.count) * gap / 2
                guard lower.center - upper.center < reach else { break }
                let members = upper.members + lower.members
                groups.removeLast(2)
                groups.append((members, center(of: members, wanted, gap, range)))
            }
        }
        var places = wanted
        for group in groups {
            for (number, index) in group.members.enumerated() {
                places[index] = group.center + (Double(number) - Double(group.members.count - 1) / 2) * gap
            }
        }
        return places
    }

    private static func center(
        of members: [Int], _ wanted: [Double], _ gap: Double, _ range: ClosedRange<Double>
    ) -> Double {
        let mean = members.reduce(0) { $0 + wanted[$1] } / Double(members.count)
        let half = Double(members.count - 1) * gap / 2
        return max(range.lowerBound + half, min(mean, range.upperBound - half))
    }
}
