package import PacketModel

/// One match of a rule; each case says the text that it stands for (iptables(8), iptables-extensions(8)).
///
/// One case is one instance: the options of one `-m`. What is kept is what `iptables-save` prints, so that printing gives
/// back its bytes.
package enum IPTablesMatch: Hashable, Sendable {
    /// `-s 192.0.2.0/24`, `-s 10.0.0.2/255.0.0.255`
    case source(Negatable<IPMaskedAddress>)
    /// `-d 192.0.2.0/24`
    case destination(Negatable<IPMaskedAddress>)
    /// `-i eth0`, `-i br-+`
    case inInterface(Negatable<InterfacePattern>)
    /// `-o eth0`
    case outInterface(Negatable<InterfacePattern>)
    /// `-p tcp`
    case proto(Negatable<ProtocolWord>)
    /// `-f`; IPv4 only
    case fragment(isNegated: Bool)
    /// `-m tcp --sport 1:2 --dport 80 --tcp-flags FIN,SYN SYN --tcp-option 5`
    case tcp(TCPMatch)
    /// `-m udp --sport 1:2 --dport 80`, also for sctp and dccp
    case ports(IPProtocol, source: Negatable<PortRange>?, destination: Negatable<PortRange>?)
    /// `-m multiport --dports 80,443,8000:8010`; 15 slots, a range takes two
    case multiport(MultiportSide, Negatable<[PortRange]>)
    /// `-m icmp --icmp-type 8/0`, `-m icmp6 --icmpv6-type 128`, `-m icmp --icmp-type any`
    case icmp(Negatable<ICMPMessage>)
    /// `-m conntrack …`: the options of one instance belong together
    indirect case conntrack(ConntrackMatch)
    /// `-m state --state NEW,ESTABLISHED`
    case state(Negatable<ConntrackStateSet>)
    /// `-m iprange --src-range 192.0.2.1-192.0.2.9 --dst-range …`
    indirect case addressRange(source: Negatable<IPAddressRange>?, destination: Negatable<IPAddressRange>?)
    /// `-m mac --mac-source 00:11:22:33:44:55`; the 48 bits of the address
    case sourceMAC(Negatable<UInt64>)
    /// `-m mark --mark 0x1/0xff`; the value may have bits outside of the mask, and never matches then
    case mark(MaskedTest<UInt32>)
    /// `-m connmark --mark 0x1/0xff`
    case connectionMark(MaskedTest<UInt32>)
    /// `-m pkttype --pkt-type broadcast`; one type
    case packetType(Negatable<PacketTypeSet>)
    /// `-m addrtype --src-type LOCAL --limit-iface-in`
    case addressType(AddressTypeMatch)
    /// `-m length --length 100:200`
    case length(Negatable<ClosedRange<UInt16>>)
    /// `-m ttl --ttl-gt 1`, `-m hl --hl-eq 255`
    case hopLimit(HopLimitTest)
    /// `-m dscp --dscp 0x2e`
    case dscp(Negatable<UInt8>)
    /// `-m limit --limit 10/minute --limit-burst 7`
    case limit(count: Int, unit: RateUnit, burst: Int)
    /// `-m quota --quota 1000`
    case quota(bytes: UInt64)
    /// `-m time --datestop 2027-01-31T23:59:59` and nothing else: the last second that matches, UTC
    case timeUntil(lastSecond: Int64)
    /// `-m comment --comment "text"`
    case comment(String)
    /// A module whose meaning is no function of the modelled fields: `-m string --string "x" --algo bm --to 65535`, and
    /// `time`, `owner`, `policy`, `set`, `physdev`, `u32`, `recent`, `hashlimit`, `connlimit`, `statistic`
    case module(String, options: [IPTablesOption])

    /// Which ports `multiport` looks at.
    package enum MultiportSide: String, Hashable, Sendable {
        case source = "--sports"
        case destination = "--dports"
        /// Either of the two.
        case either = "--ports"
    }
}

/// A range of ports or other numbers as written; one whose end lies before its beginning is taken by iptables-legacy, and
/// holds nothing.
package struct PortRange: Hashable, Sendable {
    package var first: UInt16
    package var last: UInt16

    /// A range as written.
    package init(_ first: UInt16, _ last: UInt16) {
        self.first = first
        self.last = last
    }

    /// A range with a number in it.
    package init(_ range: ClosedRange<UInt16>) { self.init(range.lowerBound, range.upperBound) }

    /// The numbers in it; `nil` if there are none.
    package var range: ClosedRange<UInt16>? { first <= last ? first...last : nil }
}

/// An address under a mask of any bits: `192.0.2.0/24`, `10.0.0.2/255.0.0.255`; bits outside of the mask are zero.
package struct IPMaskedAddress: Hashable, Sendable {
    package var address: IPAddress
    /// Of the address's family.
    package var mask: IPAddress

    /// An address with the bits that count; the others are cleared, as iptables does.
    ///
    /// - Returns: `nil` if the families differ.
    package init?(_ address: IPAddress, mask: IPAddress) {
        switch (address, mask) {
        case (.v4(let a), .v4(let m)): self.address = .v4(a & m)
        case (.v6(let a), .v6(let m)): self.address = .v6(a & m)
        default: return nil
        }
        self.mask = mask
    }

    /// A network.
    package init(_ prefix: IPPrefix) {
        address = prefix.address
        switch prefix.address.family {
        case .ip: mask = .v4(prefix.length == 0 ? 0 : ~0 << UInt32(32 - prefix.length))
        case .ip6: mask = .v6(prefix.length == 0 ? 0 : ~0 << UInt128(128 - prefix.length))
        }
    }

    /// The network, if the mask is one of leading ones.
    package var prefix: IPPrefix? {
        let (length, isPrefix) =
            switch mask {
            case .v4(let m): ((~m).leadingZeroBitCount, m.nonzeroBitCount == (~m).leadingZeroBitCount)
            case .v6(let m): ((~m).leadingZeroBitCount, m.nonzeroBitCount == (~m).leadingZeroBitCount)
            }
        return isPrefix ? IPPrefix(address, length: length) : nil
    }
}

/// A protocol as it is written: by a name, or by its number.
package struct ProtocolWord: Hashable, Sendable {
    package var number: UInt8
    /// The name, if that is what stands there.
    package var name: String?

    /// A protocol as written.
    package init(number: UInt8, name: String? = nil) {
        self.number = number
        self.name = name
    }

    /// A protocol by the name that iptables knows without `/etc/protocols` (`xtables_chain_protos`), or by its number.
    package init(_ proto: IPProtocol) {
        number = proto.rawValue
        switch proto {
        case .tcp: name = "tcp"
        case .udp: name = "udp"
        case .icmp, .sctp, .dccp: name = proto.name
        case .icmpv6: name = "ipv6-icmp"
        default: name = nil
        }
    }

    /// The protocol.
    package var proto: IPProtocol { IPProtocol(rawValue: number) }
}

/// One instance of `-m tcp`.
package struct TCPMatch: Hashable, Sendable {
    /// The text `--sport 1:2`.
    package var source: Negatable<PortRange>?
    /// The text `--dport 80`.
    package var destination: Negatable<PortRange>?
    /// The text `--tcp-flags FIN,SYN SYN`.
    package var flags: Negatable<Flags>?
    /// The text `--tcp-option 5`.
    package var option: Negatable<UInt8>?

    /// Of the flags in a mask exactly these are set.
    package struct Flags: Hashable, Sendable {
        package var mask: TCPFlags
        package var set: TCPFlags

        /// Flags.
        package init(mask: TCPFlags, set: TCPFlags) {
            self.mask = mask
            self.set = set
        }
    }

    /// An instance with these options.
    package init(
        source: Negatable<PortRange>? = nil, destination: Negatable<PortRange>? = nil,
        flags: Negatable<Flags>? = nil, option: Negatable<UInt8>? = nil
    ) {
        self.source = source
        self.destination = destination
        self.flags = flags
        self.option = option
    }
}

/// Type and codes of an ICMP or ICMPv6 message.
package struct ICMPMessage: Hashable, Sendable {
    package var isIPv6: Bool
    /// 255 for IPv4 is any message, whatever the code.
    package var type: UInt8
    /// `nil` for all.
    package var code: UInt8?

    /// A type with its code.
    package init(isIPv6: Bool, type: UInt8, code: UInt8?) {
        self.isIPv6 = isIPv6
        self.type = type
        self.code = code
    }
}

/// A test of the time to live (`-m ttl`) or of the hop limit (`-m hl`), by the family.
package struct HopLimitTest: Hashable, Sendable {
    /// How it compares.
    package enum Comparison: String, Hashable, Sendable {
        case equal = "eq"
        case notEqual = "ne"
        case less = "lt"
        case greater = "gt"
    }

    package var comparison: Comparison
    package var value: UInt8
    package var isIPv6: Bool

    /// A test.
    package init(_ comparison: Comparison, _ value: UInt8, isIPv6: Bool) {
        self.comparison = comparison
        self.value = value
        self.isIPv6 = isIPv6
    }
}

/// One instance of `-m conntrack`: for a packet without an entry `--ctstate` alone decides, if it is there.
package struct ConntrackMatch: Hashable, Sendable {
    /// `--ctstate NEW,ESTABLISHED`; with the virtual states `SNAT` and `DNAT`.
    package var state: Negatable<States>?
    /// The text `--ctproto tcp`; printed by its number.
    package var originalProtocol: Negatable<IPProtocol>?
    /// The text `--ctorigsrc 192.0.2.0/24`.
    package var originalSource: Negatable<IPMaskedAddress>?
    /// The text `--ctorigdst 192.0.2.0/24`.
    package var originalDestination: Negatable<IPMaskedAddress>?
    /// The text `--ctreplsrc 192.0.2.0/24`.
    package var replySource: Negatable<IPMaskedAddress>?
    /// The text `--ctrepldst 192.0.2.0/24`.
    package var replyDestination: Negatable<IPMaskedAddress>?
    /// The text `--ctorigsrcport 1:2`.
    package var originalSourcePort: Negatable<PortRange>?
    /// The text `--ctorigdstport 80`.
    package var originalDestinationPort: Negatable<PortRange>?
    /// The text `--ctreplsrcport 1:2`.
    package var replySourcePort: Negatable<PortRange>?
    /// The text `--ctrepldstport 80`.
    package var replyDestinationPort: Negatable<PortRange>?
    /// The text `--ctstatus ASSURED,CONFIRMED`: any of them; with none of them (`NONE`) it never matches.
    package var status: Negatable<ConntrackStatus>?
    /// The text `--ctexpire 10:20`, in seconds.
    package var expiry: Negatable<ClosedRange<UInt32>>?
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

/// An option of a module, with its values: `! --string "x"`.
package struct IPTablesOption: Hashable, Sendable {
    /// With its dashes.
    package var name: String
    package var isNegated: Bool
    /// As `iptables-save` prints them, without their quotes.
    package var values: [String]
    /// Whether `iptables-save` puts the last value in quotes, whatever it is.
    package var isQuoted: Bool

    /// An option.
    package init(_ name: String, _ values: [String] = [], isNegated: Bool = false, isQuoted: Bool = false) {
        self.name = name
        self.isNegated = isNegated
        self.values = values
        self.isQuoted = isQuoted
    }
}
