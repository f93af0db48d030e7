package import PacketModel

/// The left side of a match.
package enum NFTExpression: Hashable, Sendable {
    /// `meta l4proto`, `iifname`
    case meta(Meta)
    /// `ip saddr`, `tcp dport`
    case payload(String, String)
    /// `ct state`, `ct original proto-dst`, `ct original ip saddr`; never `saddr` without its family
    case ct(CT, original: Bool)
    /// `fib daddr . iif type`
    case addressType(side: String, interface: String?)
    /// `EXPRESSION & MASK`
    indirect case and(NFTExpression, UInt32)
    /// `ip saddr & 255.255.255.0`: the first bits of an address, to be looked up in a set
    indirect case network(NFTExpression, length: Int)
    /// `ip saddr . tcp dport`
    indirect case concat([NFTExpression])

    /// Keys of `meta`.
    package enum Meta: String, Hashable, Sendable {
        case nfproto, l4proto, iifname, oifname, mark, pkttype, time, length, iif, oif
        case proto = "protocol"
    }

    /// Keys of `ct`.
    package enum CT: String, Hashable, Sendable {
        case state, direction, status, mark
        case proto = "protocol"
        case protoSource = "proto-src"
        case protoDestination = "proto-dst"
        case ipSource = "ip saddr"
        case ipDestination = "ip daddr"
        case ip6Source = "ip6 saddr"
        case ip6Destination = "ip6 daddr"
    }
}

/// The right side of a match, or an element of a set.
///
/// There is no case for arbitrary text: libnftables would take it for the name of a host, and ask the resolver.
package enum NFTValue: Hashable, Sendable {
    /// A word of the language: `tcp`, `established`, `ipv4`.
    case keyword(String)
    /// The name of an interface, with `*` at the end for all that begin so.
    case interface(InterfacePattern)
    /// A number.
    case number(Int64)
    /// An address.
    case address(IPAddress)
    /// A network.
    case prefix(IPPrefix)
    /// A hardware address, 48 bits.
    case mac(UInt64)
    /// A range of numbers.
    case range(Int64, Int64)
    /// A range of addresses.
    case addressRange(IPAddress, IPAddress)
    /// `{ a, b }`, an anonymous set
    case set([NFTValue])
    /// `a,b`: several flags, with `anyOf`
    case flags([String])
    /// `@name`
    case named(String)
    /// `a . b`, a part for each of a concatenation
    case concat([NFTValue])

    /// Whether it stands for more than one value.
    var isInterval: Bool {
        switch self {
        case .prefix, .range, .addressRange, .interface(.prefix): true
        case .concat(let parts): parts.contains(where: \.isInterval)
        default: false
        }
    }
}
