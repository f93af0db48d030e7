internal import PacketModel

/// Matches that are kept in the words of `iptables-save`.
enum KeptMatches {
    static let all: [MatchForm] = [
        owner, physdev, helper, tos, esp, ah, realm, cpu, devgroup, rpfilter, tcpmss, connbytes, connlabel, ecn, rt, frag,
        PolicyMatch.policy,
    ]

    private static let owner = MatchForm.kept(
        "owner",
        [
            .flag("socket-exists", isNegatable: true), .test("uid-owner", is: identifiers), .test("gid-owner", is: identifiers),
            .flag("suppl-groups"),
        ]
    ) { kept, use throws(RuleProblem) in
        guard !use.uses.isEmpty else { throw use.rejected("'owner' needs '--uid-owner', '--gid-owner' or '--socket-exists'") }
        try use.require("gid-owner", with: "suppl-groups")
    }

    /// A number or a range of numbers; names of users are not looked up.
    private static let identifiers: KeptOption.Grammar = { word, _ throws(RuleProblem) in
        if word.text == "root" { return "0" }
        let ends = word.text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            .map { NumberText.parse($0, as: UInt32.self) }
        guard let first = ends[0], let last = ends[ends.count - 1] else {
            throw RuleProblem(
                .name, "'\(word.text)' is no number, and names of users are never looked up: write the number",
                column: word.column)
        }
        guard first <= last else { throw word.rejected("'\(word.text)' ends before it begins") }
        return first == last ? "\(first)" : "\(first)-\(last)"
    }

    private static let physdev = MatchForm.kept(
        "physdev",
        [
            .flag("physdev-is-in", isNegatable: true), .test("physdev-in", is: KeptValue.interface),
            .flag("physdev-is-out", isNegatable: true), .test("physdev-out", is: KeptValue.interface),
            .flag("physdev-is-bridged", isNegatable: true),
        ]
    ) { _, use throws(RuleProblem) in
        guard !use.uses.isEmpty else { throw use.rejected("'physdev' needs an option") }
    }

    private static let helper = MatchForm.kept("helper", [.test("helper", is: KeptValue.text(29, atLeast: 0))]) {
        kept, use throws(RuleProblem) in
        guard let name = kept.value("--helper") else { throw use.rejected("'helper' needs '--helper'") }
        kept.options[0].isQuoted = !isPlainText(name)
    }

    private static let tos = MatchForm.kept("tos", [.test("tos", is: tosValue)]) { kept, use throws(RuleProblem) in
        guard kept.has("--tos") else { throw use.rejected("'tos' needs '--tos'") }
    }

    private static let tosValue: KeptOption.Grammar = { word, _ throws(RuleProblem) in
        let names: [String: UInt8] = [
            "minimize-delay": 0x10, "maximize-throughput": 8, "maximize-reliability": 4, "minimize-cost": 2,
            "normal-service": 0,
        ]
        if let value = names[word.text.lowercased()] { return byteText(value) + "/0x3f" }
        let parts = word.text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let value = NumberText.parse(parts[0], as: UInt8.self),
            let mask = parts.count > 1 ? NumberText.parse(parts[1], as: UInt8.self) : UInt8.max
        else { throw word.unknown("'\(word.text)' is no type of service: expected VALUE/MASK, or a name such as Minimize-Delay") }
        return byteText(value) + "/" + byteText(mask)
    }

    private static let esp = MatchForm.kept(
        "esp", needs: [IPProtocol(rawValue: 50)], [.test("espspi", is: KeptValue.numbers(0...UInt32.max))]
    ) { kept, _ throws(RuleProblem) in kept.dropWholeRange("--espspi") }

    private static let ah = MatchForm.kept(
        "ah",
        [
            .test("ahspi", is: KeptValue.numbers(0...UInt32.max)), .test("ahlen", is: KeptValue.number(0...UInt32.max)),
            .flag("ahres"),
        ]
    ) { kept, use throws(RuleProblem) in
        kept.dropWholeRange("--ahspi")
        guard use.family == .ip else { return }
        guard !kept.has("--ahlen"), !kept.has("--ahres") else { throw use.rejected("'--ahlen' and '--ahres' exist for IPv6 only") }
        guard use.askedProtocol == AskedProtocol(number: 51, isNegated: false) else { throw use.rejected("'ah' needs '-p ah'") }
    }

    private static let rt = MatchForm.kept(
        "rt", families: .ip6,
        [
            .test("rt-type", is: KeptValue.number(0...UInt32.max)), .test("rt-segsleft", is: KeptValue.numbers(0...UInt32.max)),
            .test("rt-len", is: KeptValue.number(0...UInt32.max)), .flag("rt-0-res"),
        ]
    ) { kept, use throws(RuleProblem) in
        kept.dropWholeRange("--rt-segsleft")
        let isType0 = kept.value("--rt-type") == "0" && use["rt-type"]?.isNegated == false
        guard !kept.has("--rt-0-res") || isType0 else { throw use.rejected("'--rt-0-res' needs '--rt-type 0'") }
    }

    private static let frag = MatchForm.kept(
        "frag", families: .ip6,
        [
            .test("fragid", is: KeptValue.numbers(0...UInt32.max)), .test("fraglen", is: KeptValue.number(0...UInt32.max)),
            .flag("fragres"), .flag("fragfirst"), .flag("fragmore"), .flag("fraglast"),
        ]
    ) { kept, use throws(RuleProblem) in
        kept.dropWholeRange("--fragid")
        try use.exclude("fragmore", "fraglast")
    }

    private static let realm = MatchForm.kept("realm", families: .ip, [.test("realm", is: KeptValue.hexMark)]) {
        kept, use throws(RuleProblem) in
        guard kept.has("--realm") else { throw use.rejected("'realm' needs '--realm'") }
    }

    private static let cpu = MatchForm.kept("cpu", [.test("cpu", is: KeptValue.number(0...UInt32.max))]) {
        kept, use throws(RuleProblem) in
        guard kept.has("--cpu") else { throw use.rejected("'cpu' needs '--cpu'") }
    }

    private static let devgroup = MatchForm.kept(
        "devgroup", [.test("src-group", is: KeptValue.hexMark), .test("dst-group", is: KeptValue.hexMark)]
    ) { _, use throws(RuleProblem) in
        guard !use.uses.isEmpty else { throw use.rejected("'devgroup' needs '--src-group' or '--dst-group'") }
    }

    private static let rpfilter = MatchForm.kept(
        "rpfilter", [.flag("loose"), .flag("validmark"), .flag("accept-local"), .flag("invert")])

    private static let tcpmss = MatchForm.kept(
        "tcpmss", needs: [.tcp], [.test("mss", is: KeptValue.numbers(0...65535))]
    ) { kept, use throws(RuleProblem) in
        guard let value = kept.value("--mss") else { throw use.rejected("'tcpmss' needs '--mss'") }
        let ends = value.split(separator: ":").compactMap { UInt32($0) }
        if let first = ends.first, let last = ends.last, first > last { throw use.rejected("'\(value)' ends before it begins") }
    }

    private static let connbytes = MatchForm.kept(
        "connbytes",
        [
            .test("connbytes", is: byteRange), .value("connbytes-mode", is: KeptValue.word(of: ["packets", "bytes", "avgpkt"])),
            .value("connbytes-dir", is: KeptValue.word(of: ["original", "reply", "both"])),
        ]
    ) { kept, use throws(RuleProblem) in
        guard kept.options.count == 3 else {
            throw use.rejected("'connbytes' needs '--connbytes', '--connbytes-mode' and '--connbytes-dir'")
        }
    }

    /// A range without an end is printed without its colon.
    private static let byteRange: KeptOption.Grammar = { word, _ throws(RuleProblem) in
        let (first, last) = try word.numbers(0...UInt64.max)
        guard first <= last else { throw word.rejected("'\(word.text)' ends before it begins") }
        let isOpen = last == .max || !word.text.utf8.contains(UInt8(ascii: ":"))
        return isOpen ? "\(first)" : "\(first):\(last)"
    }

    private static let connlabel = MatchForm.kept(
        "connlabel", [.test("label", isQuoted: true, is: KeptValue.number(0...127)), .flag("set")]
    ) { kept, use throws(RuleProblem) in
        guard kept.has("--label") else { throw use.rejected("'connlabel' needs '--label'") }
    }

    private static let ecn = MatchForm.kept(
        "ecn",
        [
            .flag("ecn-tcp-ece", isNegatable: true), .flag("ecn-tcp-cwr", isNegatable: true),
            .test("ecn-ip-ect", is: KeptValue.number(0...3)),
        ]
    ) { kept, use throws(RuleProblem) in
        guard !use.uses.isEmpty else { throw use.rejected("'ecn' needs an option") }
        let isTCP = use.askedProtocol == AskedProtocol(number: IPProtocol.tcp.rawValue, isNegated: false)
        if kept.has("--ecn-tcp-ece") || kept.has("--ecn-tcp-cwr"), !isTCP {
            throw use.rejected("the flags of TCP need '-p tcp'")
        }
    }
}

extension KeptOptions {
    /// Takes out a range of all numbers, which asks nothing, unless it is negated.
    fileprivate mutating func dropWholeRange(_ name: String) {
        guard let place = place(name), !options[place].isNegated else { return }
        drop(name, ifValue: "0:\(UInt32.max)")
    }
}

/// `0x0a`.
func byteText(_ value: UInt8) -> String { (value < 16 ? "0x0" : "0x") + String(value, radix: 16) }
