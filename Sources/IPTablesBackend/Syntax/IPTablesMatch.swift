package import PacketModel

/// One match of a rule; each case says the text that it stands for (iptables(8), iptables-extensions(8)).
package enum IPTablesMatch: Hashable, Sendable {
    /// `-s 192.0.2.0/24`
    case source(Negatable<IPPrefix>)
    /// `-d 192.0.2.0/24`
    case destination(Negatable<IPPrefix>)
    /// `-i eth0`, `-i br-+`
    case inInterface(Negatable<InterfacePattern>)
    /// `-o eth0`
    case outInterface(Negatable<InterfacePattern>)
    /// `-p tcp`
    case proto(Negatable<IPProtocol>)
    /// `-f`; IPv4 only
    case fragment(isNegated: Bool)
    /// `-m tcp --sport 1:2 --dport 80`, also for udp, sctp and dccp
    case ports(IPProtocol, source: Negatable<ClosedRange<UInt16>>?, destination: Negatable<ClosedRange<UInt16>>?)
    /// `-m tcp --tcp-flags FIN,SYN SYN`
    case tcpFlags(mask: TCPFlags, set: TCPFlags, isNegated: Bool)
    /// `-m multiport --dports 80,443,8000:8010`; 15 slots, a range takes two
    case multiport(MultiportSide, Negatable<[ClosedRange<UInt16>]>)
    /// `-m icmp --icmp-type 8/0`, `-m icmp6 --icmpv6-type 128`
    case icmp(Negatable<ICMPMessage>)
    /// `-m conntrack …`: the options of one instance belong together
    case conntrack(ConntrackMatch)
    /// `-m iprange --src-range 192.0.2.1-192.0.2.9`
    case sourceRange(Negatable<IPAddressRange>)
    /// `-m iprange --dst-range 192.0.2.1-192.0.2.9`
    case destinationRange(Negatable<IPAddressRange>)
    /// `-m mark --mark 0x1/0xff`
    case mark(MaskedTest<UInt32>)
    /// `-m pkttype --pkt-type broadcast`; one type
    case packetType(Negatable<PacketTypeSet>)
    /// `-m addrtype --src-type LOCAL --limit-iface-in`
    case addressType(AddressTypeMatch)
    /// `-m limit --limit 10/minute --limit-burst 5`
    case limit(count: Int, unit: RateUnit, burst: Int)
    /// `-m quota --quota 1000`
    case quota(bytes: UInt64)
    /// `-m time --datestop 2027-01-31T23:59:59`: the last second that matches, UTC
    case timeUntil(lastSecond: Int64)
    /// `-m comment --comment "text"`
    case comment(String)

    /// Which ports `multiport` looks at.
    package enum MultiportSide: String, Hashable, Sendable {
        case source = "--sports"
        case destination = "--dports"
    }
}

/// Type and code of an ICMP or ICMPv6 message; without a code any.
package struct ICMPMessage: Hashable, Sendable {
    package var isIPv6: Bool
    package var type: UInt8
    package var code: UInt8?

    /// A type with its code.
    package init(isIPv6: Bool, type: UInt8, code: UInt8?) {
        self.isIPv6 = isIPv6
        self.type = type
        self.code = code
    }
}

/// One instance of `-m conntrack`: for a packet without an entry `--ctstate` alone decides, if it is there.
package struct ConntrackMatch: Hashable, Sendable {
    /// `--ctstate NEW,ESTABLISHED`; with the virtual states `SNAT` and `DNAT`.
    package var state: Negatable<States>?
    /// The text `--ctproto tcp`.
    package var originalProtocol: Negatable<IPProtocol>?
    /// The text `--ctorigsrc 192.0.2.0/24`.
    package var originalSource: Negatable<IPPrefix>?
    /// The text `--ctorigdst 192.0.2.0/24`.
    package var originalDestination: Negatable<IPPrefix>?
    /// The text `--ctorigsrcport 1:2`.
    package var originalSourcePort: Negatable<ClosedRange<UInt16>>?
    /// The text `--ctorigdstport 80`.
    package var originalDestinationPort: Negatable<ClosedRange<UInt16>>?
    /// The text `--ctstatus ASSURED,CONFIRMED`: any of them.
    package var status: Negatable<ConntrackStatus>?
    /// The text `--ctdir ORIGINAL`.
    package var direction: ConntrackDirectionSet?

    /// Real states, and the virtual ones for translated connections.
    package struct States: Hashable, Sendable {
        package var states: ConntrackStateSet
        package var translated: ConntrackStatus

        /// States, and which of SNAT and DNAT.
        package init(_ states: ConntrackStateSet, translated: ConntrackStatus = []) {
            self.states = states
            self.translated = translated
        }
    }

    /// An instance without options.
    package init() {}

    /// Whether nothing is asked.
    package var isEmpty: Bool { self == ConntrackMatch() }
}

/// One instance of `-m addrtype`.
package struct AddressTypeMatch: Hashable, Sendable {
    /// The text `--src-type LOCAL`.
    package var source: Negatable<AddressTypeSet>?
    /// The text `--dst-type LOCAL,BROADCAST`.
    package var destination: Negatable<AddressTypeSet>?
    /// The text `--limit-iface-in` or `--limit-iface-out`.
    package var limitedTo: Interface?

    /// The two interfaces.
    package enum Interface: String, Hashable, Sendable {
        case `in` = "--limit-iface-in"
        case out = "--limit-iface-out"
    }

    /// An instance without options.
    package init() {}
}

/// What becomes of a packet that a rule matches.
package enum IPTablesTarget: Hashable, Sendable {
    /// `-j ACCEPT`
    case accept
    /// `-j DROP`
    case drop
    /// `-j RETURN`
    case `return`
    /// `-j REJECT --reject-with icmp-port-unreachable`
    case reject(with: String)
    /// `-j LOG --log-prefix "text" --log-level 4`
    case log(prefix: String, level: Int)
    /// `-j MARK --set-xmark 0x1/0x1`
    case setMark(value: UInt32, mask: UInt32)
    /// `-j CHAIN`
    case jump(String)
    /// `-g CHAIN`
    case goto(String)
}
