internal import FirewallIR
internal import PacketModel

/// Ports that a rule names: not those that it leaves when it names others.
struct NamedPorts: Hashable, Sendable {
    /// The protocols.
    var protocols: IntervalSet<UInt8>
    /// The ports.
    var ranges: [ClosedRange<UInt16>]

    /// The ports that the client dialled.
    init?(dialledIn box: Box) {
        self.init(box.originalDestinationPort?.values, box.originalProtocol?.values ?? box.protocols)
    }

    /// The ports behind Docker's translation.
    init?(translatedIn box: Box) { self.init(box.destinationPort?.values, box.protocols) }

    private init?(_ ports: IntervalSet<UInt16>?, _ protocols: IntervalSet<UInt8>?) {
        guard let ports else { return nil }
        let count = ports.intervals.reduce(0) { $0 + Int($1.upperBound) - Int($1.lowerBound) + 1 }
        guard count <= 1 << 15 else { return nil }
        self.protocols = protocols ?? .all
        ranges = ports.intervals
    }

    /// `tcp 8080`, `udp 5000-5009`, `port 53`.
    func text(_ range: ClosedRange<UInt16>) -> String {
        let name = protocols.single.map { IPProtocol(rawValue: $0).name } ?? "port"
        let port = "\(range.lowerBound)"
        return range.count == 1 ? "\(name) \(port)" : "\(name) \(port)-\(range.upperBound)"
    }
}

/// All ports that rules name, by protocol.
struct NamedPortUnion: Sendable {
    private var ports: [UInt8: IntervalSet<UInt16>] = [:]

    init(_ named: [NamedPorts]) {
        for transport in IPProtocol.withPorts.map(\.rawValue) {
            ports[transport] = IntervalSet(named.filter { $0.protocols.contains(transport) }.flatMap(\.ranges))
        }
    }

    /// Whether a port is named.
    func holds(_ transport: IPProtocol, _ port: UInt16) -> Bool { ports[transport.rawValue]?.contains(port) == true }
}

/// Ports by protocol, to be asked for ranges.
struct PortIndex: Sendable {
    private var ports: [UInt8: IntervalSet<UInt16>] = [:]

    init(_ all: [(IPProtocol, UInt16)]) {
        for (transport, own) in Dictionary(grouping: all, by: \.0.rawValue) {
            ports[transport] = IntervalSet(own.map { $0.1...$0.1 })
        }
    }

    /// Whether any port of a range is there, for any of the protocols.
    func holdsAny(of range: ClosedRange<UInt16>, _ protocols: IntervalSet<UInt8>) -> Bool {
        ports.contains { transport, own in
            protocols.contains(transport) && own.meets(range)
        }
    }
}

extension IntervalSet {
    /// Whether any number of a range is in the set.
    fileprivate func meets(_ range: ClosedRange<Value>) -> Bool {
        var (low, high) = (0, intervals.count)
        while low < high {
            let middle = (low + high) / 2
            if intervals[middle].upperBound < range.lowerBound { low = middle + 1 } else { high = middle }
        }
        return low < intervals.count && intervals[low].lowerBound <= range.upperBound
    }
}
