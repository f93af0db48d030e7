internal import FirewallIR
internal import PacketModel

/// Which atoms make a packet that people recognise: lower is better.
struct Preference {
    let domains: Domains

    /// How good some atoms of a level are.
    func rank(_ axis: Axis, _ atoms: ClosedRange<UInt32>) -> Int {
        if axis.digits > 1 { return 0 }
        let holds = { (wanted: [UInt32?]) -> Int in
            wanted.firstIndex { $0.map(atoms.contains) ?? false } ?? wanted.count
        }
        switch axis.dimension {
        case .inInterface, .outInterface, .state, .direction, .fragment, .packetType, .addressType, .mark, .opaque,
            .time:
            return Int(atoms.lowerBound)
        case .guarded: return atoms.contains(1) ? 0 : 1
        case .proto, .originalProtocol:
            return holds([IPProtocol.tcp, .udp, domains.family.icmp].map { domains.proto.atom(of: $0.rawValue) })
        case .number(let field): return number(axis, field, atoms)
        case .status, .tcpFlags, .icmp, .connectionMark: return absence(axis, atoms) ?? Int(atoms.lowerBound)
        case .source, .originalSource: return holds(sources) + (absence(axis, atoms) ?? 0)
        case .destination, .originalDestination: return holds(destinations) + (absence(axis, atoms) ?? 0)
        case .sourcePort, .originalSourcePort, .destinationPort, .originalDestinationPort:
            return absence(axis, atoms) ?? (atoms == 0...0 ? 1 : 0)
        }
    }

    /// The usual value is best; absence is where that is usual.
    private func number(_ axis: Axis, _ field: NumericField, _ atoms: ClosedRange<UInt32>) -> Int {
        let usual = field.usual.flatMap { domains.numbers[field]?.atom(of: $0) } ?? axis.absent
        return usual.map(atoms.contains) == true ? 0 : Int(atoms.lowerBound) + 1
    }

    /// What absence costs; `nil` if a value is there as well.
    private func absence(_ axis: Axis, _ atoms: ClosedRange<UInt32>) -> Int? {
        axis.absent.map { $0 == atoms.lowerBound } == true ? 1 << 20 : nil
    }

    private var sources: [UInt32?] {
        domains.family == .ip
            ? PointDecoder.clients4.map { domains.source4.atom(of: $0) }
            : PointDecoder.clients6.map { domains.source6.atom(of: $0) }
    }

    private var destinations: [UInt32?] {
        domains.family == .ip
            ? (PointDecoder.hosts4 + PointDecoder.containers4).map { domains.destination4.atom(of: $0) }
            : (PointDecoder.hosts6 + PointDecoder.containers6).map { domains.destination6.atom(of: $0) }
    }
}
