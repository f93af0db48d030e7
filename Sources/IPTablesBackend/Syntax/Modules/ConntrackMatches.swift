internal import PacketModel

/// `-m conntrack`, `-m state`, `-m connmark` (`libxt_conntrack.c`, `libxt_connmark.c`).
enum ConntrackMatches {
    static let all: [MatchForm] = [conntrack, state, connmark]

    private static let conntrack = MatchForm(
        "conntrack",
        [
            .test("ctstate"), .test("ctproto"), .test("ctorigsrc"), .test("ctorigdst"), .test("ctreplsrc"),
            .test("ctrepldst"), .test("ctorigsrcport"), .test("ctorigdstport"), .test("ctreplsrcport"),
            .test("ctrepldstport"), .test("ctstatus"), .test("ctexpire"), .value("ctdir"),
        ]
    ) { use throws(RuleProblem) in
        guard !use.uses.isEmpty else { throw use.rejected("'conntrack' needs an option") }
        var match = ConntrackMatch()
        match.state = try use.test("ctstate", ctstate)
        match.originalProtocol = try use.test("ctproto") { word throws(RuleProblem) in try word.ipProtocol().proto }
        try readTuples(use, &match)
        match.status = try use.test("ctstatus", ctstatus)
        match.expiry = try use.test("ctexpire") { word throws(RuleProblem) in
            let (first, last) = try word.numbers(0...UInt32.max)
            guard first <= last else {
                throw word.unknown("'\(word.text)' ends before it begins: it would never match")
            }
            return first...last
        }
        match.direction = try use.value("ctdir", direction)
        return .conntrack(match)
    }

    private static func readTuples(_ use: ModuleUse, _ match: inout ConntrackMatch) throws(RuleProblem) {
        func address(_ name: String) throws(RuleProblem) -> Negatable<IPMaskedAddress>? {
            try use.test(name) { word throws(RuleProblem) in
                let address = try word.maskedAddress(use.family)
                guard address.prefix != nil else {
                    throw word.unknown(
                        "'\(word.text)' has a mask with gaps, and iptables 1.8.9 loads the one address in its place: write the networks"
                    )
                }
                return address
            }
        }
        func ports(_ name: String) throws(RuleProblem) -> Negatable<PortRange>? {
            try use.test(name) { word throws(RuleProblem) in try word.ports() }
        }
        match.originalSource = try address("ctorigsrc")
        match.originalDestination = try address("ctorigdst")
        match.replySource = try address("ctreplsrc")
        match.replyDestination = try address("ctrepldst")
        match.originalSourcePort = try ports("ctorigsrcport")
        match.originalDestinationPort = try ports("ctorigdstport")
        match.replySourcePort = try ports("ctreplsrcport")
        match.replyDestinationPort = try ports("ctrepldstport")
    }

    private static let state = MatchForm("state", [.test("state")]) { use throws(RuleProblem) in
        .state(try use.neededTest("state") { word throws(RuleProblem) in try stateList(word, virtual: false).states })
    }

    private static let connmark = MatchForm("connmark", [.test("mark")]) { use throws(RuleProblem) in
        let test = try use.neededTest("mark", markTest)
        return .connectionMark(test.value.negated(test.isNegated))
    }

    private static let ctstate: @Sendable (RuleWord) throws(RuleProblem) -> ConntrackMatch.States = {
        word throws(RuleProblem) in try stateList(word, virtual: true)
    }

    /// States in any case; the beginning of a name will do.
    private static func stateList(_ word: RuleWord, virtual: Bool) throws(RuleProblem) -> ConntrackMatch.States {
        var result = ConntrackMatch.States([])
        for part in word.list {
            let text = part.lowercased()
            if virtual, text == "snat" || text == "dnat" {
                result.translated.insert(text == "snat" ? .snat : .dnat)
                continue
            }
            guard !text.isEmpty, let name = stateNames.first(where: { $0.hasPrefix(text) }),
                let state = ConntrackStateSet(name: name)
            else {
                throw word.unknown("'\(part)' is no state: expected NEW, ESTABLISHED, RELATED, INVALID or UNTRACKED")
            }
            result.states.insert(state)
        }
        return result
    }

    private static let stateNames = ["invalid", "new", "related", "established", "untracked"]

    private static let ctstatus: @Sendable (RuleWord) throws(RuleProblem) -> ConntrackStatus = {
        word throws(RuleProblem) in
        var status: ConntrackStatus = []
        for part in word.list where part.uppercased() != "NONE" {
            let text = part.uppercased()
            guard !text.isEmpty, let found = statusNames.first(where: { $0.0.hasPrefix(text) }) else {
                throw word.unknown("'\(part)' is no status: expected NONE, EXPECTED, SEEN_REPLY, ASSURED or CONFIRMED")
            }
            status.insert(found.1)
        }
        return status
    }

    private static let statusNames: [(String, ConntrackStatus)] = [
        ("EXPECTED", .expected), ("SEEN_REPLY", .seenReply), ("ASSURED", .assured), ("CONFIRMED", .confirmed),
    ]

    private static let direction: @Sendable (RuleWord) throws(RuleProblem) -> ConntrackDirectionSet = {
        word throws(RuleProblem) in
        switch word.text.lowercased() {
        case "original": .original
        case "reply": .reply
        default: throw word.unknown("'\(word.text)' is no direction: expected ORIGINAL or REPLY")
        }
    }
}

/// A mark with its mask.
let markTest: @Sendable (RuleWord) throws(RuleProblem) -> MaskedTest<UInt32> = { word throws(RuleProblem) in
    let (value, mask) = try word.maskedMark()
    return MaskedTest(mask: mask, value: value)
}

extension MaskedTest {
    /// The same test under a sign.
    func negated(_ isNegated: Bool) -> MaskedTest { MaskedTest(mask: mask, value: value, isNegated: isNegated) }
}
