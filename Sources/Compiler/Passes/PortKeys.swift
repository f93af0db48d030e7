internal import FirewallIR
internal import PacketModel

/// The ports for which a packet is led into a chain: those that its rules name, and gaps between them that no rule of a
/// chain beside it names.
struct PortKeys {
    /// Ascending ranges for each protocol, ascending as well.
    private var ranges: [(proto: UInt8, ports: [ClosedRange<UInt16>])] = []

    /// The keys of chains that stand beside each other, which have no port in common.
    static func keys(_ parts: [[DialledPort]]) -> [PortKeys] {
        var keys = Array(repeating: PortKeys(), count: parts.count)
        let all = parts.enumerated().flatMap { index, ports in ports.map { ($0, index) } }.sorted { $0.0 < $1.0 }
        var last: (port: DialledPort, part: Int)?
        for (port, part) in all {
            keys[part].add(port, extends: last?.part == part && last?.port.proto == port.proto)
            last = (port, part)
        }
        return keys
    }

    private mutating func add(_ port: DialledPort, extends: Bool) {
        if ranges.last?.proto != port.proto { ranges.append((port.proto, [])) }
        let place = ranges.count - 1
        if extends, let range = ranges[place].ports.popLast() {
            ranges[place].ports.append(range.lowerBound...port.port)
        } else {
            ranges[place].ports.append(port.port...port.port)
        }
    }

    /// A box for each protocol.
    func boxes(of families: FamilySet) -> [Box] {
        ranges.map { proto, ports in
            var box = Box()
            box.families = families
            box.protocols = IntervalSet(proto)
            box.originalDestinationPort = Presence(IntervalSet(ports))
            return box
        }
    }

    /// A name for the chain: `tcp-80`, or `tcp-80-443`.
    var name: String {
        guard let first = ranges.first, let low = first.ports.first, let high = first.ports.last else { return "ports" }
        let known = IPProtocol(rawValue: first.proto).name
        let proto = known.utf8.first.map { $0 >= 65 } == true && known.utf8.count < 8 ? known : "proto\(first.proto)"
        return low.lowerBound == high.upperBound
            ? "\(proto)-\(low.lowerBound)" : "\(proto)-\(low.lowerBound)-\(high.upperBound)"
    }
}
