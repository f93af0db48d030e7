package import PacketModel

extension PacketDescription {
    /// Something that a description leaves open, and what it was taken to be.
    package enum Unsaid: Hashable, Sendable {
        case sourcePort(UInt16)
        case message(UInt16, AddressFamily)
        /// A message that opens no connection, so that conntrack takes it for invalid.
        case invalid(UInt16, AddressFamily)
        case entering(String)
        case leaving(String)
        /// No DNAT: the packet goes to what was dialled.
        case routed(Endpoint)
        /// DNAT to a container whose address was not given.
        case published(Endpoint)
    }

    /// What the description leaves open, as far as it often decides.
    package var unsaid: [Unsaid] {
        var found: [Unsaid] = []
        if proto.hasPorts, source.port == nil, !(isOfPacketItself && isLaterFragment) {
            found.append(.sourcePort(Self.usualPort))
        }
        if proto == family.icmp, icmp == nil, !isLaterFragment { found.append(.message(effectiveICMP, family)) }
        if isTakenForInvalid, let icmp { found.append(.invalid(icmp, family)) }
        if standing == .relatedError, error == nil { found.append(.message(ICMPName.usualError(family), family)) }
        if inInterface == nil { found.append(.entering(interfaces.in)) }
        if outInterface == nil { found.append(.leaving(interfaces.out)) }
        if !isOfPacketItself, status == nil {
            switch route {
            case nil: found.append(.routed(destination))
            case .published: found.append(.published(server))
            case .to: break
            }
        }
        return found
    }

    /// What is said where the clock decides, and the description does not say it.
    package static func clockAssumption(_ now: Int64) -> String {
        "the clock stands at \(clock(now)) ('at' says otherwise)"
    }

    /// The same packet to a published port, where the description says nothing of DNAT; `nil` where it does.
    package var ifPublished: PacketDescription? {
        guard !isOfPacketItself, route == nil, status == nil, proto.hasPorts else { return nil }
        var description = self
        description.route = .published
        return description
    }
}

extension PacketDescription.Unsaid {
    /// What was taken, and which word says otherwise.
    package var text: String {
        switch self {
        case .sourcePort(let port): "source port \(port)"
        case .message(let message, let family): "the type \(ICMPName.text(message, family))"
        case .invalid(let message, let family):
            "conntrack calls it invalid, since \(ICMPName.text(message, family)) opens no connection ('new', or 'of' its connection, says otherwise)"
        case .entering(let name): "entering at \(name) ('in NAME' says otherwise)"
        case .leaving(let name): "leaving at \(name) ('out NAME' says otherwise)"
        case .routed(let end):
            "routed to \(end.text) as it was dialled, without DNAT ('published', or 'to' the container, says otherwise)"
        case .published(let end): "the container is \(end.text) ('to ADDRESS:PORT' says otherwise)"
        }
    }
}
