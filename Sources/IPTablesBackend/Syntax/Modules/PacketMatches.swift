internal import PacketModel

/// Matches of fields of the packet, and the comment.
enum PacketMatches {
    static let all: [MatchForm] = [iprange, mac, mark, pkttype, addrtype, length, ttl, hl, dscp, quota, comment]

    private static let iprange = MatchForm("iprange", [.test("src-range"), .test("dst-range")]) {
        use throws(RuleProblem) in
        guard !use.uses.isEmpty else { throw use.rejected("'iprange' needs '--src-range' or '--dst-range'") }
        let range: (RuleWord) throws(RuleProblem) -> IPAddressRange = { word throws(RuleProblem) in
            try addressRange(word, use.family)
        }
        return .addressRange(source: try use.test("src-range", range), destination: try use.test("dst-range", range))
    }

    private static func addressRange(_ word: RuleWord, _ family: AddressFamily) throws(RuleProblem) -> IPAddressRange {
        let parts = word.text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let first = try RuleWord(parts[0], column: word.column).address(family)
        let last = parts.count > 1 ? try RuleWord(parts[1], column: word.column).address(family) : first
        switch (first, last) {
        case (.v4(let low), .v4(let high)) where low <= high: return .v4(low...high)
        case (.v6(let low), .v6(let high)) where low <= high: return .v6(low...high)
        default: throw word.unknown("'\(word.text)' ends before it begins: it would never match")
        }
    }

    private static let mac = MatchForm("mac", [.test("mac-source")]) { use throws(RuleProblem) in
        .sourceMAC(try use.neededTest("mac-source", macAddress))
    }

    /// Six bytes in hexadecimal, of one or two digits each (`xtables_parse_mac`).
    private static let macAddress: @Sendable (RuleWord) throws(RuleProblem) -> UInt64 = { word throws(RuleProblem) in
        let parts = word.text.split(separator: ":", omittingEmptySubsequences: false)
        var value: UInt64 = 0
        for part in parts {
            guard (1...2).contains(part.utf8.count), let byte = UInt8(part, radix: 16), part.first != "+" else {
                throw word.rejected("'\(word.text)' is no MAC address: expected six bytes such as 00:11:22:33:44:55")
            }
            value = value << 8 | UInt64(byte)
        }
        guard parts.count == 6 else {
            throw word.rejected("'\(word.text)' is no MAC address: expected six bytes such as 00:11:22:33:44:55")
        }
        return value
    }

    private static let mark = MatchForm("mark", [.test("mark")]) { use throws(RuleProblem) in
        let test = try use.neededTest("mark", markTest)
        return .mark(test.value.negated(test.isNegated))
    }

    private static let pkttype = MatchForm("pkttype", [.test("pkt-type")]) { use throws(RuleProblem) in
        .packetType(
            try use.neededTest("pkt-type") { word throws(RuleProblem) in
                switch word.text.lowercased() {
                case "unicast", "host": PacketTypeSet.host
                case "broadcast": .broadcast
                case "multicast": .multicast
                case "otherhost": .other
                default: throw word.unknown("'\(word.text)' is no type: expected unicast, broadcast, multicast or otherhost")
                }
            })
    }

    private static let addrtype = MatchForm(
        "addrtype", [.test("src-type"), .test("dst-type"), .flag("limit-iface-in"), .flag("limit-iface-out")]
    ) { use throws(RuleProblem) in
        try use.exclude("limit-iface-in", "limit-iface-out")
        var match = AddressTypeMatch()
        match.source = try use.test("src-type", addressTypes)
        match.destination = try use.test("dst-type", addressTypes)
        guard match.source != nil || match.destination != nil else {
            throw use.rejected("'addrtype' needs '--src-type' or '--dst-type'")
        }
        if use.has("limit-iface-in") { match.limitedTo = .in }
        if use.has("limit-iface-out") { match.limitedTo = .out }
        return .addressType(match)
    }

    /// Names in any case; the beginning of a name will do.
    private static let addressTypes: @Sendable (RuleWord) throws(RuleProblem) -> AddressTypeSet = {
        word throws(RuleProblem) in
        var types: AddressTypeSet = []
        for part in word.list {
            let text = part.lowercased()
            guard !text.isEmpty, let name = AddressTypeSet.all.names.first(where: { $0.hasPrefix(text) }),
                let type = AddressTypeSet(name: name)
            else {
                throw word.unknown(
                    "'\(part)' is no type of address that is known: \(AddressTypeSet.all.names.joined(separator: ", "))")
            }
            types.insert(type)
        }
        return types
    }

    private static let length = MatchForm("length", [.test("length")]) { use throws(RuleProblem) in
        .length(
            try use.neededTest("length") { word throws(RuleProblem) in
                let (first, last) = try word.numbers(0...UInt16.max)
                guard first <= last else { throw word.unknown("'\(word.text)' ends before it begins: it would never match") }
                return first...last
            })
    }

    private static let ttl = MatchForm(
        "ttl", families: .ip, [.test("ttl", "ttl-eq"), .value("ttl-lt"), .value("ttl-gt")]
    ) { use throws(RuleProblem) in .hopLimit(try hopLimit(use, "ttl", isIPv6: false)) }

    private static let hl = MatchForm(
        "hl", families: .ip6, [.test("hl", "hl-eq"), .value("hl-lt"), .value("hl-gt")]
    ) { use throws(RuleProblem) in .hopLimit(try hopLimit(use, "hl", isIPv6: true)) }

    private static func hopLimit(_ use: ModuleUse, _ name: String, isIPv6: Bool) throws(RuleProblem) -> HopLimitTest {
        guard let found = use.uses.first, let word = found.values.first, use.uses.count == 1 else {
            throw use.rejected("'\(name)' takes one of --\(name)-eq, --\(name)-lt and --\(name)-gt")
        }
        let comparisons: [HopLimitTest.Comparison] = [found.isNegated ? .notEqual : .equal, .less, .greater]
        return HopLimitTest(comparisons[found.option], try word.number(0...UInt8.max), isIPv6: isIPv6)
    }

    private static let dscp = MatchForm("dscp", [.test("dscp"), .test("dscp-class")]) { use throws(RuleProblem) in
        try use.exclude("dscp", "dscp-class")
        if let value = try use.test("dscp", { word throws(RuleProblem) in try word.number(0...UInt8(63)) }) { return .dscp(value) }
        return .dscp(try use.neededTest("dscp-class", dscpClass))
    }

    private static let dscpClass: @Sendable (RuleWord) throws(RuleProblem) -> UInt8 = { word throws(RuleProblem) in
        let text = word.text.uppercased()
        if text == "BE" { return 0 }
        if text == "EF" { return 0x2e }
        let digits = text.utf8.suffix(text.hasPrefix("AF") ? 2 : 1).map { $0 &- 48 }
        if text.hasPrefix("CS"), text.utf8.count == 3, digits[0] <= 7 { return digits[0] * 8 }
        if text.hasPrefix("AF"), text.utf8.count == 4, (1...4).contains(digits[0]), (1...3).contains(digits[1]) {
            return digits[0] * 8 + digits[1] * 2
        }
        throw word.unknown("'\(word.text)' is no class: expected BE, EF, CS0 to CS7, or AF11 to AF43")
    }

    private static let quota = MatchForm("quota", [.test("quota")]) { use throws(RuleProblem) in
        let test = try use.neededTest("quota") { word throws(RuleProblem) in try word.number(0...UInt64.max) }
        guard test.isNegated else { return .quota(bytes: test.value) }
        return .module("quota", options: [IPTablesOption("--quota", ["\(test.value)"], isNegated: true)])
    }

    private static let comment = MatchForm("comment", [.value("comment")]) { use throws(RuleProblem) in
        .comment(
            try use.neededTest("comment") { word throws(RuleProblem) in
                guard word.text.utf8.count <= 255 else {
                    throw word.rejected("the comment has \(word.text.utf8.count) bytes: 255 are taken")
                }
                return word.text
            }.value)
    }
}

extension AddressTypeSet {
    fileprivate static let all = AddressTypeSet(rawValue: 0x1ff)
}
