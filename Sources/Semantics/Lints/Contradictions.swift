internal import FirewallIR
internal import PacketModel

extension ScopeLints {
    /// Pairs of rules that ask the same fields, say the opposite, and overlap without one being the exception of the other.
    ///
    /// A rule that asks more fields, or narrower values in all of them, is an exception, as is usual; so is a blocklist in
    /// front of what is allowed by port. What is left are rules of one kind that contradict each other.
    func contradictions() -> [(Int, LintFinding)] {
        var found: [Int: LintFinding] = [:]
        for group in groups() {
            for (earlier, later) in overlaps(in: group) where found[later.place] == nil {
                guard let common = subject.query.space.meet(earlier.row, later.row) else { continue }
                let region = subject.query.union([common])
                let decided = subject.decided(in: region)
                let own = Set(subject.rulesOfSource[earlier.place].map { Int32($0) })
                let isReal = subject.query.store.terminals(of: decided).contains {
                    own.contains(subject.query.terminals[$0].rule)
                }
                guard isReal else { continue }
                found[later.place] = LintFinding(
                    .contradictingOverlap, sources[later.place], because: [sources[earlier.place]],
                    packet: subject.packet(in: decided) { own.contains(subject.query.terminals[$0].rule) })
            }
        }
        return found.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private struct Candidate {
        var place: Int
        var row: [UInt32]
        var stops: Bool
    }

    /// The rules of one row, by the fields that they ask; only groups in which both verdicts occur.
    private func groups() -> [[Candidate]] {
        var groups: [[Bool]: [Candidate]] = [:]
        var order: [[Bool]] = []
        for (place, source) in sources.enumerated() where subject.live.contains(place) && !source.isDefault {
            guard subject.rulesOfSource[place].count == 1, let number = subject.rulesOfSource[place].first,
                let verdict = subject.verdicts[number], !verdict.isQueue
            else { continue }
            for row in subject.query.rows(of: number, 0) {
                let asked = row.map { $0 != AtomSets.all }
                if groups[asked] == nil { order.append(asked) }
                let stops = verdict != .leave && verdict != .accept
                groups[asked, default: []].append(Candidate(place: place, row: row, stops: stops))
            }
        }
        return order.compactMap { groups[$0] }.filter { group in
            group.contains(where: \.stops) && !group.allSatisfy(\.stops)
        }
    }

    /// The pairs of a group that overlap partly: found along the axis with the most sets, so that few pairs are looked at.
    private func overlaps(in group: [Candidate]) -> [(Candidate, Candidate)] {
        let width = group.first?.row.count ?? 0
        let axis = (0..<width).max { a, b in
            Set(group.map { $0.row[a] }).count < Set(group.map { $0.row[b] }).count
        }
        guard let axis else { return [] }
        let sets = subject.query.space.axes[axis].sets
        let spans = group.enumerated().flatMap { index, one in
            sets.sets[Int(one.row[axis])].map { (first: $0.lowerBound, last: $0.upperBound, index: index) }
        }.sorted { ($0.first, $0.index) < ($1.first, $1.index) }
        var open: [(last: UInt32, index: Int)] = []
        var seen: Set<[Int]> = []
        var pairs: [(Int, Int)] = []
        for span in spans {
            open.removeAll { $0.last < span.first }
            for other in open {
                let pair = [min(other.index, span.index), max(other.index, span.index)]
                guard group[pair[0]].stops != group[pair[1]].stops, seen.insert(pair).inserted else { continue }
                if crosses(group[pair[0]].row, group[pair[1]].row) { pairs.append((pair[0], pair[1])) }
            }
            open.append((span.last, span.index))
        }
        return pairs.sorted { $0 < $1 }.map { (group[$0.0], group[$0.1]) }
    }

    /// Whether two rows share something and neither holds the other.
    private func crosses(_ a: [UInt32], _ b: [UInt32]) -> Bool {
        guard let common = subject.query.space.meet(a, b) else { return false }
        return common != a && common != b
    }
}

extension PacketVerdict {
    /// Whether a program decides: that contradicts nothing.
    fileprivate var isQueue: Bool { if case .queue = self { true } else { false } }
}
