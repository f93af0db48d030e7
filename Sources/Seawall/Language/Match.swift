public import PacketModel

/// One low-level condition of a `Rule`: a field of the packet as netfilter sees it at the forward hook, and its values.
public struct Match: Hashable, Sendable {
    package var node: MatchNode

    init(_ field: MatchField, _ values: MatchNode.Values, interface: String? = nil) {
        node = MatchNode(field: field, values: values, interface: interface)
    }

    /// The condition holds, or the packet lacks the field: netfilter has no word for it, but several rules say it.
    public var orAbsent: Match {
        var copy = self
        copy.node.allowsAbsent = true
        return copy
    }

    /// Any of several lists of conditions, of each of which all hold.
    ///
    /// ```swift
    /// Rule(.drop, .inInterface("eth0"), .anyOf([.protocol("tcp"), .destinationPort(53)], [.protocol("icmp")]))
    /// ```
    public static func anyOf(_ alternatives: [Match]...) -> Match {
        Match(.anyOf, .alternatives(alternatives.map { $0.map(\.node) }))
    }

    /// What follows is asked behind what stands before: two conditions on one interface that are no list of names together.
    public static let then = Match(.then, .names([]))

    /// No packet: the rule is there, and never matches.
    public static let never = Match(.never, .names([]))

    /// netfilter's `!`: the field is there, and the condition does not hold.
    public static func not(_ match: Match) -> Match {
        var copy = match
        copy.node.isNegated.toggle()
        return copy
    }

    // MARK: - The packet

    /// The address family.
    public static func family(_ family: AddressFamily) -> Match { Match(.family, .names([family.rawValue])) }
    /// The interface at which the packet entered (`-i`).
    public static func inInterface(_ interfaces: InterfaceSelection) -> Match {
        Match(.inInterface, .interfaces(interfaces.expression))
    }
    /// The interface at which the packet will leave (`-o`).
    public static func outInterface(_ interfaces: InterfaceSelection) -> Match {
        Match(.outInterface, .interfaces(interfaces.expression))
    }
    /// The source address (`-s`).
    public static func source(_ set: AddressSet) -> Match { Match(.source, .addresses(set.expression)) }
    /// The destination address after DNAT (`-d`).
    public static func destination(_ set: AddressSet) -> Match { Match(.destination, .addresses(set.expression)) }
    /// The layer 4 protocol, by name or number (`-p`); under IPv6 that of the last header.
    public static func `protocol`(_ names: String...) -> Match { Match(.proto, .names(names)) }
    /// The source port (`--sport`); needs a protocol that has ports.
    public static func sourcePort(_ ports: PortSet) -> Match { Match(.sourcePort, .ports(ports.expression)) }
    /// The destination port after DNAT (`--dport`); needs a protocol that has ports.
    public static func destinationPort(_ ports: PortSet) -> Match { Match(.destinationPort, .ports(ports.expression)) }
    /// The type, and perhaps code, of an ICMP message.
    public static func icmpType(_ types: ICMPType...) -> Match {
        Match(.icmpType, .names(types.map { icmpText($0.type, $0.code) }))
    }
    /// The type, and perhaps code, of an ICMPv6 message.
    public static func icmpv6Type(_ types: ICMPv6Type...) -> Match {
        Match(.icmpv6Type, .names(types.map { icmpText($0.type, $0.code) }))
    }
    /// Types and codes of ICMP or ICMPv6 messages as the numbers `type << 8 | code`.
    public static func icmpMessage(_ messages: NumberSet) -> Match {
        Match(.icmpMessage, .numbers(messages.expression))
    }
    /// Of the flags in a mask exactly these are set (`--tcp-flags MASK SET`).
    public static func tcpFlags(_ set: TCPFlags, outOf mask: TCPFlags) -> Match {
        Match(.tcpFlags, .masked(mask: UInt32(mask.rawValue), value: UInt32(set.rawValue)))
    }
    /// A fragment other than the first (`-f`); IPv4 only.
    public static let laterFragment = Match(.fragment, .names(["later"]))
    /// A fragment other than the first, of either family.
    public static let laterFragmentOfAnyFamily = Match(.laterFragment, .names(["later"]))
    /// The length in bytes from the IP header on (`-m length`).
    public static func length(_ bytes: NumberSet) -> Match { Match(.length, .numbers(bytes.expression)) }
    /// The time to live, or hop limit (`-m ttl`, `-m hl`).
    public static func hopLimit(_ hops: NumberSet) -> Match { Match(.hopLimit, .numbers(hops.expression)) }
    /// The differentiated services code point, 0 to 63 (`-m dscp`).
    public static func dscp(_ points: NumberSet) -> Match { Match(.dscp, .numbers(points.expression)) }
    /// The source address on the Ethernet link: `"00:11:22:33:44:55"`, or a range of two (`-m mac --mac-source`).
    public static func sourceMAC(_ addresses: String...) -> Match { Match(.sourceMAC, .names(addresses)) }
    /// The source address on the Ethernet link is one of many.
    public static func sourceMAC(_ addresses: [String]) -> Match { Match(.sourceMAC, .names(addresses)) }
    /// The packet's mark under a mask (`-m mark --mark VALUE/MASK`).
    public static func mark(_ value: UInt32, mask: UInt32 = .max) -> Match {
        Match(.mark, .masked(mask: mask, value: value))
    }
    /// To whom the packet was addressed on its link (`-m pkttype`).
    public static func packetType(_ types: PacketTypeSet) -> Match { Match(.packetType, .names(types.names)) }
    /// What the routing table says of the source (`-m addrtype --src-type`).
    public static func sourceType(_ types: AddressTypeSet, limitedTo interface: Interface? = nil) -> Match {
        Match(.sourceType, .names(types.names), interface: interface?.rawValue)
    }
    /// What the routing table says of the destination (`-m addrtype --dst-type`).
    public static func destinationType(_ types: AddressTypeSet, limitedTo interface: Interface? = nil) -> Match {
        Match(.destinationType, .names(types.names), interface: interface?.rawValue)
    }

    /// An interface of the packet, to which a look-up in the routing table is limited.
    public enum Interface: String, Hashable, Sendable {
        /// The one at which it entered.
        case `in`
        /// The one at which it will leave.
        case out
    }

    // MARK: - The connection

    /// What conntrack says of the packet (`--ctstate`).
    public static func state(_ states: ConntrackStateSet) -> Match { Match(.state, .names(states.names)) }
    /// The direction in the connection (`--ctdir`).
    public static func direction(_ direction: ConntrackDirectionSet) -> Match {
        Match(.direction, .names(direction.names))
    }
    /// Any of these bits of the connection's status is set (`--ctstatus`; for the translated, `--ctstate SNAT,DNAT`).
    public static func status(_ status: ConntrackStatus) -> Match { Match(.status, .names(status.names)) }
    /// Of the bits in a mask exactly these are set in the connection's status.
    public static func status(_ set: ConntrackStatus, outOf mask: ConntrackStatus) -> Match {
        Match(.status, .masked(mask: mask.rawValue, value: set.rawValue))
    }
    /// The connection's mark under a mask (`-m connmark --mark VALUE/MASK`).
    public static func connectionMark(_ value: UInt32, mask: UInt32 = .max) -> Match {
        Match(.connectionMark, .masked(mask: mask, value: value))
    }
    /// The source with which the connection was opened (`--ctorigsrc`).
    public static func originalSource(_ set: AddressSet) -> Match { Match(.originalSource, .addresses(set.expression)) }
    /// The destination that was dialled (`--ctorigdst`).
    public static func originalDestination(_ set: AddressSet) -> Match {
        Match(.originalDestination, .addresses(set.expression))
    }
    /// The protocol of the connection (`--ctproto`); differs from the packet's for ICMP errors.
    public static func originalProtocol(_ names: String...) -> Match { Match(.originalProtocol, .names(names)) }
    /// The source port with which the connection was opened (`--ctorigsrcport`).
    public static func originalSourcePort(_ ports: PortSet) -> Match {
        Match(.originalSourcePort, .ports(ports.expression))
    }
    /// The port that was dialled (`--ctorigdstport`): 16 bits of the tuple, whatever the protocol.
    public static func originalDestinationPort(_ ports: PortSet) -> Match {
        Match(.originalDestinationPort, .ports(ports.expression))
    }

    // MARK: - What is no field of the packet

    /// The clock stands before an instant, in UTC: `"2027-01-31T18:00:00Z"`, or the end of a day.
    public static func before(_ date: String) -> Match { Match(.before, .names([date])) }
    /// A match of iptables that keeps no state, with its options: `.module("string", "--string", "x", "--algo", "bm")`.
    public static func module(_ name: String, _ words: String...) -> Match {
        Match(.module, .module(ModuleNode(name, words)))
    }
    /// A match of iptables that keeps a state: `.statefulModule("recent", "--name", "ssh", "--set")`.
    public static func statefulModule(_ name: String, _ words: String...) -> Match {
        Match(.statefulModule, .module(ModuleNode(name, words)))
    }
    /// At most so many packets (`-m limit`).
    ///
    /// What follows it is asked behind it, of the packets within the rate alone.
    public static func limit(_ rate: Rate) -> Match { Match(.limit, .rate(rate.node, isOver: false)) }
    /// The packets beyond a rate (nft `limit rate over`).
    public static func over(_ rate: Rate) -> Match { Match(.limit, .rate(rate.node, isOver: true)) }
    /// So many bytes in all (`-m quota`).
    public static func quota(bytes: UInt64) -> Match { Match(.quota, .bytes(bytes)) }
}

private func icmpText(_ type: Int, _ code: Int?) -> String { code.map { "\(type)/\($0)" } ?? "\(type)" }
