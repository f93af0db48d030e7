internal import PacketModel

/// A probe under way.
struct Flight {
    let probe: Probe
    let packet: Packet
    let marker: [UInt8]
    let identifier: UInt16
    private(set) var fate = Fate.dropped

    init(_ probe: Probe) {
        self.probe = probe
        identifier = UInt16.random(in: 10_000...60_000)
        marker = markerStart + (0..<(markerLength - 2)).map { _ in UInt8.random(in: 97...122) }
        packet = probe.packet.numbered(identifier)
    }

    /// The pieces in which the packet is sent.
    var pieces: [[UInt8]] { packet.bytes(marker: marker, identifier: identifier) }

    /// Takes note of a packet with its marker: the probe itself, or an ICMP error about it.
    mutating func see(_ datagram: Datagram, at host: Host) {
        if host == probe.receiver {
            fate = .passed
        } else if fate != .passed, let error = datagram.error {
            fate = .refused(type: error.type, code: error.code)
        }
    }

    /// Takes note of a TCP reset that went to its source port.
    mutating func seeReset(at host: Host) {
        if host != probe.receiver && fate != .passed { fate = .reset }
    }

    /// The port from which it is sent, if it is TCP.
    var sourcePort: UInt16? {
        if case .tcp(let source, _, _) = packet.payload { source } else { nil }
    }
}

/// Probes under way, found by their markers and ports.
struct Flights {
    private(set) var all: [Flight]
    private let byMarker: [[UInt8]: Int]
    private let byPort: [UInt16: [Int]]

    init(_ probes: [Probe]) {
        let all = probes.map { Flight($0) }
        self.all = all
        byMarker = Dictionary(all.indices.map { (all[$0].marker, $0) }, uniquingKeysWith: { first, _ in first })
        byPort = Dictionary(
            all.indices.compactMap { index in all[index].sourcePort.map { ($0, [index]) } }, uniquingKeysWith: +)
    }

    /// Whether the fate of any is open.
    var areUnderWay: Bool { all.contains { $0.fate == .dropped } }

    /// Takes note of a packet that arrived somewhere.
    mutating func see(_ bytes: [UInt8], at host: Host) {
        guard let datagram = Datagram(bytes) else { return }
        for index in flights(in: bytes) { all[index].see(datagram, at: host) }
        if let port = datagram.resetPort { for index in byPort[port] ?? [] { all[index].seeReset(at: host) } }
    }

    /// The flights whose markers some bytes hold.
    private func flights(in bytes: [UInt8]) -> [Int] {
        guard bytes.count >= markerLength else { return [] }
        return (0...(bytes.count - markerLength)).compactMap { start in
            guard bytes[start] == markerStart[0], bytes[start + 1] == markerStart[1] else { return nil }
            return byMarker[Array(bytes[start..<(start + markerLength)])]
        }
    }
}

/// What every marker begins with.
private let markerStart = Array("sw".utf8)
