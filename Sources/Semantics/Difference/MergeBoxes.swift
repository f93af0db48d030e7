/// Makes fewer boxes of many: those that are the same but for one field, or for the kind of traffic, become one.
///
/// The boxes are disjoint before and behind. Greedy: the fewest boxes are not promised.
struct MergeBoxes {
    let axes: [Axis]

    func merged(_ boxes: [AtomBox]) -> [AtomBox] {
        var boxes = mergedKinds(boxes)
        while true {
            let before = boxes.count
            for index in order where boxes.count > 1 { boxes = merged(boxes, index) }
            boxes = mergedKinds(boxes)
            if boxes.count == before { return boxes }
        }
    }

    /// The axes as they are tried: addresses before ports before protocols, as people sum up.
    private var order: [Int] {
        axes.indices.sorted { (Self.rank(axes[$0].dimension), $0) < (Self.rank(axes[$1].dimension), $1) }
    }

    private static func rank(_ dimension: Dimension) -> Int {
        switch dimension {
        case .source, .originalSource: 0
        case .destination, .originalDestination: 1
        case .inInterface, .outInterface: 2
        case .originalDestinationPort, .destinationPort, .icmp: 3
        case .proto: 5
        default: 4
        }
    }

    private func mergedKinds(_ boxes: [AtomBox]) -> [AtomBox] {
        var places: [AtomBox: Int] = [:]
        var found: [AtomBox] = []
        for box in boxes {
            var key = box
            key.kinds = []
            if let place = places[key] {
                found[place].kinds.formUnion(box.kinds)
            } else {
                places[key] = found.count
                found.append(box)
            }
        }
        return found
    }

    private func merged(_ boxes: [AtomBox], _ index: Int) -> [AtomBox] {
        var places: [AtomBox: Int] = [:]
        var found: [(box: AtomBox, parts: [AtomIntervals])] = []
        for box in boxes {
            guard let set = box.sets[index] else {
                found.append((box, []))
                continue
            }
            var key = box
            key.sets[index] = nil
            if let place = places[key] {
                found[place].parts.append(set)
            } else {
                places[key] = found.count
                found.append((box, [set]))
            }
        }
        return found.map { box, parts in
            guard parts.count > 1 else { return box }
            var box = box
            let union = AtomSets.merged(parts.flatMap { $0 })
            box.sets[index] = union == axes[index].present ? nil : union
            return box
        }
    }
}
