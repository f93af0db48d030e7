import FirewallIR
import PacketLab
import PacketModel
import Semantics

/// A packet that the lab can send, and how the rules of the router meet it.
struct LabPacket {
    let probe: Probe
    let state: PacketState

    /// A packet behind the translation of its destination.
    ///
    /// - Parameters:
    ///   - probe: how it is sent.
    ///   - destination: its destination where the rules see it.
    ///   - port: its destination port there.
    ///   - connection: what conntrack knows of it.
    ///   - conntrack: the state that conntrack gives it.
    init(
        _ probe: Probe, to destination: IPAddress? = nil, port: UInt16? = nil, connection: ConntrackEntry?,
        _ conntrack: ConntrackStateSet
    ) {
        let packet = probe.packet
        let mark = packet.trafficClass == TrafficClass.untracked ? 0 : UInt32(packet.trafficClass)
        var state = PacketState(
            family: packet.family, inInterface: probe.sender.interface, outInterface: probe.receiver.interface,
            source: packet.source, destination: destination ?? packet.destination, proto: packet.proto,
            state: conntrack, entry: connection, mark: mark)
        switch packet.payload {
        case .tcp(let source, let dialled, let flags):
            (state.sourcePort, state.destinationPort, state.tcpFlags) = (source, port ?? dialled, flags)
        case .udp(let source, let dialled), .sctp(let source, let dialled):
            (state.sourcePort, state.destinationPort) = (source, port ?? dialled)
        case .icmp(let type, let code, _), .icmpError(let type, let code, _):
            state.icmp = UInt16(type) << 8 | UInt16(code)
        case .other: break
        }
        self.probe = probe
        self.state = state
    }

    /// What is seen of the packet where the rules say so.
    func fate(under verdict: PacketVerdict) -> Fate {
        switch verdict {
        case .leave, .accept: .passed
        // Nobody listens to a queue in the lab.
        case .drop, .queue: .dropped
        case .reject(let kind): isAnswered ? kind.fate(state.family) : .dropped
        }
    }

    /// Whether the kernel answers it at all: no error is answered, and nothing whose checksum is wrong.
    private var isAnswered: Bool {
        switch probe.packet.payload {
        case .tcp, .udp: !probe.packet.hasWrongChecksum
        // Checksums of a kind of their own are not looked at, nor is there one in GRE.
        case .sctp: true
        case .icmp(let type, _, _):
            !probe.packet.hasWrongChecksum && (state.family == .ip ? ![3, 4, 5, 11, 12].contains(type) : type >= 128)
        case .icmpError: false
        // Taken for a checksum of the whole payload, which it is not.
        case .other(let number): number == 47
        }
    }
}

extension RejectKind {
    /// The answer as a client sees it.
    fileprivate func fate(_ family: AddressFamily) -> Fate {
        let (v4, v6): (UInt8, UInt8) =
            switch self {
            case .tcpReset: (0, 0)
            case .portUnreachable: (3, 4)
            case .hostUnreachable: (1, 3)
            case .noRoute: (0, 0)
            case .adminProhibited: (13, 1)
            case .protocolUnreachable: (2, 0)
            case .networkProhibited: (9, 0)
            case .hostProhibited: (10, 0)
            case .policyFail: (0, 5)
            case .rejectRoute: (0, 6)
            }
        if self == .tcpReset { return .reset }
        return family == .ip ? .refused(type: 3, code: v4) : .refused(type: 1, code: v6)
    }
}

extension Host {
    /// The router's interface to it.
    fileprivate var interface: String {
        switch self {
        case .client, .stranger, .wire, .router: "eth0"
        case .neighbour: "eth1"
        case .web, .peer: "docker0"
        case .database: "br-db"
        }
    }
}

extension Packet {
    /// The original tuple of a connection that the packet begins: ports, or what stands in their place.
    func connection(_ status: ConntrackStatus = []) -> ConntrackEntry {
        let (from, to) = payload.ends
        return ConntrackEntry(
            direction: .original, status: status, source: source, destination: destination, proto: proto,
            sourcePort: from, destinationPort: to)
    }
}
