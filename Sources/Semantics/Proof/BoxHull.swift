internal import FirewallIR
internal import PacketModel

/// The ports and protocols of some boxes together: most of ten thousand rules are apart from them.
struct BoxHull {
    private var ports: IntervalSet<UInt16>?
    private var protocols: IntervalSet<UInt8>?
    private let isEmpty: Bool

    init(_ boxes: [Box]) {
        isEmpty = boxes.isEmpty
        let dialled = boxes.map(\.originalDestinationPort)
        if dialled.allSatisfy({ $0?.allowsAbsent == false }) {
            ports = IntervalSet(dialled.flatMap { $0?.values.intervals ?? [] })
        }
        if boxes.allSatisfy({ $0.protocols != nil }) {
            protocols = IntervalSet(boxes.flatMap { $0.protocols?.intervals ?? [] })
        }
    }

    /// Whether a box may have packets in common with one of them.
    func meets(_ box: Box) -> Bool {
        if isEmpty { return false }
        if let ports, let own = box.originalDestinationPort, ports.intersection(own.values).isEmpty { return false }
        if let protocols, let own = box.protocols, protocols.intersection(own).isEmpty { return false }
        return true
    }
}
