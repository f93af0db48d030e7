package import PacketModel

/// A packet as people describe it: a connection and the packet's part in it, or the packet itself.
///
/// What is not said has a default, which `unsaid` names; `state(at:)` has all that a rule can ask.
package struct PacketDescription: Hashable, Sendable {
    /// One end of a connection or a packet: `203.0.113.9:40000`.
    package struct Endpoint: Hashable, Sendable {
        /// The address.
        package var address: IPAddress
        /// The port, where one is given.
        package var port: UInt16?

        /// An end.
        package init(_ address: IPAddress, port: UInt16? = nil) {
            self.address = address
            self.port = port
        }
    }

    /// What conntrack takes the packet for.
    package enum Standing: String, CaseIterable, Hashable, Sendable {
        case new
        case established
        /// It belongs to a connection that another one announced.
        case related
        /// It is an ICMP error about the connection that is described.
        case relatedError = "related-icmp"
        case invalid
        case untracked
    }

    /// Where packets to the dialled address go.
    package enum Route: Hashable, Sendable {
        /// To a container, by DNAT: 172.17.0.2 or 2001:db8:1::2, at the port that was dialled.
        case published
        /// To this end, by DNAT; without a port to the one that was dialled.
        case to(Endpoint)
    }

    /// A conntrack entry that is given in full.
    package struct Connection: Hashable, Sendable {
        /// The protocol of the original tuple.
        package var proto: IPProtocol
        /// Its source.
        package var source: Endpoint
        /// Its destination.
        package var destination: Endpoint
    }

    /// The protocol: of the connection, or of the packet where that is described itself.
    package var proto: IPProtocol
    /// Type and code of a message of the family's ICMP as `type << 8 | code`.
    package var icmp: UInt16?
    /// Who dials; or where the packet comes from.
    package var source: Endpoint
    /// What is dialled; or where the packet goes.
    package var destination: Endpoint
    /// What conntrack takes it for.
    package var standing: Standing?
    /// Whether `standing` is `invalid` because nothing is said of it, and the message opens no connection.
    package var isTakenForInvalid = false
    /// The way of the packet in its connection; exactly one.
    package var direction: ConntrackDirectionSet?
    /// The DNAT; none where this is `nil`.
    package var route: Route?
    /// The entry in full; with it, `source` and `destination` are the packet's.
    package var connection: Connection?
    /// Type and code of a related error.
    package var error: UInt16?
    /// The status bits of the entry.
    package var status: ConntrackStatus?
    /// Where the packet enters.
    package var inInterface: String?
    /// Where it leaves.
    package var outInterface: String?
    /// The flags of the TCP header.
    package var tcpFlags: TCPFlags?
    /// Whether it is a fragment other than the first.
    package var isLaterFragment = false
    /// The length in bytes.
    package var length: UInt32?
    /// The time to live, or hop limit.
    package var hopLimit: UInt8?
    /// The differentiated services code point; less than 64.
    package var dscp: UInt8?
    /// The source address on an Ethernet link, 48 bits.
    package var sourceMAC: UInt64?
    /// The mark.
    package var mark: UInt32?
    /// The mark of the connection.
    package var connectionMark: UInt32?
    /// To whom it was addressed on its link.
    package var packetType: PacketTypeSet?
    /// What the routing table says.
    package var addressTypes: [AddressTypeQuestion: AddressTypeSet] = [:]
    /// The clock.
    package var time: Int64?

    /// A packet of which no more is said than this.
    package init(_ proto: IPProtocol, from source: Endpoint, to destination: Endpoint) {
        self.proto = proto
        self.source = source
        self.destination = destination
    }
}

extension PacketDescription {
    /// Whether `source` and `destination` are those of the packet, and not those of its connection.
    package var isOfPacketItself: Bool {
        connection != nil || standing == .invalid || standing == .untracked
    }

    /// The family of its addresses.
    package var family: AddressFamily { source.address.family }

    /// Whether it is a message of the family's ICMP that is no request, and nothing is said of a connection but perhaps its
    /// state and direction: conntrack opens none for it (`nf_conntrack_proto_icmp.c`).
    var opensNothing: Bool {
        guard proto == family.icmp, let icmp, !isLaterFragment else { return false }
        let isAlone = route == nil && connection == nil && status == nil && connectionMark == nil
        return isAlone && !ICMPRequests.messages(family).contains(icmp)
    }
}

extension IPProtocol {
    /// The name where it is the usual one in a family: ICMP of the other family is a number.
    func name(in family: AddressFamily) -> String {
        let isForeign = self == (family == .ip ? .icmpv6 : .icmp)
        return isForeign ? String(rawValue) : name
    }
}
