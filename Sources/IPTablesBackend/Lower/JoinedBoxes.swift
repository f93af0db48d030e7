internal import FirewallIR
internal import PacketModel

/// A field over which boxes are joined that agree in all others: their union is one box with the union of the field.
enum JoinedField: CaseIterable {
    case destinationPort, sourcePort, originalDestinationPort, source, destination

    /// The fields whose sets cost iptables less than a line for each member; addresses where the kernel keeps sets.
    static func fields(withAddressSets: Bool) -> [JoinedField] {
        withAddressSets ? allCases : [.destinationPort, .sourcePort, .originalDestinationPort]
    }

    /// The box without a restriction of the field; `nil` if it does not restrict it, or also lets pass what lacks it.
    fileprivate func key(_ box: Box) -> Box? {
        var key = box
        switch self {
        case .destinationPort:
            guard box.destinationPort?.allowsAbsent == false else { return nil }
            key.destinationPort = nil
        case .sourcePort:
            guard box.sourcePort?.allowsAbsent == false else { return nil }
            key.sourcePort = nil
        case .originalDestinationPort:
            guard box.originalDestinationPort?.allowsAbsent == false else { return nil }
            key.originalDestinationPort = nil
        case .source:
            guard box.source != nil else { return nil }
            key.source = nil
        case .destination:
            guard box.destination != nil else { return nil }
            key.destination = nil
        }
        return key
    }

    /// The first of some boxes that agree in all other fields, with the union of this one.
    fileprivate func join(_ boxes: [Box]) -> Box {
        guard var joined = boxes.first, boxes.count > 1 else { return boxes[0] }
        switch self {
        case .destinationPort: joined.destinationPort = Self.union(boxes.compactMap(\.destinationPort))
        case .sourcePort: joined.sourcePort = Self.union(boxes.compactMap(\.sourcePort))
        case .originalDestinationPort:
            joined.originalDestinationPort = Self.union(boxes.compactMap(\.originalDestinationPort))
        case .source: joined.source = Self.union(boxes.compactMap(\.source))
        case .destination: joined.destination = Self.union(boxes.compactMap(\.destination))
        }
        return joined
    }

    private static func union(_ ports: [Presence<IntervalSet<UInt16>>]) -> Presence<IntervalSet<UInt16>> {
        Presence(IntervalSet(ports.flatMap(\.values.intervals)))
    }

    private static func union(_ sets: [IPAddressSet]) -> IPAddressSet {
        IPAddressSet(v4: IntervalSet(sets.flatMap(\.v4.intervals)), v6: IntervalSet(sets.flatMap(\.v6.intervals)))
    }
}

extension [Box] {
    /// The same packets in fewer boxes: those that differ in one of the fields alone are one, again and again, in each step
    /// over the field that leaves the fewest.
    func joined(over fields: [JoinedField]) -> [Box] {
        var boxes = self
        while boxes.count > 1 {
            let candidates = fields.map { Grouping(boxes, $0) }
            guard let best = candidates.min(by: { $0.count < $1.count }), best.count < boxes.count else { break }
            boxes = best.joined
        }
        return boxes
    }

    /// Boxes by all that they say beside one field, in the order in which they come first.
    private struct Grouping {
        private let field: JoinedField
        private var groups: [[Box]] = []

        var count: Int { groups.count }
        var joined: [Box] { groups.map(field.join) }

        init(_ boxes: [Box], _ field: JoinedField) {
            self.field = field
            var places: [Box: Int] = [:]
            for box in boxes {
                if let key = field.key(box) {
                    if let place = places[key] {
                        groups[place].append(box)
                        continue
                    }
                    places[key] = groups.count
                }
                groups.append([box])
            }
        }
    }
}
