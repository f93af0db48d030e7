public import PacketModel

/// One low-level condition of a `Rule`: a field of the packet as netfilter sees it at the forward hook, and its values.
public struct Match: Hashable, Sendable {
    package var node: MatchNode

    init(_ field: MatchField, _ values: MatchNode.Values, interface: String? = nil) {
        node = MatchNode(field: field, values: values, interface: interface)
    }

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
    /// Of the flags in a mask exactly these are set (`--tcp-flags MASK SET`).
    public static func tcpFlags(_ set: TCPFlags, outOf mask: TCPFlags) -> Match {
        Match(.tcpFlags, .masked(mask: UInt32(mask.rawValue), value: UInt32(set.rawValue)))
    }
    /// A fragment other than the first (`-f`); IPv4 only.
    public static let laterFragment = Match(.fragment, .names(["later"]))
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
}

private func icmpText(_ type: Int, _ code: Int?) -> String { code.map { "\(type)/\($0)" } ?? "\(type)" }
