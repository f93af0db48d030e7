internal import PacketModel

/// `-m icmp`, `-m icmp6` (`libipt_icmp.c`, `libip6t_icmp6.c`).
enum ICMPMatches {
    static let all: [MatchForm] = [icmp, icmp6]

    private static let icmp = MatchForm("icmp", families: .ip, needs: [.icmp], [.test("icmp-type")]) {
        use throws(RuleProblem) in
        .icmp(try use.neededTest("icmp-type") { word throws(RuleProblem) in try message(word, names4, isIPv6: false) })
    }

    private static let icmp6 = MatchForm("icmp6", families: .ip6, needs: [.icmpv6], [.test("icmpv6-type")]) {
        use throws(RuleProblem) in
        .icmp(try use.neededTest("icmpv6-type") { word throws(RuleProblem) in try message(word, names6, isIPv6: true) })
    }

    /// A name, the beginning of one name only, `TYPE` or `TYPE/CODE`.
    private static func message(
        _ word: RuleWord, _ names: [Name], isIPv6: Bool
    ) throws(RuleProblem) -> ICMPMessage {
        let text = word.text.lowercased()
        var found = names.filter { $0.text == text }
        if found.isEmpty, !text.isEmpty, text.first?.isNumber == false { found = names.filter { $0.text.hasPrefix(text) } }
        guard let name = found.first else { return try numbers(word, isIPv6: isIPv6) }
        guard found.count == 1 else {
            throw word.rejected("'\(word.text)' may stand for \(found.map(\.text).joined(separator: " or "))")
        }
        return ICMPMessage(isIPv6: isIPv6, type: name.type, code: name.code)
    }

    private static func numbers(_ word: RuleWord, isIPv6: Bool) throws(RuleProblem) -> ICMPMessage {
        let parts = word.text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let type = NumberText.parse(parts[0], as: UInt8.self) else {
            throw word.unknown("'\(word.text)' is no type of message: expected a number from 0 to 255, or a name")
        }
        guard parts.count > 1 else { return ICMPMessage(isIPv6: isIPv6, type: type, code: nil) }
        guard let code = NumberText.parse(parts[1], as: UInt8.self) else {
            throw word.unknown("'\(parts[1])' is no code: expected a number from 0 to 255")
        }
        // Type 255 of IPv4 is any message, and its code is not looked at.
        return ICMPMessage(isIPv6: isIPv6, type: type, code: type == 255 && !isIPv6 ? nil : code)
    }

    private struct Name: Sendable {
        let text: String
        let type: UInt8
        let code: UInt8?

        init(_ text: String, _ type: UInt8, _ code: UInt8? = nil) {
            self.text = text
            self.type = type
            self.code = code
        }
    }

    /// The names of iptables for IPv4; `any` is type 255.
    private static let names4: [Name] = [
        Name("any", 255), Name("echo-reply", 0), Name("pong", 0), Name("destination-unreachable", 3),
        Name("network-unreachable", 3, 0), Name("host-unreachable", 3, 1), Name("protocol-unreachable", 3, 2),
        Name("port-unreachable", 3, 3), Name("fragmentation-needed", 3, 4), Name("source-route-failed", 3, 5),
        Name("network-unknown", 3, 6), Name("host-unknown", 3, 7), Name("network-prohibited", 3, 9),
        Name("host-prohibited", 3, 10), Name("tos-network-unreachable", 3, 11), Name("tos-host-unreachable", 3, 12),
        Name("communication-prohibited", 3, 13), Name("host-precedence-violation", 3, 14),
        Name("precedence-cutoff", 3, 15), Name("source-quench", 4), Name("redirect", 5), Name("network-redirect", 5, 0),
        Name("host-redirect", 5, 1), Name("tos-network-redirect", 5, 2), Name("tos-host-redirect", 5, 3),
        Name("echo-request", 8), Name("ping", 8), Name("router-advertisement", 9), Name("router-solicitation", 10),
        Name("time-exceeded", 11), Name("ttl-exceeded", 11), Name("ttl-zero-during-transit", 11, 0),
        Name("ttl-zero-during-reassembly", 11, 1), Name("parameter-problem", 12), Name("ip-header-bad", 12, 0),
        Name("required-option-missing", 12, 1), Name("timestamp-request", 13), Name("timestamp-reply", 14),
        Name("address-mask-request", 17), Name("address-mask-reply", 18),
    ]

    /// The names of ip6tables.
    private static let names6: [Name] = [
        Name("destination-unreachable", 1), Name("no-route", 1, 0), Name("communication-prohibited", 1, 1),
        Name("beyond-scope", 1, 2), Name("address-unreachable", 1, 3), Name("port-unreachable", 1, 4),
        Name("failed-policy", 1, 5), Name("reject-route", 1, 6), Name("packet-too-big", 2), Name("time-exceeded", 3),
        Name("ttl-exceeded", 3), Name("ttl-zero-during-transit", 3, 0), Name("ttl-zero-during-reassembly", 3, 1),
        Name("parameter-problem", 4), Name("bad-header", 4, 0), Name("unknown-header-type", 4, 1),
        Name("unknown-option", 4, 2), Name("echo-request", 128), Name("ping", 128), Name("echo-reply", 129),
        Name("pong", 129), Name("mld-listener-query", 130), Name("mld-listener-report", 131),
        Name("mld-listener-done", 132), Name("mld-listener-reduction", 132), Name("router-solicitation", 133),
        Name("router-advertisement", 134), Name("neighbour-solicitation", 135), Name("neighbor-solicitation", 135),
        Name("neighbour-advertisement", 136), Name("neighbor-advertisement", 136), Name("redirect", 137),
    ]
}
