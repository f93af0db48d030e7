internal import FirewallIR
internal import PacketModel

extension PacketState {
    /// The packet in plain words: `a new tcp connection from … to … (after DNAT: …), entering at eth0, leaving at docker0`.
    package var sentence: String { PacketDescription(self).sentence }
}

extension PacketDescription {
    /// The description in plain words.
    package var sentence: String {
        let head = isOfPacketItself ? packetWords : connectionWords
        return ([head + translationWords] + interfaceWords + furtherWords).joined(separator: ", ")
    }

    private var name: String {
        let type = proto == family.icmp && !isLaterFragment ? " " + ICMPName.text(effectiveICMP, family) : ""
        return proto.name(in: family) + type
    }

    private var endWords: String { "from \(source.text) to \(destination.text)" }

    private var connectionWords: String {
        let connection = "\(name) connection \(endWords)"
        switch (effectiveStanding, effectiveDirection) {
        case (.established, .reply): return "a reply in the \(connection)"
        case (.relatedError, let direction):
            let message = "\(family.icmp.name) \(ICMPName.text(error ?? ICMPName.usualError(family), family))"
            let way = direction == .reply ? "back to where it was dialled from" : "from where it was dialled"
            return "an \(message) error about the \(connection), sent \(way)"
        case (.new, .original): return "a new \(connection)"
        case (.established, _): return "a packet of the established \(connection)"
        case (let standing, .reply): return "a packet in the reply direction of the \(standing.rawValue) \(connection)"
        case (let standing, _): return "a \(standing.rawValue) \(connection)"
        }
    }

    private var packetWords: String {
        guard let connection else { return "an \(effectiveStanding.rawValue) \(name) packet \(endWords)" }
        let tuple =
            "\(connection.proto.name(in: family)) connection from \(connection.source.text) to \(connection.destination.text)"
        let way = effectiveDirection == .reply ? "reply" : "original"
        return "a packet (\(name)) \(endWords) in the \(way) direction of the \(effectiveStanding.rawValue) \(tuple)"
    }

    private var translationWords: String { route == nil ? "" : " (after DNAT: \(server.text))" }

    private var interfaceWords: [String] {
        func place(_ name: String) -> String { name.isEmpty ? "no interface" : name }
        return ["entering at \(place(interfaces.in))", "leaving at \(place(interfaces.out))"]
    }

    private var furtherWords: [String] {
        var words: [String] = []
        if let status { words.append("with connection status \(status.text)") }
        if let tcpFlags { words.append("with TCP flags \(tcpFlags.text)") }
        if isLaterFragment { words.append("a fragment other than the first") }
        if let length { words.append("\(length) bytes long") }
        if let hopLimit { words.append("with a time to live of \(hopLimit)") }
        if let dscp { words.append("with DSCP \(dscp)") }
        if let sourceMAC { words.append("with link address \(MACText.text(sourceMAC))") }
        if let connectionMark { words.append("with connection mark 0x\(String(connectionMark, radix: 16))") }
        if let mark { words.append("with mark 0x\(String(mark, radix: 16))") }
        if let packetType { words.append("addressed on its link to \(packetType.names.joined(separator: ","))") }
        for (question, types) in addressTypes.sorted(by: { $0.key.order < $1.key.order }) {
            let limit = question.interface.map { " on its \($0.rawValue)-interface" } ?? ""
            words.append(
                "whose \(question.side.rawValue) address is of type \(types.names.joined(separator: ","))\(limit)")
        }
        if let time { words.append("at \(Self.clock(time))") }
        return words
    }
}
