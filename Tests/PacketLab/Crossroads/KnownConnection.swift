package import PacketModel

/// A connection that conntrack is told of before a packet comes: how a packet gets a state, and another destination.
package struct KnownConnection: Hashable, Sendable {
    /// The packet that begins it.
    package var question: Packet
    /// Where its packets go instead, as to the container of a published port.
    package var destination: Translation?
    /// Whether an answer was seen: its packets are established then, and new before.
    package var isAnswered: Bool
    /// The mark of the connection.
    package var mark: UInt32 = 0

    /// Another destination.
    package struct Translation: Hashable, Sendable {
        package var address: IPAddress
        /// The port; `nil` where the protocol has none.
        package var port: UInt16?

        /// An address, and a port of it.
        package init(_ address: IPAddress, port: UInt16?) {
            self.address = address
            self.port = port
        }
    }

    /// A connection.
    package init(_ question: Packet, to destination: Translation? = nil, isAnswered: Bool) {
        self.question = question
        self.destination = destination
        self.isAnswered = isAnswered
    }

    /// The first packet, as it reaches its destination.
    package var asked: Packet {
        guard let destination else { return question }
        return question.with { packet in
            packet.destination = destination.address
            if let port = destination.port { packet.payload = packet.payload.to(port) }
        }
    }

    /// The packet that answers it, as it leaves its destination.
    package var answer: Packet { asked.answer }

    /// Whether conntrack is told of it, and does not learn of it from its first packet.
    package var isEntered: Bool { line != nil }

    /// The line for `conntrack --load-file`; `nil` for what the program cannot enter.
    var line: String? {
        guard let payload = question.payload.conntrackWords else { return nil }
        var words = ["-A", "-t", "600", "-s", "\(question.source)", "-d", "\(question.destination)"] + payload
        words += ["-u", isAnswered ? "SEEN_REPLY,ASSURED" : "UNSET"]
        if mark != 0 { words += ["-m", "\(mark)"] }
        if let destination {
            let host = destination.address.family == .ip ? "\(destination.address)" : "[\(destination.address)]"
            words += ["-g", destination.port.map { "\(host):\($0)" } ?? "\(destination.address)"]
        }
        if case .tcp = question.payload { words += ["--state", isAnswered ? "ESTABLISHED" : "SYN_SENT"] }
        if case .sctp = question.payload {
            words += ["--state", isAnswered ? "ESTABLISHED" : "COOKIE_WAIT", "--orig-vtag", "1", "--reply-vtag", "1"]
        }
        return words.joined(separator: " ")
    }
}

extension Packet {
    /// The answer to a packet, addressed to its source.
    package var answer: Packet {
        let payload: Payload =
            switch payload {
            case .tcp(let source, let destination, _):
                .tcp(source: destination, destination: source, flags: [.syn, .ack])
            case .udp(let source, let destination): .udp(source: destination, destination: source)
            case .sctp(let source, let destination): .sctp(source: destination, destination: source)
            case .icmp(let type, let code, let number):
                .icmp(type: type == 8 ? 0 : type + 1, code: code, identifier: number)
            case .icmpError, .other: payload
            }
        return Packet(from: destination, to: source, payload)
    }
}

extension Packet.Payload {
    /// Protocol and ports, or what stands in their place, as options of `conntrack`.
    fileprivate var conntrackWords: [String]? {
        switch self {
        case .tcp(let source, let port, _): ["-p", "tcp", "--sport", "\(source)", "--dport", "\(port)"]
        case .udp(let source, let port): ["-p", "udp", "--sport", "\(source)", "--dport", "\(port)"]
        case .sctp(let source, let port): ["-p", "sctp", "--sport", "\(source)", "--dport", "\(port)"]
        case .icmp(let type, let code, let number) where type == 8:
            ["-p", "icmp", "--icmp-type", "\(type)", "--icmp-code", "\(code)", "--icmp-id", "\(number)"]
        case .icmp(let type, let code, let number) where type == 128:
            ["-p", "icmpv6", "--icmpv6-type", "\(type)", "--icmpv6-code", "\(code)", "--icmpv6-id", "\(number)"]
        case .icmp, .icmpError, .other: nil
        }
    }
}
