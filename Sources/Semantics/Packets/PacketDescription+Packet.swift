internal import PacketModel

extension PacketDescription {
    /// The description of a packet in the fewest words: by its connection where they agree, else by all of its fields.
    ///
    /// - Parameter packet: a valid packet.
    package init(_ packet: PacketState) {
        let short = [Self.ofConnection(packet, isError: false), Self.ofConnection(packet, isError: true)]
        self = short.compactMap { $0 }.first { $0.state() == packet } ?? Self.inFull(packet)
    }

    private static func ofConnection(_ packet: PacketState, isError: Bool) -> PacketDescription? {
        guard let entry = packet.entry, isError ? packet.state == .related && packet.icmp != nil : true else {
            return nil
        }
        let isPing = entry.proto == packet.family.icmp
        let hasPorts = entry.proto.hasPorts
        var description = PacketDescription(
            entry.proto, from: Endpoint(entry.source, port: hasPorts ? entry.sourcePort : nil),
            to: Endpoint(entry.destination, port: hasPorts ? entry.destinationPort : nil))
        if isPing { description.icmp = entry.destinationPort }
        description.standing = isError ? .relatedError : Standing(packet.state)
        description.error = isError ? packet.icmp : nil
        description.direction = entry.direction
        let end = packet.farEnd(entry.direction, port: packet.isLaterFragment || isError ? entry.destinationPort : nil)
        // Another address without DNAT is another's: that of a router which reports an error.
        if entry.status.contains(.dnat) {
            description.route = .to(Endpoint(end.address, port: hasPorts ? end.port : nil))
        }
        return description.completed(packet)
    }

    private static func inFull(_ packet: PacketState) -> PacketDescription {
        var description = PacketDescription(
            packet.proto, from: Endpoint(packet.source, port: packet.sourcePort),
            to: Endpoint(packet.destination, port: packet.destinationPort))
        description.icmp = packet.icmp
        description.standing = Standing(packet.state)
        if let entry = packet.entry {
            description.connection = Connection(
                proto: entry.proto, source: Endpoint(entry.source, port: entry.sourcePort),
                destination: Endpoint(entry.destination, port: entry.destinationPort))
            description.direction = entry.direction
        }
        return description.completed(packet)
    }

    /// The same with all that is not as it usually is.
    private func completed(_ packet: PacketState) -> PacketDescription {
        var description = self
        description.inInterface = packet.inInterface
        description.outInterface = packet.outInterface
        description.isLaterFragment = packet.isLaterFragment
        description.addressTypes = packet.addressTypes
        let usual = description.state()
        if packet.entry?.status != usual.entry?.status { description.status = packet.entry?.status }
        if packet.tcpFlags != usual.tcpFlags { description.tcpFlags = packet.tcpFlags }
        if packet.mark != usual.mark { description.mark = packet.mark }
        if packet.entry?.mark != usual.entry?.mark { description.connectionMark = packet.entry?.mark }
        if packet.length != usual.length { description.length = packet.length }
        if packet.hopLimit != usual.hopLimit { description.hopLimit = packet.hopLimit }
        if packet.dscp != usual.dscp { description.dscp = packet.dscp }
        description.sourceMAC = packet.sourceMAC
        if packet.packetType != usual.packetType { description.packetType = packet.packetType }
        if packet.time != usual.time { description.time = packet.time }
        return description
    }
}

extension PacketState {
    /// The end that answers, as it is after DNAT.
    fileprivate func farEnd(_ direction: ConntrackDirectionSet, port: UInt16?) -> PacketDescription.Endpoint {
        direction == .reply
            ? PacketDescription.Endpoint(source, port: port ?? sourcePort)
            : PacketDescription.Endpoint(destination, port: port ?? destinationPort)
    }
}

extension PacketDescription.Standing {
    /// What conntrack's word stands for; `invalid` for what is none.
    init(_ state: ConntrackStateSet) {
        switch state {
        case .new: self = .new
        case .established: self = .established
        case .related: self = .related
        case .untracked: self = .untracked
        default: self = .invalid
        }
    }
}
