import FirewallIR
import PacketModel
import Semantics

extension TrafficBox {
    /// Whether a packet is in the box, which has no guards; written from the meaning of the fields alone.
    func contains(_ packet: PacketState, _ circumstances: Circumstances = .usual) -> Bool {
        families.contains(FamilySet(packet.family)) && kinds.contains(packet.kind)
            && fields.allSatisfy { $0.key.holds(packet, $0.value, circumstances) }
    }
}

extension PacketState {
    /// What conntrack takes it for.
    var kind: TrafficKinds {
        let isReply = entry?.direction == .reply
        switch state {
        case .new: return .new
        case .established: return isReply ? .replies : .running
        case .related:
            if proto == family.icmp { return isReply ? .errorsInReply : .errors }
            return isReply ? .announcedReplies : .announced
        case .invalid: return .invalid
        default: return .untracked
        }
    }

    /// The packet as it is where all assumptions hold.
    var realistic: PacketState {
        var packet = self
        if isLaterFragment { packet = packet.whole }
        if packet.state == .new {
            packet.entry?.direction = .original
            packet.entry?.status.remove(.seenReply)
        }
        let isError = packet.state == .related && proto == family.icmp
        if !isError { packet.entry?.proto = proto }
        if let entry = packet.entry, entry.direction == .original, !isError {
            packet.entry?.source = packet.source
            if let port = packet.sourcePort { packet.entry?.sourcePort = port }
            if !entry.status.contains(.dnat) {
                packet.entry?.destination = packet.destination
                if let port = packet.destinationPort { packet.entry?.destinationPort = port }
            }
        }
        for (question, type) in addressTypes where question.side == .destination && type == .local {
            packet.addressTypes[question] = .unicast
        }
        return packet
    }

    /// The value of a field that is a number.
    fileprivate func value(_ field: NumericField) -> UInt64? {
        switch field {
        case .length: UInt64(length)
        case .hopLimit: UInt64(hopLimit)
        case .dscp: UInt64(dscp)
        case .sourceMAC: sourceMAC
        }
    }

    /// The packet with its header, in place of a later fragment.
    private var whole: PacketState {
        var packet = self
        packet.isLaterFragment = false
        if proto.hasPorts {
            packet.sourcePort = entry?.sourcePort ?? 40000
            packet.destinationPort = entry?.destinationPort ?? 80
        }
        if proto == family.icmp { packet.icmp = 0x0800 }
        if proto == .tcp { packet.tcpFlags = .syn }
        return packet
    }
}

extension TrafficField {
    fileprivate func holds(_ packet: PacketState, _ values: TrafficValues, _ circumstances: Circumstances) -> Bool {
        switch self {
        case .proto: values.has(packet.proto.rawValue)
        case .dialledPort: values.has(packet.entry?.destinationPort)
        case .icmp: values.has(packet.icmp)
        case .source: values.has(packet.source)
        case .inInterface: values.has(interface: packet.inInterface)
        case .outInterface: values.has(interface: packet.outInterface)
        case .dialled: values.has(packet.entry?.destination)
        case .dialledProtocol: values.has(packet.entry?.proto.rawValue)
        case .containerPort: values.has(packet.destinationPort)
        case .container: values.has(packet.destination)
        case .sourcePort: values.has(packet.sourcePort)
        case .client: values.has(packet.entry?.source)
        case .clientPort: values.has(packet.entry?.sourcePort)
        case .tcpFlags: values.has(bits: packet.tcpFlags.map { UInt32($0.rawValue) })
        case .status: values.has(bits: packet.entry?.status.rawValue)
        case .connectionMark: values.has(bits: packet.entry?.mark)
        case .number(let field): values.has(packet.value(field))
        case .mark: values.has(bits: packet.mark)
        case .packetType: if case .packetTypes(let types) = values { types.contains(packet.packetType) } else { false }
        case .addressType(let question):
            if case .addressTypes(let types) = values { types.contains(packet.addressType(question)) } else { false }
        case .time:
            if case .instants(let set) = values {
                set.contains(UInt64(bitPattern: packet.time) ^ 1 << 63)
            } else {
                false
            }
        case .opaque(let match): values == .answer(circumstances.opaque[match] ?? false)
        case .guarded: false
        }
    }
}

extension TrafficValues {
    fileprivate func has(_ proto: UInt8?) -> Bool {
        if case .protocols(let set) = self, let proto { set.contains(proto) } else { false }
    }

    fileprivate func has(_ number: UInt16?) -> Bool {
        if case .numbers(let set) = self, let number { set.contains(number) } else { false }
    }

    fileprivate func has(_ number: UInt64?) -> Bool {
        guard case .numbersOf(_, let set) = self else { return false }
        return number.map(set.values.contains) ?? set.allowsAbsent
    }

    fileprivate func has(_ address: IPAddress?) -> Bool {
        if case .addresses(let set) = self, let address { set.contains(address) } else { false }
    }

    fileprivate func has(interface: String) -> Bool {
        if case .interfaces(let names) = self { names.contains(interface) } else { false }
    }

    fileprivate func has(bits: UInt32?) -> Bool {
        guard case .bits(let lists) = self, let bits else { return false }
        return lists.contains { $0.allSatisfy { $0.matches(bits) } }
    }
}
