import IPTablesBackend
import PacketModel
import Testing

/// Each node of the syntax is printed as its documentation says.
struct IPTablesPrinterTests {
    private static func prefix(_ text: String) -> IPMaskedAddress {
        let parts = text.split(separator: "/")
        guard let address = IPAddress(parts[0]), let length = Int(parts[1]),
            let prefix = IPPrefix(address, length: length)
        else {
            preconditionFailure("\(text) is no network")
        }
        return IPMaskedAddress(prefix)
    }

    private static func range(_ text: String) -> IPAddressRange {
        (try? IPAddressRange(text: text)) ?? IPAddressRange(.v4(0))
    }

    private static func conntrack(_ change: (inout ConntrackMatch) -> Void) -> IPTablesMatch {
        var match = ConntrackMatch()
        change(&match)
        return .conntrack(match)
    }

    private static func addressType(_ change: (inout AddressTypeMatch) -> Void) -> IPTablesMatch {
        var match = AddressTypeMatch()
        change(&match)
        return .addressType(match)
    }

    static let matches: [(IPTablesMatch, String)] = [
        (.source(Negatable(prefix("192.0.2.0/24"))), "-s 192.0.2.0/24"),
        (.destination(Negatable(prefix("2001:db8::/32"), isNegated: true)), "! -d 2001:db8::/32"),
        (.inInterface(Negatable(.prefix("br-"))), "-i br-+"),
        (.outInterface(Negatable(.exact("eth0"), isNegated: true)), "! -o eth0"),
        (.proto(Negatable(ProtocolWord(.tcp))), "-p tcp"), (.proto(Negatable(ProtocolWord(.icmpv6))), "-p ipv6-icmp"),
        (.proto(Negatable(ProtocolWord(number: 47), isNegated: true)), "! -p 47"),
        (.fragment(isNegated: false), "-f"), (.fragment(isNegated: true), "! -f"),
        (
            .ports(
                .tcp, source: Negatable(PortRange(1, 2)), destination: Negatable(PortRange(80, 80), isNegated: true)),
            "-m tcp --sport 1:2 ! --dport 80"
        ),
        (.ports(.udp, source: nil, destination: Negatable(PortRange(53, 53))), "-m udp --dport 53"),
        (
            .tcp(TCPMatch(flags: Negatable(TCPMatch.Flags(mask: [.fin, .syn], set: .syn), isNegated: false))),
            "-m tcp --tcp-flags FIN,SYN SYN"
        ),
        (
            .tcp(TCPMatch(flags: Negatable(TCPMatch.Flags(mask: .syn, set: []), isNegated: true))),
            "-m tcp ! --tcp-flags SYN NONE"
        ),
        (
            .multiport(.destination, Negatable([PortRange(80, 80), PortRange(443, 443), PortRange(8000, 8010)])),
            "-m multiport --dports 80,443,8000:8010"
        ),
        (.multiport(.source, Negatable([PortRange(1, 1)], isNegated: true)), "-m multiport ! --sports 1"),
        (.icmp(Negatable(ICMPMessage(isIPv6: false, type: 8, code: 0))), "-m icmp --icmp-type 8/0"),
        (
            .icmp(Negatable(ICMPMessage(isIPv6: true, type: 128, code: nil), isNegated: true)),
            "-m icmp6 ! --icmpv6-type 128"
        ),
        (
            conntrack {
                $0.state = Negatable(ConntrackMatch.States([.new, .invalid], translated: [.dnat]), isNegated: true)
                $0.originalProtocol = Negatable(.udp)
                $0.originalSource = Negatable(prefix("10.0.0.0/8"), isNegated: true)
                $0.originalDestination = Negatable(prefix("192.0.2.1/32"))
                $0.originalSourcePort = Negatable(PortRange(1, 2))
                $0.originalDestinationPort = Negatable(PortRange(80, 80), isNegated: true)
                $0.status = Negatable([.seenReply, .assured])
                $0.direction = .reply
            },
            "-m conntrack ! --ctstate INVALID,NEW,DNAT --ctproto 17 ! --ctorigsrc 10.0.0.0/8 --ctorigdst 192.0.2.1 --ctorigsrcport 1:2 ! --ctorigdstport 80 --ctstatus SEEN_REPLY,ASSURED --ctdir REPLY"
        ),
        (
            .addressRange(source: Negatable(range("192.0.2.1-192.0.2.9")), destination: nil),
            "-m iprange --src-range 192.0.2.1-192.0.2.9"
        ),
        (
            .addressRange(source: nil, destination: Negatable(range("::1-::9"), isNegated: true)),
            "-m iprange ! --dst-range ::1-::9"
        ),
        (.mark(MaskedTest(mask: 0xff, value: 1, isNegated: true)), "-m mark ! --mark 0x1/0xff"),
        (.packetType(Negatable(.host)), "-m pkttype --pkt-type unicast"),
        (
            addressType {
                $0.source = Negatable(.local)
                $0.destination = Negatable([.local, .broadcast], isNegated: true)
                $0.limitedTo = .in
            }, "-m addrtype --src-type LOCAL ! --dst-type LOCAL,BROADCAST --limit-iface-in"
        ),
        (.limit(count: 10, unit: .minute, burst: 5), "-m limit --limit 10/min"),
        (.limit(count: 1, unit: .second, burst: 7), "-m limit --limit 1/sec --limit-burst 7"), (.quota(bytes: 1000), "-m quota --quota 1000"),
        (.timeUntil(lastSecond: 1_801_439_999), "-m time --datestop 2027-01-31T23:59:59"),
        (.timeUntil(lastSecond: 951_782_400), "-m time --datestop 2000-02-29T00:00:00"),
        (.comment("it's \"quoted\" \\ so"), "-m comment --comment \"it\\'s \\\"quoted\\\" \\\\ so\""),
        (.comment("\"\u{301}"), "-m comment --comment \"\\\"\u{301}\""),
    ]

    @Test func matchesArePrintedAsDocumented() {
        for (match, text) in Self.matches { #expect(IPTablesRule([match], target: nil).text == " " + text) }
    }

    @Test func targetsArePrintedAsDocumented() {
        let targets: [(IPTablesTarget, String)] = [
            (.accept, "-j ACCEPT"), (.drop, "-j DROP"), (.return, "-j RETURN"),
            (.reject(with: "tcp-reset"), "-j REJECT --reject-with tcp-reset"),
            (.log(LogTarget(prefix: "a \"b\" ", level: 4)), "-j LOG --log-prefix \"a \\\"b\\\" \""),
            (.log(LogTarget(prefix: "", level: 7)), "-j LOG --log-level 7"),
            (.setMark(value: 1, mask: 0xff), "-j MARK --set-xmark 0x1/0xff"), (.jump("A"), "-j A"),
            (.goto("A"), "-g A"),
        ]
        for (target, text) in targets { #expect(IPTablesRule(target: target).text == " " + text) }
    }

    @Test func documentsArePrintedLineByLine() {
        let document = IPTablesDocument(
            family: .ip, header: ["first", "second"],
            lines: [
                .chain("A"), .append("A", IPTablesRule(target: .drop)),
                .insert("B", position: 1, IPTablesRule(target: .jump("A"))),
                .delete("B", words: ["-m", "comment", "--comment", "a \"b\"", "-j", "X"]), .deleteChain("X"),
                .appendWords("B", words: ["-s", "192.0.2.1/32", "-j", "DROP"]),
            ])
        #expect(
            document.text == """
                # first
                # second
                *filter
                :A - [0:0]
                -A A -j DROP
                -I B 1 -j A
                -D B -m comment --comment "a \\"b\\"" -j X
                -X X
                -A B -s 192.0.2.1/32 -j DROP
                COMMIT

                """)
    }
}
