extension NFTSet.Kind {
    /// The types as nft names them, one for each part: `ipv4_addr`.
    var names: [String] {
        switch self {
        case .ipv4: ["ipv4_addr"]
        case .ipv6: ["ipv6_addr"]
        case .port: ["inet_service"]
        case .mac: ["ether_addr"]
        case .interface: ["ifname"]
        case .other(let name): [name]
        case .concat(let parts): parts.flatMap(\.names)
        }
    }

    /// The parts of a concatenation; otherwise the kind itself.
    var parts: [NFTSet.Kind] { if case .concat(let parts) = self { parts } else { [self] } }

    /// The kind of a type of nft, or of several in a row.
    init(names: [String]) {
        let kinds = names.map(Self.single)
        self = kinds.count == 1 ? kinds[0] : .concat(kinds)
    }

    private static func single(_ name: String) -> NFTSet.Kind {
        let known: [NFTSet.Kind] = [.ipv4, .ipv6, .port, .mac, .interface]
        return known.first { $0.names == [name] } ?? .other(name)
    }
}

extension NFTExpression {
    /// What the values of the expression are, as far as their texts are concerned: addresses, names, or words and numbers.
    var kind: NFTSet.Kind {
        switch self {
        case .meta(.iifname), .meta(.oifname), .meta(.iif), .meta(.oif): .interface
        case .payload("ip", "saddr"), .payload("ip", "daddr"): .ipv4
        case .payload("ip6", "saddr"), .payload("ip6", "daddr"): .ipv6
        case .payload("ether", "saddr"), .payload("ether", "daddr"): .mac
        case .ct(.ipSource, _), .ct(.ipDestination, _): .ipv4
        case .ct(.ip6Source, _), .ct(.ip6Destination, _): .ipv6
        case .payload(_, "sport"), .payload(_, "dport"), .ct(.protoSource, _), .ct(.protoDestination, _): .port
        case .concat(let parts): .concat(parts.map(\.kind))
        case .meta, .payload, .ct, .addressType: .other("")
        case .and(let inner, _), .network(let inner, _): inner.kind
        }
    }

    /// Whether it is a register of bits with names, of which several may be set.
    var isFlags: Bool {
        switch self {
        case .ct(.state, _), .ct(.status, _), .payload("tcp", "flags"): true
        case .and(let inner, _): inner.isFlags
        default: false
        }
    }
}
