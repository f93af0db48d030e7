internal import FirewallIR
internal import PacketModel

extension Box {
    /// The box that holds the packets of both and no others, if they differ in one field that is a set.
    func merged(with other: Box) -> Box? { union(with: other)?.box }

    /// The box that holds the packets of both and no others, and the field in which they differ, by its position; `nil`
    /// if they differ in more than one, or in one that is no set.
    func union(with other: Box) -> (box: Box, field: Int?)? {
        var merged = self
        var merger = FieldMerger()
        merger.merge(&merged.families, other.families) { $0.union($1) }
        merger.merge(&merged.inInterface, other.inInterface) { $0.union($1) }
        merger.merge(&merged.outInterface, other.outInterface) { $0.union($1) }
        merger.merge(&merged.source, other.source) { $0.union($1) }
        merger.merge(&merged.destination, other.destination) { $0.union($1) }
        merger.merge(&merged.protocols, other.protocols) { $0.union($1) }
        merger.mergePresence(&merged.sourcePort, other.sourcePort) { $0.union($1) }
        merger.mergePresence(&merged.destinationPort, other.destinationPort) { $0.union($1) }
        merger.mergePresence(&merged.icmp, other.icmp) { $0.union($1) }
        merger.merge(&merged.state, other.state) { $0.union($1) }
        merger.mergePresence(&merged.direction, other.direction) { $0.union($1) }
        merger.mergePresence(&merged.originalSource, other.originalSource) { $0.union($1) }
        merger.mergePresence(&merged.originalDestination, other.originalDestination) { $0.union($1) }
        merger.mergePresence(&merged.originalProtocol, other.originalProtocol) { $0.union($1) }
        merger.mergePresence(&merged.originalSourcePort, other.originalSourcePort) { $0.union($1) }
        merger.mergePresence(&merged.originalDestinationPort, other.originalDestinationPort) { $0.union($1) }
        merger.merge(&merged.packetType, other.packetType) { $0.union($1) }
        for field in NumericField.allCases {
            merger.mergePresence(&merged.numbers[field], other.numbers[field]) { $0.union($1) }
        }
        guard merger.isPossible else { return nil }
        // What is no set of values has to be the same.
        return merged.tcpFlags == other.tcpFlags && merged.isLaterFragment == other.isLaterFragment
            && merged.status == other.status && merged.connectionMark == other.connectionMark
            && merged.mark == other.mark && merged.addressTypes == other.addressTypes ? (merged, merger.field) : nil
    }
}

/// Joins two boxes field by field, and notes whether more than one field is different.
private struct FieldMerger {
    private var differences = 0
    private var isBroken = false
    private var position = 0
    /// The position of the first field that is different.
    private(set) var field: Int?

    var isPossible: Bool { differences <= 1 && !isBroken }

    mutating func merge<Value: Equatable>(_ value: inout Value, _ other: Value, _ union: (Value, Value) -> Value) {
        position += 1
        if value == other { return }
        differ()
        if differences == 1 { value = union(value, other) }
    }

    /// Two restrictions; a box with one less holds the other, and that is no set of values.
    mutating func merge<Value: Equatable>(_ value: inout Value?, _ other: Value?, _ union: (Value, Value) -> Value?) {
        position += 1
        if value == other { return }
        differ()
        guard differences == 1, let first = value, let second = other, let both = union(first, second) else {
            isBroken = true
            return
        }
        value = both
    }

    private mutating func differ() {
        differences += 1
        if field == nil { field = position }
    }

    mutating func mergePresence<Values: Equatable>(
        _ value: inout Presence<Values>?, _ other: Presence<Values>?, _ union: (Values, Values) -> Values
    ) {
        merge(&value, other) { first, second in
            guard first.allowsAbsent == second.allowsAbsent else { return nil }
            return Presence(union(first.values, second.values), allowsAbsent: first.allowsAbsent)
        }
    }
}

extension InterfaceSet {
    /// The interfaces of both lists of names.
    fileprivate func union(_ other: InterfaceSet) -> InterfaceSet? {
        isNegated || other.isNegated ? nil : InterfaceSet(patterns + other.patterns)
    }
}

extension [Box] {
    /// The same packets in fewer boxes, where neighbours differ in one set.
    var merged: [Box] {
        var boxes = self
        var index = 0
        while index + 1 < boxes.count {
            if let both = boxes[index].merged(with: boxes[index + 1]) {
                boxes[index] = both
                boxes.remove(at: index + 1)
                index = Swift.max(0, index - 1)
            } else {
                index += 1
            }
        }
        return boxes
    }
}
