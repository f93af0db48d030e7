internal import JSONC

extension NFTRule {
    /// Why the listing of a rule in a table for both families does not say for which of them it is; `nil` if it does.
    ///
    /// nft 1.0.6 leaves out `meta nfproto ipv4` where it takes the family for implied: before `reject with tcp reset`, and
    /// before a single protocol of a connection. The kernel holds the rule with its family, the listing is another one.
    /// What is listed rightly is `meta nfproto != ipv6` and `meta nfproto { ipv4, ipv6 }`.
    var hiddenFamily: String? {
        guard !statements.contains(where: \.tellsFamily) else { return nil }
        guard let statement = statements.first(where: \.hidesFamily) else { return nil }
        return
            "nft lists '\(statement.text)' without the family, whether or not the rule has one: write 'meta nfproto { ipv4, ipv6 }', 'meta nfproto != ipv6' or 'meta nfproto != ipv4' in front, or give the rules as JSON commands"
    }
}

extension NFTStatement {
    /// Whether a family that was asked for before it is not listed.
    fileprivate var hidesFamily: Bool {
        switch self {
        case .reject(let type, _): type == "tcp reset"
        case .match(.ct(.proto, _), _, let value): value.isOneNumber
        default: false
        }
    }

    /// Whether it asks for a family, or for the header of one.
    fileprivate var tellsFamily: Bool {
        guard case .match(let left, _, _) = self else { return false }
        return left.tellsFamily
    }
}

extension NFTExpression {
    fileprivate var tellsFamily: Bool {
        switch self {
        case .meta(.nfproto), .meta(.proto): true
        case .payload(let proto, _): ["ip", "ip6", "icmp", "icmpv6"].contains(proto)
        case .ct(.ipSource, _), .ct(.ipDestination, _), .ct(.ip6Source, _), .ct(.ip6Destination, _): true
        case .and(let inner, _), .network(let inner, _): inner.tellsFamily
        case .concat(let parts): parts.contains(where: \.tellsFamily)
        case .meta, .ct, .addressType: false
        }
    }
}

extension NFTValue {
    fileprivate var isOneNumber: Bool {
        switch self {
        case .keyword, .number: true
        default: false
        }
    }
}
