import PacketModel
import Testing

/// Files for iptables-restore as administrators write them, with short forms of all kinds.
enum RealisticFirewalls {
    struct Firewall: Sendable, CustomTestStringConvertible {
        let name: String
        let family: AddressFamily
        let text: String

        var testDescription: String { name }
    }

    static let all = [router, dockerHost, server6]

    private static let router = Firewall(
        name: "router", family: .ip,
        text: """
            *nat
            :PREROUTING ACCEPT [0:0]
            :POSTROUTING ACCEPT [0:0]
            -A PREROUTING -i ppp0 -p tcp --dport 8443 -j DNAT --to-destination 10.1.0.9:443
            -A POSTROUTING -o ppp0 -j MASQUERADE
            COMMIT
            *filter
            :INPUT DROP [0:0]
            :FORWARD DROP [0:0]
            :OUTPUT ACCEPT [0:0]
            :logdrop - [0:0]
            :guests - [0:0]
            -A INPUT -i lo -j ACCEPT
            -A INPUT -m state --state ESTABLISHED,RELATED -j ACCEPT
            -A INPUT -p icmp --icmp-type echo-request -m limit --limit 5/s -j ACCEPT
            -A INPUT -s 10.1.0.0/255.255.0.0 -p tcp --dport ssh --syn -j ACCEPT
            -A INPUT -p tcp -m multiport --dport http,https,8000:8100 -m comment --comment "web & admin" -j ACCEPT
            -A INPUT -j logdrop
            -A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
            -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu
            -A FORWARD -s 10.2.0.0/16 -g guests
            -A FORWARD -s 10.1.3.7/16 ! -d 10.0.0.0/8 -o ppp0 -j ACCEPT
            -A FORWARD -m conntrack --ctstate DNAT --ctdir ORIGINAL -j ACCEPT
            -A guests -m time --timestart 22:00 --timestop 6:00 --weekdays Sa,Su,Fr -j DROP
            -A guests -m mac --mac-source AA:bb:1:2:3:4 -j ACCEPT
            -A guests -m iprange --src-range 10.2.0.10-10.2.0.99 -m connlimit --connlimit-above 50 -j REJECT
            -A guests -p udp --dport domain -m hashlimit --hashlimit 20/min --hashlimit-mode srcip --hashlimit-name dns -j ACCEPT
            -A logdrop -m limit --limit 10/m --limit-burst 20 -j LOG --log-prefix "fw drop: " --log-level info --log-ip-options
            -A logdrop -p tcp -j REJECT --reject-with tcp-rst
            -A logdrop -j DROP
            COMMIT

            """)

    private static let dockerHost = Firewall(
        name: "docker host", family: .ip,
        text: """
            *filter
            :INPUT ACCEPT [12:340]
            :FORWARD DROP [0:0]
            :OUTPUT ACCEPT [5:6]
            :DOCKER-USER - [0:0]
            [7:420] -A FORWARD -j DOCKER-USER
            -A DOCKER-USER -i eth0 -m conntrack --ctdir REPLY -j RETURN
            -A DOCKER-USER -i eth0 -p tcp -m conntrack --ctorigdstport 443 --ctdir ORIGINAL -j RETURN
            -A DOCKER-USER -i eth0 -p tcp -m conntrack ! --ctorigdstport 8000:8100 --ctorigdst 192.0.2.1/32 -j RETURN
            -A DOCKER-USER -m mark --mark 0x10/0xf0 -j MARK --set-mark 0x1/0xf
            -A DOCKER-USER -m recent --name ssh --update --seconds 60 --hitcount 4 -j DROP
            -A DOCKER-USER -m recent --name ssh --set
            -A DOCKER-USER -m string --string "GET /admin" --algo bm --to 600 -j REJECT --reject-with admin-prohib
            -A DOCKER-USER -m addrtype --dst-type local ! --src-type LOCAL --limit-iface-in -j RETURN
            -A DOCKER-USER -j NFLOG --nflog-group 5 --nflog-prefix "it's"
            -A DOCKER-USER -j CONNMARK --save-mark --mask 0xff
            -A DOCKER-USER -j NFQUEUE --queue-balance 0:3 --queue-bypass
            -A DOCKER-USER -p gre -j ACCEPT
            -A DOCKER-USER -p all -i + -s 0/0 -j DROP
            COMMIT

            """)

    private static let server6 = Firewall(
        name: "server for IPv6", family: .ip6,
        text: """
            *filter
            :INPUT DROP [0:0]
            :FORWARD DROP [0:0]
            :OUTPUT ACCEPT [0:0]
            -A INPUT -p icmpv6 --icmpv6-type neighbour-solicitation -m hl --hl-eq 255 -j ACCEPT
            -A INPUT -p ipv6-icmp --icmpv6-type packet-too-big -j ACCEPT
            -A INPUT -s fe80::1:2/10 -d ff02::/16 -p udp --sport 547 --dport 546 -j ACCEPT
            -A INPUT -s 2001:db8:0:0:0::/ffff:ffff:: -m conntrack --ctorigsrc 2001:db8::/32 -j ACCEPT
            -A INPUT -s ::10.0.0.1 -j DROP
            -A INPUT -p sctp --dport 36412 -j ACCEPT
            -A INPUT -m dscp --dscp-class EF -m length --length :1500 -j ACCEPT
            -A INPUT -j REJECT --reject-with adm-prohibited
            COMMIT

            """)
}
