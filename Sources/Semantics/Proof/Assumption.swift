/// What is true of packets that are forwarded on a host with connection tracking, but does not follow from the fields alone.
///
/// A proof uses one only when it fails without, and names it (`netfilter` hook order: defragmentation at -400, conntrack at
/// -200, DNAT at -100 before routing, SNAT behind the forward hook).
package enum Assumption: String, CaseIterable, Hashable, Sendable {
    /// Conntrack defragments, so that no rule sees a later fragment.
    case defragmented
    /// A packet of state new is in the original direction, and no reply was seen.
    case newIsOriginal = "new-is-original"
    /// Apart from ICMP errors, packets have the protocol of their connection.
    case protocolOfConnection = "protocol-of-connection"
    /// Apart from ICMP errors, in the original direction the source is that of the original tuple, since SNAT comes later.
    case sourceOfConnection = "source-of-connection"
    /// Apart from ICMP errors, in the original direction and without DNAT, the destination is that of the original tuple.
    case destinationOfConnection = "destination-of-connection"
    /// An ICMP connection is opened by a request, and what stands in the place of its ports is that request's type and code;
    /// connections of protocols without ports have zeros there (`nf_conntrack_proto_icmp.c`, `nf_conntrack_proto_generic.c`).
    case openedByRequest = "opened-by-request"
    /// No other table stands at the hook, so that what a base chain hands on is accepted.
    case noOtherTable = "no-other-table"
    /// What is forwarded is not for this host: the routing table does not call its destination local.
    case destinationNotLocal = "destination-not-local"

    /// The assumption in words, for reports.
    package var text: String {
        switch self {
        case .defragmented: "packets are defragmented before the rules see them (conntrack does that)"
        case .newIsOriginal: "a packet of state new is in the original direction, and its connection has seen no reply"
        case .protocolOfConnection: "a packet that is no ICMP error has the protocol of its connection"
        case .sourceOfConnection:
            "in the original direction, source address and port are those of the connection, but for ICMP errors (SNAT comes later)"
        case .destinationOfConnection:
            "in the original direction, without DNAT, destination address and port are those of the connection, but for ICMP errors"
        case .openedByRequest:
            "ICMP connections are opened by requests, whose type and code stand in place of their ports; other protocols without ports have zeros there"
        case .noOtherTable: "no other table stands at the hook, so that what leaves a base chain is accepted"
        case .destinationNotLocal: "a forwarded packet's destination is no address of this host"
        }
    }
}
