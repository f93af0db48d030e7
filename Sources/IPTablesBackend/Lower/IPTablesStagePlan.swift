internal import FirewallIR
internal import PacketModel

/// One stage of a rule in the terms of iptables: lines of matches, what else has to hold, and guards.
struct IPTablesStagePlan {
    /// One or more.
    let boxes: [IPTablesBox]
    let opaque: [IPTablesMatch]
    let guards: [IPTablesMatch]
    /// Whether a packet may be in two lines.
    let mayOverlap: Bool

    /// The plan of a stage whose boxes are of one family.
    ///
    /// Boxes that differ in one field alone are joined, unless the sets of one box would then have to be multiplied.
    init(
        _ stage: RuleStage, _ surroundings: IPTablesSurroundings, _ sets: inout IPTablesSets
    ) throws(IPTablesRefusal) {
        var condition = stage.condition
        if condition.count > 1 {
            condition = condition.joined(over: JoinedField.fields(withAddressSets: sets.options != nil))
        }
        var boxes = try Self.lower(condition, surroundings, &sets)
        if condition.count < stage.condition.count, boxes.contains(where: \.isLarge) {
            condition = stage.condition
            boxes = try Self.lower(condition, surroundings, &sets)
        }
        self.boxes = boxes
        opaque = try stage.opaque.lowered(beside: condition)
        guards = try stage.guards.lowered
        mayOverlap = boxes.contains(where: \.overlaps) || !condition.arePlainlyDisjoint
    }

    private static func lower(
        _ condition: [Box], _ surroundings: IPTablesSurroundings, _ sets: inout IPTablesSets
    ) throws(IPTablesRefusal) -> [IPTablesBox] {
        var boxes: [IPTablesBox] = []
        boxes.reserveCapacity(condition.count)
        for box in condition {
            if surroundings.hook == .output, box.numbers[.sourceMAC] != nil {
                throw IPTablesRefusal(reason: "packets of this host have no source on an Ethernet link to be asked for")
            }
            boxes.append(try LowerBox.lower(box, family: surroundings.family, sets: &sets))
        }
        return boxes
    }

    /// The matches of a line, in order; fields of the packet first.
    ///
    /// - Parameters:
    ///   - line: the line.
    ///   - room: for how many more there is to be room.
    /// - Returns: the matches.
    func matches(_ line: IPTablesAlternative, reserving room: Int = 0) -> [IPTablesMatch] {
        if opaque.isEmpty { return line.line(reserving: room) }
        return opaque.filter(\.isAskedFirst) + line.line + opaque.filter { !$0.isAskedFirst }
    }
}

extension [Box] {
    /// Whether no packet is in two boxes, as far as protocols and families tell.
    fileprivate var arePlainlyDisjoint: Bool {
        indices.allSatisfy { i in
            self[(i + 1)...].allSatisfy { other in
                guard let a = self[i].protocols, let b = other.protocols else { return false }
                return a.intersection(b).isEmpty
            }
        }
    }
}
