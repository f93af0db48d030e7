internal import PacketModel

extension PacketDescription {
    /// The packet with all that a rule can ask about it.
    ///
    /// - Parameter now: the clock where the description says nothing of it.
    /// - Returns: a packet that is valid if the description came from a text or from a valid packet.
    package func state(at now: Int64 = 0) -> PacketState {
        let ends = packetEnds
        let proto = packetProtocol
        let hasPorts = proto.hasPorts && !isLaterFragment
        var packet = PacketState(
            family: family, inInterface: interfaces.in, outInterface: interfaces.out, source: ends.source.address,
            destination: ends.destination.address, proto: proto,
            sourcePort: hasPorts ? ends.source.port ?? Self.usualPort : nil,
            destinationPort: hasPorts ? ends.destination.port ?? 0 : nil,
            icmp: proto == family.icmp && !isLaterFragment ? packetICMP : nil,
            tcpFlags: proto == .tcp && !isLaterFragment ? tcpFlags ?? usualFlags : nil,
            isLaterFragment: isLaterFragment, state: effectiveStanding.state, entry: entry, mark: mark ?? 0,
            packetType: packetType ?? .host, addressTypes: addressTypes, time: time ?? now)
        packet.length = length ?? packet.length
        packet.hopLimit = hopLimit ?? packet.hopLimit
        packet.dscp = dscp ?? packet.dscp
        packet.sourceMAC = sourceMAC
        return packet
    }

    /// The source port of those who dial.
    static let usualPort: UInt16 = 40000

    /// What is said, or what follows from the direction.
    var effectiveStanding: Standing { standing ?? (direction == .reply ? .established : .new) }

    /// What is said; an error about a connection goes back to who dialled.
    var effectiveDirection: ConntrackDirectionSet { direction ?? (standing == .relatedError ? .reply : .original) }

    /// The interfaces; those of replies are the other way round.
    var interfaces: (in: String, out: String) {
        let outside = "eth0"
        let inside = "docker0"
        let isBack = effectiveDirection == .reply
        let usual = isBack ? (in: inside, out: outside) : (in: outside, out: inside)
        let entering = inInterface ?? (outInterface == usual.in ? usual.out : usual.in)
        return (entering, outInterface ?? (entering == usual.out ? usual.in : usual.out))
    }

    /// Where packets to what was dialled go.
    var server: Endpoint {
        switch route {
        case nil: destination
        case .published: Endpoint(Self.usualContainer(family), port: destination.port)
        case .to(let end): Endpoint(end.address, port: end.port ?? destination.port)
        }
    }

    private static func usualContainer(_ family: AddressFamily) -> IPAddress {
        family == .ip ? .v4(0xac11_0002) : .v6(0x2001_0db8_0001_0000_0000_0000_0000_0002)
    }

    private var packetEnds: (source: Endpoint, destination: Endpoint) {
        if isOfPacketItself { return (source, destination) }
        let client = Endpoint(source.address, port: source.port ?? Self.usualPort)
        return effectiveDirection == .reply ? (server, client) : (client, server)
    }

    private var packetProtocol: IPProtocol { standing == .relatedError ? family.icmp : proto }

    /// Type and code that are said, or a ping.
    var effectiveICMP: UInt16 { icmp ?? ICMPName.echoRequest(family) }

    private var packetICMP: UInt16 {
        if standing == .relatedError { return error ?? ICMPName.usualError(family) }
        let isAnswer = !isOfPacketItself && effectiveDirection == .reply
        return isAnswer ? ICMPName.answer(to: effectiveICMP, family) : effectiveICMP
    }

    private var usualFlags: TCPFlags {
        switch effectiveStanding {
        case .new, .related, .untracked: .syn
        case .established, .relatedError, .invalid: .ack
        }
    }

    private var entry: ConntrackEntry? {
        switch effectiveStanding {
        case .invalid, .untracked: return nil
        case .new, .established, .related, .relatedError: break
        }
        let tuple = connection ?? Connection(proto: proto, source: source, destination: destination)
        let isPing = connection == nil && proto == family.icmp
        return ConntrackEntry(
            direction: effectiveDirection, status: status ?? usualStatus, source: tuple.source.address,
            destination: tuple.destination.address, proto: tuple.proto,
            sourcePort: tuple.source.port ?? (tuple.proto.hasPorts ? Self.usualPort : 0),
            destinationPort: isPing ? effectiveICMP : tuple.destination.port ?? 0, mark: connectionMark ?? 0)
    }

    /// The status of an entry at the forward hook: a new one is not confirmed yet.
    private var usualStatus: ConntrackStatus {
        if connection != nil { return [] }
        let translated: ConntrackStatus = route == nil ? [] : .dnat
        switch effectiveStanding {
        case .new, .invalid, .untracked: return translated
        case .related: return translated.union(.expected)
        case .established, .relatedError: return translated.union([.seenReply, .assured, .confirmed])
        }
    }
}

extension PacketDescription.Standing {
    /// The state in conntrack's words.
    var state: ConntrackStateSet {
        switch self {
        case .new: .new
        case .established: .established
        case .related, .relatedError: .related
        case .invalid: .invalid
        case .untracked: .untracked
        }
    }
}
