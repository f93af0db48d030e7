public import PacketModel

/// What a client dials: a protocol, and for those that have them the ports or the type of message.
///
/// Ports are those that the client dialled, so for a published port the one on the host (`-p 8080:80` is 8080).
public struct Service: Hashable, Sendable {
    package var node: ServiceNode

    package init(_ node: ServiceNode) { self.node = node }

    /// All of TCP.
    public static let tcp = Service(ServiceNode(protocolName: "tcp"))
    /// All of UDP.
    public static let udp = Service(ServiceNode(protocolName: "udp"))
    /// All of SCTP.
    public static let sctp = Service(ServiceNode(protocolName: "sctp"))
    /// All of ICMP for IPv4.
    public static let icmp = Service(ServiceNode(protocolName: "icmp"))
    /// All of ICMPv6.
    public static let icmpv6 = Service(ServiceNode(protocolName: "icmpv6"))

    /// TCP to these ports.
    public static func tcp(_ ports: PortSet) -> Service {
        Service(ServiceNode(protocolName: "tcp", ports: ports.expression))
    }
    /// UDP to these ports.
    public static func udp(_ ports: PortSet) -> Service {
        Service(ServiceNode(protocolName: "udp", ports: ports.expression))
    }
    /// SCTP to these ports.
    public static func sctp(_ ports: PortSet) -> Service {
        Service(ServiceNode(protocolName: "sctp", ports: ports.expression))
    }

    /// ICMP messages of a type; IPv4 only.
    public static func icmp(_ type: ICMPType) -> Service {
        Service(ServiceNode(protocolName: "icmp", icmp: ICMPNode(type: type.type, code: type.code)))
    }

    /// ICMPv6 messages of a type; IPv6 only.
    public static func icmpv6(_ type: ICMPv6Type) -> Service {
        Service(ServiceNode(protocolName: "icmpv6", icmp: ICMPNode(type: type.type, code: type.code)))
    }

    /// A protocol by its name in the IANA's list: `gre`, `esp`.
    public static func `protocol`(_ name: String) -> Service { Service(ServiceNode(protocolName: name)) }

    /// A protocol by its number, 0 to 255.
    public static func `protocol`(_ number: Int) -> Service { Service(ServiceNode(protocolName: String(number))) }
}
