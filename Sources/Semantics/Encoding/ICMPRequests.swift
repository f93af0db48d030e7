internal import PacketModel

/// What conntrack takes for the first packet of an ICMP connection (`nf_conntrack_proto_icmp.c`, `…_icmpv6.c`).
enum ICMPRequests {
    /// The messages, with any code: echo, timestamp, information and address mask; for ICMPv6 echo and node information.
    static func messages(_ family: AddressFamily) -> IntervalSet<UInt16> {
        let types: [UInt16] = family == .ip ? [8, 13, 15, 17] : [128, 139]
        return IntervalSet(types.map { ($0 << 8)...($0 << 8 | 255) })
    }

    /// The protocols whose tuples hold zeros in place of ports: all but those with ports, the family's ICMP, and GRE.
    static func protocolsWithoutPorts(_ family: AddressFamily) -> IntervalSet<UInt8> {
        let known = IPProtocol.withPorts + [family.icmp, IPProtocol(rawValue: 47)]
        return IntervalSet(known.map { $0.rawValue...$0.rawValue }).complement
    }
}
