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
        case .status, .tcpFlags, .icmp: return absence(axis, atoms) ?? Int(atoms.lowerBound)
        case .source, .originalSource: return holds(sources) + (absence(axis, atoms) ?? 0)
        case .destination, .originalDestination: return holds(destinations) + (absence(axis, atoms) ?? 0)
        case .sourcePort, .originalSourcePort, .destinationPort, .originalDestinationPort:
            return absence(axis, atoms) ?? (atoms == 0...0 ? 1 : 0)
        }
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
