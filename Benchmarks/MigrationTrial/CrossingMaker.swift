internal import FirewallIR
internal import PacketLab
internal import PacketModel
internal import Semantics

/// Makes of a packet as rules see it one that can be sent, as far as there is one.
struct CrossingMaker {
    /// The code points that stand for marks, and for what is not tracked.
    let signals: Signals

    /// How a packet tells the router what no header says.
    struct Signals {
        /// The code point of packets that are not tracked.
        static let untracked: UInt8 = 62
        /// The marks that are used, each by its code point less one.
        private(set) var marks: [UInt32] = []

        /// The code point for a mark; `nil` when there are none left, and for marks with the bit that stands for ACCEPT.
        mutating func codePoint(of mark: UInt32) -> UInt8? {
            if mark == 0 { return 0 }
            if mark & RulesetFile.acceptMark != 0 { return nil }
            if let place = marks.firstIndex(of: mark) { return UInt8(place + 1) }
            guard marks.count < 60 else { return nil }
            marks.append(mark)
            return UInt8(marks.count)
        }

        /// What the router makes of them, for `iptables-legacy-restore`.
        var tables: String {
            let rules = marks.enumerated().map { place, mark in
                "-A PREROUTING -m dscp --dscp \(place + 1) -j MARK --set-xmark \(mark)/0xffffffff\n"
            }
            // Without a table for it nothing is translated, and without a rule that asks nothing is tracked; Docker has both.
            return
                "*nat\n-A PREROUTING -m conntrack --ctstate DNAT\nCOMMIT\n*raw\n-A PREROUTING -m dscp --dscp \(Self.untracked) -j CT --notrack\nCOMMIT\n"
                + (rules.isEmpty ? "" : "*mangle\n\(rules.joined())COMMIT\n")
        }
    }

    /// A packet that can be sent, and what rules see of it.
    struct Made: Hashable {
        var crossing: Crossing
        var state: PacketState
    }

    /// The packet that is most like one; `nil` if nothing like it can be sent.
    static func make(_ wanted: PacketState, _ signals: inout Signals) -> Made? {
        guard canBeNamed(wanted.inInterface), canBeNamed(wanted.outInterface), isForwarded(wanted.source),
            isForwarded(wanted.destination), wanted.source != wanted.destination, !wanted.isLaterFragment,
            let codePoint = wanted.state == .untracked
                ? Signals.untracked : signals.codePoint(of: wanted.state == .invalid ? 0 : wanted.mark)
        else { return nil }
        var state = wanted
        state.dscp = codePoint
        state.mark = codePoint == 0 || codePoint == Signals.untracked ? 0 : wanted.mark
        state.addressTypes = [:]
        state.packetType = .host
        state.sourceMAC = nil
        state.hopLimit = 63
        // A port of 0 is none for conntrack(8).
        state.sourcePort = wanted.sourcePort.map { max($0, 1) }
        state.destinationPort = wanted.destinationPort.map { max($0, 1) }
        state.entry?.sourcePort = max(wanted.entry?.sourcePort ?? 1, 1)
        state.entry?.destinationPort = max(wanted.entry?.destinationPort ?? 1, 1)
        if let flags = wanted.tcpFlags { state.tcpFlags = usual(flags, wanted.state) }
        return CrossingMaker(signals: signals).made(state)
    }

    /// Flags with which a packet is of its state (`nf_conntrack_proto_tcp.c`).
    private static func usual(_ flags: TCPFlags, _ state: ConntrackStateSet) -> TCPFlags {
        switch state {
        case .new: .syn
        case .established: flags.isDisjoint(with: [.syn, .fin, .rst]) && flags.contains(.ack) ? flags : .ack
        default: flags
        }
    }

    private func made(_ state: PacketState) -> Made? {
        if state.state == .related { return related(state) }
        guard let payload = payload(of: state) else { return nil }
        var packet = Packet(from: state.source, to: state.destination, payload)
        packet.trafficClass = state.dscp
        switch state.state {
        case .invalid:
            if case .other = payload { return nil }
            packet.hasWrongChecksum = true
            return finish(packet, state)
        case .untracked: return finish(packet, state)
        case .new, .established: return connected(packet, state)
        default: return nil
        }
    }

    // MARK: - Connections

    private func connected(_ packet: Packet, _ state: PacketState) -> Made? {
        guard let entry = state.entry else { return nil }
        if entry.direction == .reply { return state.state == .new ? nil : reply(packet, state, entry) }
        if case .icmp(let type, _, _) = packet.payload, type != 8, type != 128 { return nil }
        if case .other = packet.payload {
            // conntrack(8) enters none of these: it begins with the packet.
            return state.state == .new ? finish(packet, state, of: KnownConnection(packet, isAnswered: false)) : nil
        }
        var dialled = packet
        var translation: KnownConnection.Translation?
        if entry.destination != packet.destination || entry.destinationPort != state.destinationPort,
            isForwarded(entry.destination), entry.destination != packet.source, state.proto.hasPorts
        {
            dialled.destination = entry.destination
            dialled.payload = packet.payload.to(entry.destinationPort)
            translation = KnownConnection.Translation(packet.destination, port: state.destinationPort)
        }
        var connection = KnownConnection(dialled, to: translation, isAnswered: state.state == .established)
        connection.mark = entry.mark
        return finish(dialled, state, of: connection)
    }

    /// A packet of the side that answers.
    private func reply(_ packet: Packet, _ state: PacketState, _ entry: ConntrackEntry) -> Made? {
        if case .other = packet.payload { return nil }
        var question = packet.answer
        if case .icmp(let type, _, _) = question.payload, type != 8, type != 128 { return nil }
        var translation: KnownConnection.Translation?
        if entry.destination != packet.source, isForwarded(entry.destination), entry.destination != packet.destination,
            state.proto.hasPorts
        {
            question.destination = entry.destination
            question.payload = question.payload.to(entry.destinationPort)
            translation = KnownConnection.Translation(packet.source, port: state.sourcePort)
        }
        var connection = KnownConnection(question, to: translation, isAnswered: true)
        connection.mark = entry.mark
        return finish(packet, state, of: connection, .reply)
    }

    /// An ICMP error about a connection, from the side that the direction names.
    private func related(_ state: PacketState) -> Made? {
        guard let entry = state.entry, isForwarded(entry.destination) else { return nil }
        let family = state.family
        var state = state
        let wanted = state.icmp.map { (UInt8($0 >> 8), UInt8($0 & 255)) }
        let usual: (UInt8, UInt8) = family == .ip ? (3, 3) : (1, 4)
        let errors: ClosedRange<UInt8> = family == .ip ? 3...3 : 1...1
        let (type, code) = wanted.flatMap { errors.contains($0.0) ? $0 : nil } ?? usual
        state.proto = family.icmp
        state.icmp = UInt16(type) << 8 | UInt16(code)
        (state.sourcePort, state.destinationPort, state.tcpFlags) = (nil, nil, nil)
        let isReply = entry.direction == .reply
        let (client, server) = isReply ? (state.destination, state.source) : (state.source, state.destination)
        var question = Packet(
            from: client, to: server, .udp(source: entry.sourcePort, destination: entry.destinationPort))
        var translation: KnownConnection.Translation?
        if entry.destination != server, entry.destination != client {
            question.destination = entry.destination
            translation = KnownConnection.Translation(server, port: 80)
        }
        var connection = KnownConnection(question, to: translation, isAnswered: true)
        connection.mark = entry.mark
        var packet = Packet(
            from: state.source, to: isReply ? client : question.destination,
            .icmpError(type: type, code: code, about: isReply ? connection.asked : question.answer))
        packet.trafficClass = state.dscp
        return finish(packet, state, of: connection, isReply ? .reply : .original)
    }

    private func finish(
        _ packet: Packet, _ state: PacketState, of connection: KnownConnection? = nil,
        _ direction: ConntrackDirectionSet = .original
    ) -> Made {
        var state = state
        state.entry = connection.map { connection in
            var status: ConntrackStatus = connection.isEntered ? .confirmed : []
            if connection.destination != nil { status.insert(.dnat) }
            if connection.isAnswered { status.formUnion([.seenReply, .assured]) }
            let (from, to) = connection.question.payload.ends
            return ConntrackEntry(
                direction: direction, status: status, source: connection.question.source,
                destination: connection.question.destination, proto: connection.question.proto,
                sourcePort: from, destinationPort: to, mark: connection.mark)
        }
        state.length = UInt32(packet.length)
        return Made(
            crossing: Crossing(
                packet, from: state.inInterface, to: state.outInterface, connection: connection,
                destination: state.destination), state: state)
    }

    // MARK: - Parts

    private func payload(of state: PacketState) -> Packet.Payload? {
        switch state.proto {
        case .tcp:
            .tcp(
                source: state.sourcePort ?? 1, destination: state.destinationPort ?? 1,
                flags: state.tcpFlags ?? .syn)
        case .udp: .udp(source: state.sourcePort ?? 1, destination: state.destinationPort ?? 1)
        case .sctp: .sctp(source: state.sourcePort ?? 1, destination: state.destinationPort ?? 1)
        case state.family.icmp:
            state.icmp.map { .icmp(type: UInt8($0 >> 8), code: UInt8($0 & 255), identifier: 7) }
        case .icmp, .icmpv6, .dccp, .udplite: nil
        default: .other(protocol: state.proto.rawValue)
        }
    }

    private static func canBeNamed(_ interface: String) -> Bool {
        !["", ".", "..", "lo", "all", "default"].contains(interface) && interface.utf8.count < 16
            && interface.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != 47 && $0 != 58 && $0 != 37 }
    }

    private func isForwarded(_ address: IPAddress) -> Bool { Self.isForwarded(address) }

    /// Whether a router hands packets with this address on (`ip_route_input_slow`, `ip6_forward`).
    private static func isForwarded(_ address: IPAddress) -> Bool {
        switch address {
        case .v4(let value):
            let first = value >> 24
            return first > 0 && first != 127 && first < 224 && value != 0xc612_fffe && value >> 16 != 0xa9fe
        case .v6(let value):
            let isMapped = value >> 32 == 0xffff
            return value >> 120 != 0xff && value >> 118 != 0x3fa && value >> 32 != 0 && !isMapped
                && value != 0x2001_0002_ffff << 80 | 1
        }
    }
}
