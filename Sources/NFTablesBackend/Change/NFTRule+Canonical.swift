internal import PacketModel

extension NFTRule {
    /// The rule in one of the spellings that nft has for it.
    ///
    /// What nft does not list, because another match of the rule implies it, is left out: `meta l4proto tcp` before
    /// `tcp dport 80`, `meta nfproto ipv4` before `ip saddr 10.0.0.1`. Both sides of a comparison are treated alike, and what
    /// is left out changes nothing: it is left out only where no statement that does something stands between both.
    var canonical: NFTRule {
        let statements = self.statements.map(\.canonical)
        var result: [NFTStatement] = []
        var implied: Set<NFTStatement> = []
        for statement in statements.reversed() {
            if !statement.isPure { implied = [] }
            if !implied.contains(statement) { result.append(statement) }
            implied.formUnion(statement.implied)
        }
        result.reverse()
        // A rejection makes nft ask for its family or protocol in front of everything else.
        if let asked = statements.last?.askedByRejection {
            let start = result.prefix(while: \.isPure)
            result = start.filter { $0 != asked } + result[start.endIndex...]
        }
        return NFTRule(result, comment: comment)
    }
}

extension NFTStatement {
    /// The statement in one of the spellings that nft has for it.
    var canonical: NFTStatement {
        switch self {
        case .match(let left, let op, let right): Self.canonical(left.canonical, op, right)
        case .verdictMap(let key, .elements(let elements)):
            .verdictMap(
                key,
                .elements(
                    elements.map {
                        NFTVerdictMapElement($0.key?.numbers(NFTWords(key)).canonical(key.valueKind), $0.verdict)
                    }
                    .map { (NFTElement($0.key, $0.verdict).text, $0) }.sorted { $0.0 < $1.0 }.map(\.1)))
        default: self
        }
    }

    /// `ct state new` is `ct state & new != 0`, `ct state ! new` is `ct state & new == 0`; words of bits are numbers.
    private static func canonical(_ left: NFTExpression, _ op: NFTOperator, _ right: NFTValue) -> NFTStatement {
        let value = right.numbers(NFTWords(left)).bits(of: left).canonical(left.valueKind)
        guard op == .anyOf || op == .noneOf, case .number(let bits) = value, let mask = UInt32(exactly: bits) else {
            return .match(left, op, value)
        }
        return .match(.and(left, mask), op == .anyOf ? .notEqual : .equal, .number(0))
    }

    /// Whether it does nothing but decide whether the rule goes on.
    fileprivate var isPure: Bool {
        switch self {
        case .match, .verdictMap: true
        default: false
        }
    }

    /// Matches that nft leaves out in front of this one.
    fileprivate var implied: [NFTStatement] {
        let left: NFTExpression
        switch self {
        case .match(let expression, _, _), .verdictMap(let expression, _): left = expression
        default: return []
        }
        return left.protocols.map { .match(.meta(.l4proto), .equal, .number(Int64($0.rawValue))) }
            + left.families.map(Self.family)
    }

    /// The match that a rejection in the words of one family or protocol implies.
    fileprivate var askedByRejection: NFTStatement? {
        switch self {
        case .reject("tcp reset", _): .match(.meta(.l4proto), .equal, .number(6))
        case .reject("icmp", _): Self.family("ipv4")
        case .reject("icmpv6", _): Self.family("ipv6")
        default: nil
        }
    }

    private static func family(_ name: String) -> NFTStatement { .match(.meta(.nfproto), .equal, .keyword(name)) }
}

extension NFTExpression {
    /// The same without a mask that leaves all bits.
    fileprivate var canonical: NFTExpression {
        switch self {
        case .and(.payload("tcp", "flags"), let mask) where mask & 0xff == 0xff: .payload("tcp", "flags")
        case .and(let inner, .max): inner
        default: self
        }
    }

    /// What the values are; of protocols more than that they are words.
    fileprivate var valueKind: NFTSet.Kind {
        switch self {
        case .meta(.l4proto), .ct(.proto, _), .payload("ip", "protocol"), .payload("ip6", "nexthdr"):
            .other("inet_proto")
        case .concat(let parts): .concat(parts.map(\.valueKind))
        default: kind
        }
    }

    /// The protocol whose header is read.
    fileprivate var protocols: [IPProtocol] {
        switch self {
        case .payload(let proto, _) where !["ip", "ip6", "ether", "th"].contains(proto):
            IPProtocol(nft: proto).map { [$0] } ?? []
        case .and(let inner, _): inner.protocols
        case .concat(let parts): parts.flatMap(\.protocols)
        default: []
        }
    }

    /// The family of packets whose header is read.
    fileprivate var families: [String] {
        switch self {
        case .payload("ip", _), .payload("icmp", _): ["ipv4"]
        case .payload("ip6", _), .payload("icmpv6", _): ["ipv6"]
        case .and(let inner, _), .network(let inner, _): inner.families
        case .concat(let parts): parts.flatMap(\.families)
        default: []
        }
    }
}

extension NFTValue {
    /// The same with numbers in the place of the words that nft has for them.
    fileprivate func numbers(_ words: NFTWords) -> NFTValue {
        switch self {
        case .keyword(let word): words.number(word).map { .number($0) } ?? self
        case .set(let elements): .set(elements.map { $0.numbers(words) })
        case .concat(let parts): .concat(parts.enumerated().map { $1.numbers(words.part($0)) })
        default: self
        }
    }

    /// The same with numbers in the place of words, if it is compared with a register of bits.
    fileprivate func bits(of left: NFTExpression) -> NFTValue {
        switch self {
        case .keyword(let word): return left.bit(word).map { .number(Int64($0)) } ?? self
        case .flags(let words):
            let bits = words.map(left.bit)
            return bits.contains(nil) ? self : .number(Int64(bits.reduce(0) { $0 | ($1 ?? 0) }))
        case .set(let elements): return .set(elements.map { $0.bits(of: left) })
        default: return self
        }
    }
}
