internal import FirewallIR
internal import PacketModel

/// Words -> description.
struct PacketTextReader {
    typealias Token = PacketTokens.Token
    typealias Endpoint = PacketDescription.Endpoint

    /// Two ends with the protocol between them, and where they stand.
    struct Ends {
        var proto: IPProtocol
        var message: UInt16?
        var source: Endpoint
        var destination: Endpoint
        var messageToken: Token?
        var sourceToken: Token
        var destinationToken: Token
    }

    private var tokens: PacketTokens
    /// The words that were read, by what they say.
    private(set) var seen: [PacketWord.Kind: Token] = [:]

    /// A reader of words.
    init(_ tokens: PacketTokens) { self.tokens = tokens }

    /// Reads all words.
    mutating func read() throws(PacketTextError) -> PacketDescription {
        let ends = try readEnds(raw: false)
        var description = PacketDescription(ends.proto, from: ends.source, to: ends.destination)
        description.icmp = ends.message
        while tokens.peek != nil { try readWord(&description) }
        if description.opensNothing, seen[.state] == nil, seen[.direction] == nil {
            description.standing = .invalid
            description.isTakenForInvalid = true
        }
        try PacketTextRules(ends: ends, seen: seen).check(description)
        return description
    }

    // MARK: - Ends

    /// Reads `tcp A:p -> B:q`; `raw` ends are those of a tuple, which has a number for a port whatever the protocol.
    private mutating func readEnds(raw: Bool) throws(PacketTextError) -> Ends {
        let protocolToken = try tokens.take("a protocol: tcp, udp, icmp, another name, or a number from 0 to 255")
        guard let proto = IPProtocol(name: protocolToken.text) else {
            throw protocolToken.error("a protocol: tcp, udp, icmp, another name, or a number from 0 to 255")
        }
        let messageToken = tokens.second?.text != "->" && proto.isICMP ? try tokens.take(Self.ends) : nil
        let source = try readEndpoint()
        let arrow = try tokens.take("'->' and the other end")
        guard arrow.text == "->" else { throw arrow.error("'->' and the other end") }
        let destination = try readEndpoint()
        let family = source.end.address.family
        guard destination.end.address.family == family else {
            throw destination.token.error("an \(family.displayName) address, as the source is one")
        }
        if proto.isICMP, proto != family.icmp, Int(protocolToken.text) == nil {
            throw protocolToken.error(
                "\(family.icmp.name), since the addresses are of \(family.displayName); the number \(proto.rawValue) stands for the protocol itself"
            )
        }
        var message: UInt16?
        if let messageToken {
            guard proto == family.icmp else { throw messageToken.error("an address, since there is no type here") }
            message = try self.message(messageToken, family)
        }
        for (end, token) in [source, destination] where end.port != nil && !proto.hasPorts && !raw {
            throw token.error(
                "an address without a port: \(proto.name) has none", example: "gre 192.0.2.1 -> 192.0.2.2")
        }
        return Ends(
            proto: proto, message: message, source: source.end, destination: destination.end,
            messageToken: messageToken, sourceToken: source.token, destinationToken: destination.token)
    }

    private static let ends = "an address"

    private mutating func readEndpoint() throws(PacketTextError) -> (end: Endpoint, token: Token) {
        let token = try tokens.take("an address, with a port where the protocol has ports")
        guard let end = try endpoint(token) else {
            throw token.error("an address, with a port where the protocol has ports: 192.0.2.1:443, [2001:db8::1]:443")
        }
        return (end, token)
    }

    private func endpoint(_ token: Token) throws(PacketTextError) -> Endpoint? {
        if let address = IPAddress(token.text) { return Endpoint(address) }
        guard let colon = token.text.lastIndex(of: ":") else {
            return Self.bracketed(token.text).map { Endpoint($0) }
        }
        let head = token.text[..<colon]
        if let address = Self.bracketed(token.text) { return Endpoint(address) }
        guard let address = Self.bracketed(head) ?? IPAddress(head).flatMap({ $0.family == .ip ? $0 : nil }) else {
            return nil
        }
        let word = String(token.text[token.text.index(after: colon)...])
        guard let port = Number.decimal(word, as: UInt16.self) ?? ServiceName.port(word) else {
            throw token.error("a port from 0 to 65535, or the name of a service, behind the address")
        }
        return Endpoint(address, port: port)
    }

    private static func bracketed(_ text: some StringProtocol) -> IPAddress? {
        guard text.hasPrefix("["), text.hasSuffix("]") else { return nil }
        return IPAddress(text.dropFirst().dropLast()).flatMap { $0.family == .ip6 ? $0 : nil }
    }

    private func message(_ token: Token, _ family: AddressFamily) throws(PacketTextError) -> UInt16 {
        if let message = Self.message(token.text, family) { return message }
        throw token.error(
            "a type of \(family.icmp.name): \(ICMPName.names(family).joined(separator: ", ")), or numbers such as 3/4",
            example:
                "\(family.icmp.name) echo-request \(family == .ip ? "192.0.2.1 -> 192.0.2.2" : "2001:db8::1 -> 2001:db8::2")"
        )
    }

    private static func message(_ text: String, _ family: AddressFamily) -> UInt16? {
        if let message = ICMPName.message(text, family) { return message }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map {
            Number.decimal(String($0), as: UInt8.self)
        }
        guard (1...2).contains(parts.count), let type = parts[0] else { return nil }
        if parts.count == 1 { return UInt16(type) << 8 }
        return parts[1].map { UInt16(type) << 8 | UInt16($0) }
    }

    // MARK: - Words

    private mutating func readWord(_ description: inout PacketDescription) throws(PacketTextError) {
        let token = try tokens.take("a word")
        guard !token.isQuoted, let word = PacketWord(rawValue: token.text) else {
            let words = PacketWord.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
            throw token.error("one of \(words)")
        }
        if let first = seen[word.kind] {
            throw token.error("no second \(word.kind.rawValue): '\(first.text)' stands before it")
        }
        if word.kind != .addressType { seen[word.kind] = token }
        try read(word, &description)
    }

    private mutating func read(_ word: PacketWord, _ description: inout PacketDescription) throws(PacketTextError) {
        switch word {
        case .new, .established, .related, .invalid, .untracked:
            description.standing = PacketDescription.Standing(rawValue: word.rawValue)
        case .relatedError:
            description.standing = .relatedError
            description.error = try readError(description.family)
        case .original: description.direction = .original
        case .reply: description.direction = .reply
        case .published: description.route = .published
        case .to: description.route = .to(try readContainer(description))
        case .of: description.connection = try readConnection(description.family)
        case .status: description.status = try readStatus()
        case .entering: description.inInterface = try tokens.take("the name of an interface").text
        case .leaving: description.outInterface = try tokens.take("the name of an interface").text
        case .flags: description.tcpFlags = try readFlags()
        case .fragment: description.isLaterFragment = true
        case .length: description.length = try readNumber("a length in bytes")
        case .hopLimit: description.hopLimit = try readNumber("a time to live from 0 to 255")
        case .dscp: description.dscp = try readNumber("a code point from 0 to 63", upTo: 63)
        case .sourceMAC:
            description.sourceMAC = try readName("an Ethernet address such as 00:11:22:33:44:55", MACText.address)
        case .mark: description.mark = try readMark()
        case .connectionMark: description.connectionMark = try readMark()
        case .link:
            description.packetType = try readName("one of host, broadcast, multicast, other") {
                PacketTypeSet(name: $0)
            }
        case .type: try readAddressType(&description)
        case .at: description.time = try readClock()
        }
    }

    private mutating func readError(_ family: AddressFamily) throws(PacketTextError) -> UInt16? {
        guard let token = tokens.peek, !token.isQuoted, PacketWord(rawValue: token.text) == nil else { return nil }
        return try message(tokens.take("a type"), family)
    }

    private mutating func readContainer(_ description: PacketDescription) throws(PacketTextError) -> Endpoint {
        let (end, token) = try readEndpoint()
        guard end.address.family == description.family else {
            throw token.error("an \(description.family.displayName) address, as the source is one")
        }
        guard end.port == nil || description.proto.hasPorts else {
            throw token.error("an address without a port: \(description.proto.name) has none")
        }
        return end
    }

    private mutating func readConnection(_ family: AddressFamily) throws(PacketTextError)
        -> PacketDescription.Connection
    {
        let ends = try readEnds(raw: true)
        guard ends.source.address.family == family else {
            throw ends.sourceToken.error("an \(family.displayName) address, as those of the packet")
        }
        guard ends.destination.port != nil || ends.message != nil || !ends.proto.hasPorts else {
            throw ends.destinationToken.error("an address with a port, since \(ends.proto.name) has ports")
        }
        var destination = ends.destination
        destination.port = destination.port ?? ends.message
        return PacketDescription.Connection(proto: ends.proto, source: ends.source, destination: destination)
    }

    private mutating func readStatus() throws(PacketTextError) -> ConntrackStatus {
        try readNames("status bits: expected, seen-reply, assured, confirmed, snat, dnat, or 'none'") { name in
            ConntrackStatus(name: name) ?? Number.any(name).map { ConntrackStatus(rawValue: $0) }
        }
    }

    private mutating func readFlags() throws(PacketTextError) -> TCPFlags {
        try readNames("TCP flags: fin, syn, rst, psh, ack, urg, ece, cwr, or 'none'") { TCPFlags(name: $0) }
    }

    private mutating func readMark() throws(PacketTextError) -> UInt32 {
        try readName("a mark of 32 bits, such as 0x1") { Number.any($0) }
    }

    private mutating func readNumber<Value: FixedWidthInteger>(_ expected: String, upTo last: Value = .max)
        throws(PacketTextError) -> Value
    {
        try readName(expected) { Number.decimal($0, as: Value.self).flatMap { $0 <= last ? $0 : nil } }
    }

    private mutating func readAddressType(_ description: inout PacketDescription) throws(PacketTextError) {
        let expected = "'source' or 'destination'"
        let first = try tokens.take(expected)
        guard let side = AddressTypeTest.Side(rawValue: first.text) else { throw first.error(expected) }
        let interface = tokens.peek.flatMap { AddressTypeTest.Interface(rawValue: $0.text) }
        if interface != nil { _ = try tokens.take("an interface") }
        let question = AddressTypeQuestion(side, interface: interface)
        guard description.addressTypes[question] == nil else {
            throw first.error("no second type of the same address")
        }
        description.addressTypes[question] = try readName(
            "one of unspec, unicast, local, broadcast, anycast, multicast, blackhole, unreachable, prohibit"
        ) { AddressTypeSet(name: $0) }
    }

    private mutating func readClock() throws(PacketTextError) -> Int64 {
        try readName("an instant in UTC such as 2027-01-31T00:00:00Z, or seconds such as @1800000000") { word in
            if word.hasPrefix("@") { return Int64(word.dropFirst()) }
            return word.utf8.count == 20 ? UTCDate.instantAfter(word) : nil
        }
    }

    private mutating func readName<Value>(_ expected: String, _ value: (String) -> Value?) throws(PacketTextError)
        -> Value
    {
        let token = try tokens.take(expected)
        guard let value = value(token.text) else { throw token.error(expected) }
        return value
    }

    private mutating func readNames<Values: OptionSet>(_ expected: String, _ value: (String) -> Values?)
        throws(PacketTextError) -> Values where Values.Element == Values
    {
        try readName(expected) { word in
            if word == "none" { return Values() }
            let parts = word.split(separator: ",", omittingEmptySubsequences: false).map { value(String($0)) }
            return parts.contains { $0 == nil } ? nil : parts.compactMap { $0 }.reduce(Values()) { $0.union($1) }
        }
    }
}

extension IPProtocol {
    /// Whether it is ICMP of either family.
    fileprivate var isICMP: Bool { self == .icmp || self == .icmpv6 }
}
