import Diagnostics
import IPTablesBackend
import PacketModel
import Testing

/// Rules as people write them, in the form that iptables-legacy-save prints; rows in the manner of iptables' own tests.
///
/// What is expected was seen with iptables-legacy 1.8.9.
struct CommandReaderTests {
    private func read(_ rule: String, _ family: AddressFamily = .ip) -> IPTablesReading {
        let text = "*filter\n:FORWARD ACCEPT [0:0]\n:USERS - [0:0]\n-A FORWARD \(rule)\nCOMMIT\n"
        return IPTablesReader.read(Array(text.utf8), file: "rules", family: family)
    }

    private func rules(_ reading: IPTablesReading) -> [String] {
        reading.files.flatMap { $0.table("filter")?.chain("FORWARD")?.rules ?? [] }.map { rule in
            guard case .rule(let rule) = rule.content else { return "refused" }
            return String(rule.text.dropFirst())
        }
    }

    /// `=` stands for the rule as it is.
    @Test(
        arguments: [
            // Fields of the packet.
            ("-s 10.11.12.13/8", "-s 10.0.0.0/8"), ("-s 10.11.12.13/255.0.255.0", "-s 10.0.12.0/255.0.255.0"),
            ("-s 10/8 -d 0/0", "-s 10.0.0.0/8"), ("! -s 0.0.0.0/0", "="), ("-i +", ""), ("! -i +", "="),
            ("! -i lo -j ACCEPT -s 1.2.3.4", "-s 1.2.3.4/32 ! -i lo -j ACCEPT"), ("-p all", ""), ("-p 6", "-p tcp"),
            ("-p TCP", "-p tcp"), ("-p gre", "="), ("-p 0x11", "-p udp"), ("! -f", "="),
            ("-s1.2.3.4 -ieth0", "-s 1.2.3.4/32 -i eth0"),
            ("--source=1.2.3.4 --out-interface br-+", "-s 1.2.3.4/32 -o br-+"), ("--in-interf eth0", "-i eth0"),
            // Layer 4.
            ("-p tcp --dport http", "-p tcp -m tcp --dport 80"),
            ("-p tcp --dport :1023 ! --sport 5:5", "-p tcp -m tcp ! --sport 5 --dport 0:1023"),
            ("-p tcp --dport 0:65535", "-p tcp -m tcp"), ("-p tcp -m tcp", "="),
            ("-p tcp ! --syn", "-p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN"),
            ("-p tcp --tcp-flags ALL NONE", "-p tcp -m tcp --tcp-flags FIN,SYN,RST,PSH,ACK,URG NONE"),
            ("-m tcp --dport 80 -p tcp", "-p tcp -m tcp --dport 80"),
            ("-p udp --sport 4:3", "-p udp -m udp --sport 4:3"),
            ("-p tcp -m multiport --dport 80,443", "-p tcp -m multiport --dports 80,443"),
            ("-p udp -m multiport ! --ports 1,ssh:80", "-p udp -m multiport ! --ports 1,22:80"),
            ("-p tcp -j ACCEPT --dport 80", "-p tcp -m tcp --dport 80 -j ACCEPT"),
            (
                "-p sctp --dport 5:6 --chunk-types any INIT,DATA:Be",
                "-p sctp -m sctp --dport 5:6 --chunk-types any DATA:Be,INIT"
            ),
            ("-p icmp --icmp-type echo-request", "-p icmp -m icmp --icmp-type 8"),
            ("-p icmp --icmp-type 255/3", "-p icmp -m icmp --icmp-type any"),
            ("-p icmp ! --icmp-type network-unreachable", "-p icmp -m icmp ! --icmp-type 3/0"),
            // Connections.
            ("-m state --state ESTABLISHED,RELATED", "-m state --state RELATED,ESTABLISHED"),
            ("-m conntrack --ctstate untracked,dnat,NEW", "-m conntrack --ctstate NEW,UNTRACKED,DNAT"),
            (
                "-m conntrack --ctdir reply --ctproto tcp ! --ctorigdstport http",
                "-m conntrack --ctproto 6 ! --ctorigdstport 80 --ctdir REPLY"
            ),
            ("-m conntrack --ctstatus none", "-m conntrack --ctstatus NONE"),
            ("-m conntrack --ctexpire 10:", "-m conntrack --ctexpire 10:4294967295"),
            ("-m conntrack --ctstate NEW -m conntrack --ctdir ORIGINAL", "="),
            ("-m mark --mark 010 -m connmark ! --mark 1/0xff", "-m mark --mark 0x8 -m connmark ! --mark 0x1/0xff"),
            // Rates.
            ("-m limit --limit 5/m", "-m limit --limit 5/min"),
            ("-m limit --limit 60/minute --limit-burst 5", "-m limit --limit 1/sec"),
            ("-m limit", "-m limit --limit 3/hour"), ("-m limit --limit 100000/minute", "-m limit --limit 1666/sec"),
            (
                "-m connlimit ! --connlimit-upto 10",
                "-m connlimit --connlimit-above 10 --connlimit-mask 32 --connlimit-saddr"
            ),
            (
                "-m hashlimit --hashlimit 60/min --hashlimit-mode dstip,srcip --hashlimit-name a",
                "-m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 5 --hashlimit-mode srcip,dstip --hashlimit-name a --hashlimit-htable-expire 60000"
            ),
            ("-m statistic --mode random --probability .333", "-m statistic --mode random --probability 0.33300000010"),
            (
                "-m recent --name x --hitcount 4 --seconds 60 --rcheck",
                "-m recent --rcheck --seconds 60 --hitcount 4 --name x --mask 255.255.255.255 --rsource"
            ),
            // Others.
            ("-m iprange --src-range 1.1.1.1", "-m iprange --src-range 1.1.1.1-1.1.1.1"),
            ("-m mac ! --mac-source 0:1:2:aA:4:5", "-m mac ! --mac-source 00:01:02:aa:04:05"),
            (
                "-m addrtype ! --dst-type broadcast,LOCAL --limit-iface-in",
                "-m addrtype ! --dst-type LOCAL,BROADCAST --limit-iface-in"
            ),
            ("-m pkttype --pkt-type HOST", "-m pkttype --pkt-type unicast"),
            ("-m length --length :2", "-m length --length 0:2"),
            ("-m ttl ! --ttl 5", "-m ttl ! --ttl-eq 5"), ("-m dscp --dscp-class AF41", "-m dscp --dscp 0x22"),
            ("-m tos --tos Minimize-Delay", "-m tos --tos 0x10/0x3f"),
            ("-m set ! --match-set list SRC,dst", "-m set ! --match-set list src,dst"),
            ("-m comment --comment a.b", "-m comment --comment \"a.b\""),
            ("-m comment --comment \"it's\"", "-m comment --comment \"it\\'s\""),
            ("-m comment --comment \"-j DROP\" -j USERS", "="), ("-m comment --comment \"\"", "="),
            ("-m string --hex-string \"a|41|c\" --algo bm --to 65535", "-m string --string \"aAc\" --algo bm"),
            ("-m string --string ü --algo kmp", "-m string --hex-string \"|c3bc|\" --algo kmp"),
            (
                "-m time --timestart 9:5 --weekdays 7,Monday --localtz",
                "-m time --timestart 09:05:00 --timestop 23:59:59 --weekdays Mon,Sun --datestop 2038-01-19T03:14:07 --kerneltz"
            ),
            (
                "-m time ! --weekdays Sat,Sun --datestart 2027",
                "-m time --weekdays Mon,Tue,Wed,Thu,Fri --datestart 2027-01-01T00:00:00 --datestop 2038-01-19T03:14:07"
            ),
            ("-m time --datestop 2027-01-31T23:59:59", "="),
            (
                "-m u32 --u32 \"0>>22&0x3C@8=0x01:0x05,7 && 4 & 0x3FFF = 0\"",
                "-m u32 --u32 \"0x0>>0x16&0x3c@0x8=0x1:0x5,0x7&&0x4&0x3fff=0x0\""
            ),
            (
                "-m policy --dir in --strict --reqid 1 --next --spi 3 --mode transport",
                "-m policy --dir in --pol ipsec --strict --reqid 1 --next --spi 0x3 --mode transport"
            ),
            ("-m owner --uid-owner root ! --socket-exists", "-m owner ! --socket-exists --uid-owner 0"),
            ("-m quota ! --quota 0x10", "-m quota ! --quota 16"),
            // Targets.
            ("-j REJECT", "-j REJECT --reject-with icmp-port-unreachable"),
            ("-j REJECT --reject-with admin-prohib", "-j REJECT --reject-with icmp-admin-prohibited"),
            ("-p tcp -j REJECT --reject-with tcp-rst", "-p tcp -j REJECT --reject-with tcp-reset"), ("-g USERS", "="),
            ("-j RETURN -s 10.0.0.0/8", "-s 10.0.0.0/8 -j RETURN"),
            ("-j LOG --log-level warning", "-j LOG"),
            (
                "-j LOG --log-uid --log-prefix \"[a] \" --log-level debug",
                "-j LOG --log-prefix \"[a] \" --log-level 7 --log-uid"
            ),
            ("-j MARK --set-mark 0x10/0x1", "-j MARK --set-xmark 0x10/0x11"),
            ("-j MARK --and-mark 0xff", "-j MARK --set-xmark 0x0/0xffffff00"),
            ("-j MARK --xor-mark 1", "-j MARK --set-xmark 0x1/0x0"),
            ("-j CONNMARK --restore-mark --mask 0xff", "-j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xff"),
            ("-j NFQUEUE", "-j NFQUEUE --queue-num 0"),
            ("-j NFLOG --nflog-prefix \"a b\" --nflog-threshold 0", "-j NFLOG --nflog-prefix \"a b\""),
            (
                "-p tcp --syn -j TCPMSS --clamp-mss-to-pmtu",
                "-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j TCPMSS --clamp-mss-to-pmtu"
            ),
        ] as [(String, String)])
    func rulesBecomeWhatSavePrints(rule: String, expected: String) {
        let reading = read(rule)
        #expect(reading.isComplete, "\(reading.diagnostics.map(\.text))")
        #expect(rules(reading) == [expected == "=" ? rule : expected])
        // What is printed is a fixpoint, without a word to say.
        let again = read(expected == "=" ? rule : expected)
        #expect(rules(again) == rules(reading))
        #expect(again.diagnostics.map(\.text) == [])
    }

    @Test(
        arguments: [
            ("-p icmpv6 --icmpv6-type echo-request", "-p ipv6-icmp -m icmp6 --icmpv6-type 128"),
            ("-s ::1.2.3.4/128", "="),
            ("-s 2001:db8::1/ffff:ff0f::", "-s 2001:d08::/ffff:ff0f::"), ("-m hl ! --hl 255", "-m hl ! --hl-eq 255"),
            ("-j REJECT --reject-with adm-prohibited", "-j REJECT --reject-with icmp6-adm-prohibited"),
            ("-m rt --rt-type 0 --rt-0-res", "="),
            (
                "-m connlimit --connlimit-above 3",
                "-m connlimit --connlimit-above 3 --connlimit-mask 128 --connlimit-saddr"
            ),
        ] as [(String, String)])
    func rulesForIPv6(rule: String, expected: String) {
        let text = rule.replacing("/128", with: "")
        let reading = read(text, .ip6)
        #expect(reading.diagnostics.map(\.text) == [])
        #expect(rules(reading) == [expected == "=" ? rule : expected])
    }

    /// Refused by name, at the byte that it is about.
    @Test(
        arguments: [
            ("-m nosuch --x 1", "rules:4:15: error: the match 'nosuch' is not known [iptables-unknown]"),
            (
                "-p tcp --dporx 80",
                "rules:4:19: error: the option '--dporx' is not known, neither to iptables itself nor to 'tcp' [iptables-unknown]"
            ),
            (
                "--dport 80",
                "rules:4:12: error: the option '--dport' is not known; no extension is loaded before it [iptables-unknown]"
            ),
            (
                "-j NOSUCH",
                "rules:4: error: 'NOSUCH' is neither a target that is known nor a chain of this text [iptables-unknown]"
            ),
            (
                "-j HMARK --hmark-mod 4",
                "rules:4:15: error: the target 'HMARK' is not known, and so is its option '--hmark-mod' [iptables-unknown]"
            ),
            (
                "-m conntrack --ctst NEW",
                "rules:4:25: error: '--ctst' may stand for '--ctstate', '--ctstatus': write one of them [iptables-rejects]"
            ),
            (
                "-s www.example.net -j DROP",
                "rules:4:15: error: 'www.example.net' is no address, and names of hosts are never resolved: write the address [iptables-name]"
            ),
            (
                "-s <private_ip>",
                "rules:4:15: error: '<private_ip>' is a placeholder: write the address [iptables-name]"
            ),
            (
                "-m owner --uid-owner nobody",
                "rules:4:33: error: 'nobody' is no number, and names of users are never looked up: write the number [iptables-name]"
            ),
            (
                "-s 1.2.3.4/33",
                "rules:4:15: error: '33' is no mask: expected a length from 0 to 32, or a mask in the form of an address [iptables-rejects]"
            ),
            (
                "-s 2001:db8::1",
                "rules:4:15: error: '2001:db8::1' is an address of IPv6 in rules for IPv4 [iptables-rejects]"
            ),
            (
                "-p tcp --dport 65536",
                "rules:4:27: error: '65536' is no port: expected a number from 0 to 65535 [iptables-rejects]"
            ),
            (
                "-p tcp --dport nosuch",
                "rules:4:27: error: 'nosuch' is the name of no service that is known: write the number of its port [iptables-unknown]"
            ),
            (
                "-m conntrack --ctorigsrc 10.0.0.1/255.0.0.255",
                "rules:4:37: error: '10.0.0.1/255.0.0.255' has a mask with gaps, and iptables 1.8.9 loads the one address in its place: write the networks [iptables-unknown]"
            ),
            ("-p tcp --dport 90:80", "rules:4:27: error: '90:80' ends before it begins [iptables-rejects]"),
            (
                "-i br-ceres-monitoring",
                "rules:4:15: error: 'br-ceres-monitoring' has 19 bytes: names of interfaces have 1 to 15 [iptables-rejects]"
            ),
            ("-p tcp -p udp", "rules:4:19: error: '-p' stands twice [iptables-rejects]"),
            ("! -p all", "rules:4:17: error: '! -p all' would never match [iptables-rejects]"),
            ("-p udp -m tcp --dport 80", "rules:4:22: error: 'tcp' needs '-p tcp', without '!' [iptables-rejects]"),
            ("! -p tcp -m tcp", "rules:4:24: error: 'tcp' needs '-p tcp', without '!' [iptables-rejects]"),
            ("-p tcp --dport 1 --dport 2", "rules:4:29: error: '--dport' stands twice in one 'tcp' [iptables-rejects]"),
            (
                "-m multiport --dports 1 -p tcp",
                "rules:4:15: error: 'multiport' needs '-p tcp', udp, udplite, sctp or dccp before it [iptables-rejects]"
            ),
            (
                "-p tcp -m multiport --dports 1:2,3:4,5:6,7:8,9:10,11:12,13:14,15:16",
                "rules:4:41: error: 16 slots of ports: 15 are taken, and a range needs two [iptables-rejects]"
            ),
            (
                "-j REJECT --reject-with tcp-reset",
                "rules:4:15: error: 'REJECT' needs '-p tcp', without '!' [iptables-rejects]"
            ),
            (
                "-j REJECT --reject-with nonsense",
                "rules:4:36: error: 'nonsense' is no answer of REJECT for IPv4 [iptables-unknown]"
            ),
            (
                "-j LOG --log-prefix 123456789012345678901234567890",
                "rules:4:32: error: the prefix has 30 bytes: 29 are taken [iptables-rejects]"
            ),
            ("-j ACCEPT -j DROP", "rules:4:25: error: a second target, 'DROP' [iptables-rejects]"),
            (
                "-g ACCEPT",
                "rules:4: error: 'ACCEPT' is neither a target that is known nor a chain of this text [iptables-unknown]"
            ),
            (
                "-j 12345678901234567890123456789",
                "rules:4:15: error: '12345678901234567890123456789' has 29 bytes: names of chains have 1 to 28 [iptables-rejects]"
            ),
            ("! ! -s 1.2.3.4", "rules:4:14: error: two '!' stand behind each other [iptables-rejects]"),
            ("! -j DROP", "rules:4:14: error: '!' cannot stand before '-j' [iptables-rejects]"),
            ("-m limit ! --limit 3/s", "rules:4:23: error: '!' cannot stand before '--limit' [iptables-rejects]"),
            (
                "-m limit --limit 1/day",
                "rules:4:15: error: a limit of 1/day with a burst of 5 is more than the kernel can count: lower the burst [iptables-rejects]"
            ),
            ("-m conntrack", "rules:4:15: error: 'conntrack' needs an option [iptables-rejects]"),
            ("-j", "rules:4:12: error: nothing stands behind '-j' [iptables-rejects]"),
            ("-j DROP extra", "rules:4:20: error: 'extra' stands where an option was expected [iptables-rejects]"),
            (
                "-m comment --comment \"open",
                "rules:4:33: error: the quote is not closed in this line [iptables-syntax]"
            ),
            (
                "-m mac --mac-source XX:XX:XX:XX:XX:XX",
                "rules:4:32: error: 'XX:XX:XX:XX:XX:XX' is no MAC address: expected six bytes such as 00:11:22:33:44:55 [iptables-rejects]"
            ),
            (
                "-m recent --set --seconds 5",
                "rules:4:28: error: '--set' and '--seconds' exclude each other [iptables-rejects]"
            ),
            (
                "-m u32 --u32 6",
                "rules:4:25: error: expected an operator or '=' in the tests, found '' [iptables-rejects]"
            ),
            (
                "-p tcp -j TCPMSS --clamp-mss-to-pmtu",
                "rules:4:22: error: 'TCPMSS' needs '--syn', or '--tcp-flags' with SYN set [iptables-rejects]"
            ),
        ] as [(String, String)])
    func whatIsNotTakenIsRefusedByName(rule: String, message: String) {
        let reading = read(rule)
        #expect(reading.diagnostics.map { String($0.text.prefix { $0 != "\n" }) } == [message])
        let kept = reading.files[0].table("filter")?.chain("FORWARD")?.rules ?? []
        #expect(kept.count == 1, "the rule is kept as it stands")
        #expect(reading.files[0].text.contains("-A FORWARD \(rule)\n"))
    }

    @Test(
        arguments: [
            (
                "-d ! 1.2.3.4", "! -d 1.2.3.4/32",
                "rules:4:15: warning: '!' stands behind the option: it belongs before it [iptables-rewritten]"
            ),
            (
                "-p tcp --dport ! 80", "-p tcp -m tcp ! --dport 80",
                "rules:4:27: warning: '!' stands behind the option: it belongs before it [iptables-rewritten]"
            ),
            (
                "-p tcp -m multiport --dport 80", "-p tcp -m multiport --dports 80",
                "rules:4:32: warning: '--dport' stands for '--dports' [iptables-rewritten]"
            ),
        ])
    func oldFormsAreRewrittenWithANote(rule: String, expected: String, note: String) {
        let reading = read(rule)
        #expect(rules(reading) == [expected])
        #expect(reading.diagnostics.map(\.text) == [note])
    }

    @Test func severalAddressesAreSeveralRules() {
        let reading = read("-s 1.1.1.1,1.1.1.2 -d 2.2.2.2,3.3.3.3 -j DROP")
        #expect(
            rules(reading) == [
                "-s 1.1.1.1/32 -d 2.2.2.2/32 -j DROP", "-s 1.1.1.1/32 -d 3.3.3.3/32 -j DROP",
                "-s 1.1.1.2/32 -d 2.2.2.2/32 -j DROP",
                "-s 1.1.1.2/32 -d 3.3.3.3/32 -j DROP",
            ])
        #expect(reading.diagnostics.map(\.id) == ["iptables-rewritten"])
        #expect(read("! -s 1.1.1.1,1.1.1.2").diagnostics.map(\.id) == ["iptables-rejects"])
    }

    /// All options of one `-m` stay in one instance, in their order.
    @Test func instancesAreKeptApart() {
        let reading = read("-m conntrack ! --ctstate NEW -m conntrack --ctorigdstport 80 --ctdir ORIGINAL")
        guard case .rule(let rule)? = reading.files[0].table("filter")?.chain("FORWARD")?.rules.first?.content else {
            Issue.record("\(reading.diagnostics)")
            return
        }
        var first = ConntrackMatch()
        first.state = Negatable(ConntrackMatch.States(.new), isNegated: true)
        var second = ConntrackMatch()
        second.originalDestinationPort = Negatable(PortRange(80, 80))
        second.direction = .original
        #expect(rule.matches == [.conntrack(first), .conntrack(second)])
    }
}
