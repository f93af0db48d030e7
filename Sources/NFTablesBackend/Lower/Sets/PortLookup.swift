internal import FirewallIR
internal import PacketModel

/// A set of ports with the rules that its parts came from.
struct SourcedPorts {
    /// The ports of each part, and the rules.
    var parts: [(set: IntervalSet<UInt16>, sources: [String])]

    /// All ports.
    var union: IntervalSet<UInt16> {
        parts.count == 1 ? parts[0].set : IntervalSet(parts.lazy.flatMap(\.set.intervals))
    }
}

/// A named set of ports: of single values as long as they are few, since that is a table of bits in the kernel.
struct PortLookup {
    /// What the name of the set begins with: `drop-odport`.
    let name: String

    /// A reference to the set.
    func reference(_ ports: SourcedPorts, _ sets: inout NFTSets) -> NFTValue {
        let union = ports.union
        guard sets.isOptimized else { return sets.reference(union) }
        if union.count <= Self.mostSingleValues {
            var members = SetMembers<UInt16>()
            for part in ports.parts {
                for port in part.set.intervals.lazy.flatMap({ $0 }) { members.add(port, from: part.sources) }
            }
            let sorted = zip(members.values, members.sources).sorted { $0.0 < $1.0 }
            return reference(sorted.map { $0.0...$0.0 }, sorted.map(\.1), &sets)
        }
        return reference(union.intervals, union.intervals.map { ports.sources(of: $0) }, &sets)
    }

    private func reference(_ ranges: [ClosedRange<UInt16>], _ sources: [[String]], _ sets: inout NFTSets) -> NFTValue {
        let isSourced = sources.contains { !$0.isEmpty }
        return sets.reference(.port, named: name, ranges.map(\.value), sources: isSourced ? sources : [])
    }

    private static let mostSingleValues = 1024
}

extension SourcedPorts {
    fileprivate func sources(of range: ClosedRange<UInt16>) -> [String] {
        var found: [String] = []
        for part in parts where part.set.contains(range.lowerBound) || part.set.contains(range.upperBound) {
            for id in part.sources where !found.contains(id) { found.append(id) }
        }
        return found
    }
}

extension IntervalSet {
    /// How many numbers there are.
    var count: Int { intervals.reduce(0) { $0 + $1.count } }
}
