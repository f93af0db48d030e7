internal import PacketModel

extension Probe: CustomStringConvertible {
    /// The packet as a failed expectation shows it.
    package var description: String { "\(sender.rawValue) → \(receiver.rawValue): \(packet)" }
}

extension Packet: CustomStringConvertible {
    /// `tcp(…) 192.168.0.1 → 192.168.0.254`, and what is unusual about it.
    package var description: String {
        var text = "\(payload) \(source) → \(destination)"
        if trafficClass != 0 { text += " class \(trafficClass)" }
        if hopLimit != 64 { text += " with a hop limit of \(hopLimit)" }
        if hasWrongChecksum { text += " with a wrong checksum" }
        if isFragmented { text += " in fragments" }
        if let linkAddress { text += " to \(linkAddress)" }
        return text
    }
}

extension Packet.Payload: CustomStringConvertible {
    /// `tcp 40001 → 8080 [syn]`; a port 0 is one that no other probe has.
    package var description: String {
        switch self {
        case .tcp(let source, let destination, let flags):
            "tcp \(source) → \(destination) [\(flags.names.joined(separator: " "))]"
        case .udp(let source, let destination): "udp \(source) → \(destination)"
        case .sctp(let source, let destination): "sctp \(source) → \(destination)"
        case .icmp(let type, let code, _): "icmp \(type)/\(code)"
        case .icmpError(let type, let code, let packet): "icmp \(type)/\(code) about (\(packet))"
        case .other(let number): "protocol \(number)"
        }
    }
}

extension Fate: CustomStringConvertible {
    /// `passed`, `dropped`, `reset` or the ICMP error.
    package var description: String {
        switch self {
        case .passed: "passed"
        case .dropped: "dropped"
        case .reset: "reset"
        case .refused(let type, let code): "icmp \(type)/\(code)"
        }
    }
}
