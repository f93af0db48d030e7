internal import FirewallIR
internal import PacketModel

// What is no function of the modelled fields: matches that keep their words, and guards.

extension [OpaqueMatch] {
    /// The matches, beside boxes of one family.
    func lowered(beside boxes: [Box]) throws(IPTablesRefusal) -> [IPTablesMatch] {
        var matches: [IPTablesMatch] = []
        for match in self { matches.append(try match.lowered(beside: boxes)) }
        return matches
    }
}

extension OpaqueMatch {
    fileprivate func lowered(beside boxes: [Box]) throws(IPTablesRefusal) -> IPTablesMatch {
        switch self {
        case .before(let instant):
            // xt_time holds seconds in 32 bits, and iptables takes nothing behind 2038-01-19T03:14:07.
            guard instant - 1 <= Int64(Int32.max) else {
                throw IPTablesRefusal(reason: "'-m time' knows no date behind 2038-01-19T03:14:07Z")
            }
            return .timeUntil(lastSecond: instant - 1)
        case .module(let name, let words): return try Self.module(name, words, isNegated: false, boxes)
        case .not(.module(let name, let words)): return try Self.module(name, words, isNegated: true, boxes)
        case .not: throw IPTablesRefusal(reason: "this negation has no form in iptables")
        }
    }

    private static func module(
        _ name: String, _ words: [String], isNegated: Bool, _ boxes: [Box]
    ) throws(IPTablesRefusal) -> IPTablesMatch {
        if let match = try field(name, words, isNegated) { return match }
        guard case .pure(let isTurned) = IPTablesModules.meaning(of: name) else {
            throw IPTablesRefusal(reason: "the match '\(name)' is not known")
        }
        if name == "tcp" { return try tcpOption(words, isNegated, boxes) }
        var options = IPTablesOption.options(of: words)
        guard isNegated else { return .module(name, options: options) }
        let hasEntry = boxes.allSatisfy {
            $0.demandsConntrackEntry || $0.state.map { ConntrackStateSet.tracked.isSuperset(of: $0) } ?? false
        }
        guard options.count == 1, !options[0].isNegated, isTurned || name == "conntrack" && hasEntry else {
            throw IPTablesRefusal(reason: "the opposite of the match '\(name)' has no form in iptables")
        }
        options[0].isNegated = true
        return .module(name, options: options)
    }

    /// An address under a mask with many gaps.
    private static func field(
        _ name: String, _ words: [String], _ isNegated: Bool
    ) throws(IPTablesRefusal) -> IPTablesMatch? {
        guard name == "-s" || name == "-d" else { return nil }
        let parts = (words.first ?? "").split(separator: "/")
        guard words.count == 1, parts.count == 2, let address = IPAddress(parts[0]), let mask = IPAddress(parts[1]),
            let masked = IPMaskedAddress(address, mask: mask)
        else { throw IPTablesRefusal(reason: "'\(name) \(words.joined(separator: " "))' is no address under a mask") }
        let test = Negatable(masked, isNegated: isNegated)
        return name == "-s" ? .source(test) : .destination(test)
    }

    /// `-m tcp` fails without a header, behind `!` as well: so the header has to be there in any case.
    private static func tcpOption(
        _ words: [String], _ isNegated: Bool, _ boxes: [Box]
    ) throws(IPTablesRefusal) -> IPTablesMatch {
        let asksHeader = boxes.allSatisfy { box in
            box.protocols?.single == IPProtocol.tcp.rawValue
                && (box.sourcePort?.allowsAbsent == false || box.destinationPort?.allowsAbsent == false
                    || box.tcpFlags?.allowsAbsent == false)
        }
        guard words.count == 2, words[0] == "--tcp-option", let number = UInt8(words[1]), asksHeader else {
            throw IPTablesRefusal(
                reason: "'\(words.joined(separator: " "))' is no match of '-m tcp', or asks no TCP header")
        }
        return .tcp(TCPMatch(option: Negatable(number, isNegated: isNegated)))
    }
}

extension [Guard] {
    /// The matches, in order.
    var lowered: [IPTablesMatch] {
        get throws(IPTablesRefusal) {
            var matches: [IPTablesMatch] = []
            for guarding in self {
                switch guarding {
                case .limit(let limit): matches.append(try limit.lowered)
                case .quota(let bytes): matches.append(.quota(bytes: bytes))
                case .module(let name, let words):
                    guard IPTablesModules.meaning(of: name) == .stateful else {
                        throw IPTablesRefusal(reason: "the stateful match '\(name)' is not known")
                    }
                    matches.append(.module(name, options: IPTablesOption.options(of: words)))
                }
            }
            return matches
        }
    }
}

extension Limit {
    /// `xt_limit` counts in steps of a ten-thousandth of a second, and holds a day's credit at most.
    fileprivate var lowered: IPTablesMatch {
        get throws(IPTablesRefusal) {
            let rate = "\(count)/\(unit.rawValue)"
            guard !isOver else {
                throw IPTablesRefusal(reason: "'-m limit' cannot ask for what is over a rate; nft can")
            }
            guard count <= 10_000 * unit.seconds else {
                throw IPTablesRefusal(reason: "a rate of \(rate) is too fast for '-m limit': 10000 a second at most")
            }
            // The step between two packets is a whole number, so that 7000/second would let 10000 through.
            let steps = 10_000 * unit.seconds
            let step = steps / count
            guard (steps - step * count) * 50 <= steps else {
                throw IPTablesRefusal(
                    reason:
                        "a rate of \(rate) has no near form for '-m limit', which would let \(steps / step) through: write \(steps / step) or \(steps / (step + 1))"
                )
            }
            guard burst <= 10_000, burst * unit.seconds <= 86_400 * count else {
                throw IPTablesRefusal(
                    reason:
                        "a burst of \(burst) at \(rate) is too much for '-m limit', which holds a day's worth and 10000 at most: write a smaller .burst(…)"
                )
            }
            return .limit(count: count, unit: unit, burst: burst)
        }
    }
}

extension IPTablesOption {
    /// Words as options: one begins with `--`, or with `!` before it.
    ///
    /// What stands behind an option for a text is that text, whatever it begins with.
    static func options(of words: [String]) -> [IPTablesOption] {
        var options: [IPTablesOption] = []
        var isNegated = false
        var rest = words[...]
        while let word = rest.popFirst() {
            if word == "!", rest.first?.hasPrefix("--") == true {
                isNegated = true
            } else if word.hasPrefix("--") || options.isEmpty {
                options.append(IPTablesOption(word, isNegated: isNegated))
                isNegated = false
                if texts.contains(word), let text = rest.popFirst() {
                    options[options.count - 1].values = [text]
                    options[options.count - 1].isQuoted = true
                }
            } else {
                options[options.count - 1].values.append(word)
            }
        }
        return options
    }

    /// Options whose value is any text, which `iptables-save` puts in quotes.
    private static let texts: Set = ["--string", "--hex-string"]
}
