internal import PacketModel

extension RuleWord {
    /// The name of an interface, or of all that begin so: `eth0`, `br-+` (`xtables_parse_interface`).
    func interface() throws(RuleProblem) -> InterfacePattern {
        guard (1...15).contains(text.utf8.count) else {
            throw rejected("'\(text)' has \(text.utf8.count) bytes: names of interfaces have 1 to 15")
        }
        guard !text.utf8.contains(UInt8(ascii: "*")) else {
            throw rejected("'\(text)' holds '*', which iptables takes as a letter: its wildcard is '+', at the end")
        }
        do {
            return try InterfacePattern(text: text)
        } catch {
            throw rejected(error.explanation(for: text))
        }
    }

    /// A protocol by its name or number; 0 stands for all (`xtables_parse_protocol`).
    func ipProtocol() throws(RuleProblem) -> ProtocolWord {
        if text == "tcp" { return ProtocolWord(number: 6, name: text) }
        if text == "udp" { return ProtocolWord(number: 17, name: text) }
        if let number = NumberText.parse(text, as: UInt8.self) { return ProtocolWord(number: number, known: nil) }
        let name = text.lowercased()
        if name == "all" || name == "ip" { return ProtocolWord(number: 0) }
        if let number = Self.furtherProtocols[name] { return ProtocolWord(number: number, known: name) }
        guard let proto = IPProtocol(name: name) else {
            throw unknown("'\(text)' is no protocol that is known: write its number from 0 to 255")
        }
        return ProtocolWord(number: proto.rawValue, known: name)
    }

    /// Names that iptables has besides those of `/etc/protocols` (`xtables_chain_protos`).
    private static let furtherProtocols: [String: UInt8] = ["mh": 135, "ipv6-mh": 135]

    /// A port by its number or name.
    func port() throws(RuleProblem) -> UInt16 { try Self.port(text[...], column) }

    /// A port, or a range of ports whose ends may be left away.
    func ports() throws(RuleProblem) -> PortRange {
        if let port = NumberText.plain(text, atMost: UInt64(UInt16.max)) {
            return PortRange(UInt16(port), UInt16(port))
        }
        guard let colon = text.firstIndex(of: ":") else {
            let port = try port()
            return PortRange(port, port)
        }
        let (low, high) = (text[..<colon], text[text.index(after: colon)...])
        return PortRange(
            low.isEmpty ? 0 : try Self.port(low, column), high.isEmpty ? .max : try Self.port(high, column))
    }

    /// A port, or a range of two ports, of a part of the word.
    func closedPorts(_ part: Substring) throws(RuleProblem) -> PortRange {
        guard let colon = part.firstIndex(of: ":") else {
            let port = try Self.port(part, column)
            return PortRange(port, port)
        }
        return PortRange(
            try Self.port(part[..<colon], column), try Self.port(part[part.index(after: colon)...], column))
    }

    private static func port(_ text: Substring, _ column: Int) throws(RuleProblem) -> UInt16 {
        if let number = NumberText.parse(text, as: UInt16.self) { return number }
        if let port = ServiceName.port(String(text)) { return port }
        guard let first = text.utf8.first, !(48...57).contains(first), first != UInt8(ascii: "-") else {
            throw RuleProblem(.rejected, "'\(text)' is no port: expected a number from 0 to 65535", column: column)
        }
        throw RuleProblem(
            .unknown, "'\(text)' is the name of no service that is known: write the number of its port", column: column)
    }
}

extension ProtocolWord {
    /// A protocol in the word in which `iptables-save` prints it, where that does not depend on `/etc/protocols`; otherwise
    /// as it is written.
    init(number: UInt8, known name: String?) {
        self.init(number: number, name: Self.fixedNames[number] ?? name)
    }

    private static let fixedNames: [UInt8: String] = [
        1: "icmp", 6: "tcp", 17: "udp", 33: "dccp", 50: "esp", 51: "ah", 58: "ipv6-icmp", 132: "sctp", 136: "udplite",
    ]
}
