package import PacketModel

/// A statement of a rule; each case says the text that it stands for (nft(8), libnftables-json(5)).
package enum NFTStatement: Hashable, Sendable {
    /// `tcp dport 80`, `ct state new,related`, `iifname != "eth0"`
    case match(NFTExpression, NFTOperator, NFTValue)
    /// `limit rate 10/minute burst 5 packets`
    case limit(count: Int, unit: RateUnit, burst: Int)
    /// `quota 1000 bytes`
    case quota(bytes: UInt64)
    /// `log prefix "text" level warn`
    case log(prefix: String, level: LogLevel)
    /// `meta mark set meta mark & ~MASK | VALUE`
    case setMark(value: UInt32, mask: UInt32)
    /// `counter`
    case counter
    /// `accept`
    case accept
    /// `drop`
    case drop
    /// `return`
    case `return`
    /// `jump CHAIN`
    case jump(String)
    /// `goto CHAIN`
    case goto(String)
    /// `reject with tcp reset`, `reject with icmpx port-unreachable`
    case reject(type: String, code: String?)
}

/// How a match compares.
package enum NFTOperator: String, Hashable, Sendable {
    /// Equal, or in a set.
    case equal = "=="
    /// Not equal, or not in a set. Never with a flag or a list of flags: that compares the whole register.
    case notEqual = "!="
    /// Less.
    case less = "<"
    /// Any of some flags (`ct state new,related` in text).
    case anyOf = "in"
}

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

    /// Keys of `meta`.
    package enum Meta: String, Hashable, Sendable {
        case nfproto, l4proto, iifname, oifname, mark, pkttype, time
    }

    /// Keys of `ct`.
    package enum CT: String, Hashable, Sendable {
        case state, direction, status
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

    /// Whether it stands for more than one value.
    var isInterval: Bool {
        switch self {
        case .prefix, .range, .addressRange, .interface(.prefix): true
        default: false
        }
    }
}
