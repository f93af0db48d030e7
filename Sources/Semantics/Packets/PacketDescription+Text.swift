internal import FirewallIR
internal import PacketModel

extension PacketDescription {
    /// The text of the description: the grammar of docs/packets.md.
    package var text: String {
        var words = Self.tuple(proto, icmp, source, destination) + standingWords
        func add(_ word: PacketWord, _ values: [String]?) {
            if let values { words += [word.rawValue] + values }
        }
        switch route {
        case nil: break
        case .published: add(.published, [])
        case .to(let end): add(.to, [end.text])
        }
        add(.of, connection.map { Self.tuple($0.proto, nil, $0.source, $0.destination) })
        add(.status, status.map { [$0.text] })
        add(.entering, inInterface.map { [Self.quoted($0)] })
        add(.leaving, outInterface.map { [Self.quoted($0)] })
        add(.flags, tcpFlags.map { [$0.text] })
        add(.fragment, isLaterFragment ? [] : nil)
        add(.length, length.map { [String($0)] })
        add(.hopLimit, hopLimit.map { [String($0)] })
        add(.dscp, dscp.map { [String($0)] })
        add(.sourceMAC, sourceMAC.map { [MACText.text($0)] })
        add(.connectionMark, connectionMark.map { ["0x\(String($0, radix: 16))"] })
        add(.mark, mark.map { ["0x\(String($0, radix: 16))"] })
        add(.link, packetType?.names)
        for (question, types) in addressTypes.sorted(by: { $0.key.order < $1.key.order }) {
            add(.type, question.words + types.names)
        }
        add(.at, time.map { [Self.clock($0)] })
        return words.joined(separator: " ")
    }

    private static func tuple(_ proto: IPProtocol, _ icmp: UInt16?, _ source: Endpoint, _ destination: Endpoint)
        -> [String]
    {
        let family = source.address.family
        let type = icmp.map { [ICMPName.text($0, family)] } ?? []
        return [proto.name(in: family)] + type + [source.text, "->", destination.text]
    }

    /// State and direction, without what follows from one another.
    private var standingWords: [String] {
        var words: [String] = []
        switch effectiveStanding {
        case .new where effectiveDirection == .original && !opensNothing: break
        case .established where effectiveDirection == .reply: break
        case let other: words.append(other.rawValue)
        }
        if let error { words.append(ICMPName.text(error, family)) }
        let usual: ConntrackDirectionSet = effectiveStanding == .relatedError ? .reply : .original
        if effectiveDirection != usual { words += effectiveDirection.names }
        return words
    }

    /// A name as it is, or in quotes where it would not be read as one word.
    static func quoted(_ name: String) -> String {
        let needsQuotes = name.isEmpty || name.contains { $0.isWhitespace || $0 == "\"" || $0 == "\\" }
        guard needsQuotes else { return name }
        let escaped = name.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined()
        return "\"\(escaped)\""
    }

    /// `2027-01-31T00:00:00Z`, or the seconds behind `@` for years that four digits do not hold.
    static func clock(_ seconds: Int64) -> String {
        (0..<253_402_300_800).contains(seconds) ? UTCDate.text(seconds) + "Z" : "@\(seconds)"
    }
}

extension PacketDescription.Endpoint {
    /// `203.0.113.9`, `203.0.113.9:80`, `2001:db8::1` or `[2001:db8::1]:80`.
    package var text: String {
        guard let port else { return "\(address)" }
        return address.family == .ip ? "\(address):\(port)" : "[\(address)]:\(port)"
    }
}

extension ConntrackStatus {
    /// The names of the bits, and the rest as a number; `none` without any.
    var text: String {
        let named = names.compactMap { ConntrackStatus(name: $0) }.reduce(ConntrackStatus()) { $0.union($1) }
        let rest = subtracting(named).rawValue
        let words = names + (rest == 0 ? [] : ["0x\(String(rest, radix: 16))"])
        return words.isEmpty ? "none" : words.joined(separator: ",")
    }
}

extension TCPFlags {
    /// The names of the flags; `none` without any.
    var text: String { isEmpty ? "none" : names.joined(separator: ",") }
}

extension AddressTypeQuestion {
    /// The question in words: `source`, `destination in`.
    package var words: [String] { [side.rawValue] + (interface.map { [$0.rawValue] } ?? []) }

    /// Sources first, and first without an interface.
    package var order: Int {
        (side == .source ? 0 : 3) + (interface.map { $0 == .in ? 1 : 2 } ?? 0)
    }
}
