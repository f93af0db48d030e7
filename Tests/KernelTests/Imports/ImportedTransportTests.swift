import PacketLab
import PacketModel
import Testing

extension KernelTests {
    /// Rules of iptables about protocols, ports, flags and ICMP messages.
    @Suite struct ImportedTransportTests {
        @Test(arguments: cases, Backend.allCases)
        func judges(_ imported: ImportedCase, under backend: Backend) throws { try imported.judge(under: backend) }

        static let cases = ports + emptyRanges + protocols + flags + messages

        static let ports = [
            ImportedCase("ports on neither side", ["-p tcp -m multiport ! --ports 80,443 -j DROP"]) { family in
                [
                    .passes(.tcp(8080, family)), .passes(.tcp(443, family)), .drops(.tcp(22, family)),
                    .passes(.published(.tcp(source: 80, destination: 22), family)), .drops(tcp(8080, family)),
                    .passes(.udp(5353, family)), .passes(.ping(family)),
                ]
            }.forBoth,
            ImportedCase("a range of ports on either side", ["-p tcp -m multiport --ports 8000:8100 -j DROP"]) {
                family in
                [
                    .drops(tcp(8000, family)), .drops(tcp(8050, family)), .drops(tcp(8100, family)),
                    .passes(tcp(7999, family)), .passes(tcp(8101, family)),
                    .drops(.published(.tcp(source: 8050, destination: 22), family)),
                    .passes(.direct(.udp(destination: 8050), family)),
                ]
            }.forBoth,
            ImportedCase("ports and ranges", ["-p udp -m multiport --ports 53,5000:6000 -j DROP"]) { family in
                [
                    .drops(.udp(5353, family)), .drops(.direct(.udp(destination: 5500), family)),
                    .passes(.direct(.udp(destination: 6001), family)), .passes(tcp(5500, family)),
                    .drops(.direct(.udp(source: 5500, destination: 7), family)),
                ]
            },
            ImportedCase("all destination ports but some", ["-p tcp -m multiport ! --dports 22,80:443 -j DROP"]) {
                family in
                [
                    .passes(.tcp(22, family)), .passes(.tcp(8080, family)), .passes(.tcp(443, family)),
                    .drops(tcp(444, family)), .drops(tcp(79, family)), .passes(.udp(5353, family)),
                    .drops(.direct(.tcp(source: 80, destination: 444), family)),
                ]
            },
            ImportedCase("a shortened option of multiport", ["-p tcp -m multiport --dport 80,443 -j DROP"]) { family in
                [.drops(.tcp(8080, family)), .drops(.tcp(443, family)), .passes(.tcp(22, family))]
            },
            ImportedCase("a port by its name, and the rest by negation", ["-p tcp -m tcp ! --dport https -j DROP"]) {
                family in
                [.passes(.tcp(443, family)), .drops(.tcp(22, family)), .passes(.udp(5353, family))]
            },
        ]

        static let emptyRanges = [
            ImportedCase("a range whose end lies before its beginning", ["-p udp -m udp --dport 60000:29 -j DROP"]) {
                family in
                [
                    .passes(.udp(5353, family)), .passes(.direct(.udp(destination: 60_000), family)),
                    .passes(tcp(80, family)),
                ]
            },
            ImportedCase("all but such a range", ["-p udp -m udp ! --dport 60000:29 -j DROP"]) { family in
                [
                    .drops(.udp(5353, family)), .drops(.direct(.udp(destination: 60_000), family)),
                    .passes(tcp(80, family)),
                ]
            },
        ]

        static let protocols = [
            ImportedCase("a protocol with a match that says nothing", ["-p tcp -m tcp -j RETURN", "-j DROP"]) {
                family in
                [
                    .passes(.tcp(8080, family)), .passes(tcp(80, family).invalid), .drops(.udp(5353, family)),
                    .drops(.ping(family)), .drops(.direct(.other(protocol: 47), family)),
                    .drops(.direct(.sctp(destination: 3868), family)),
                ]
            }.forBoth,
            ImportedCase("all protocols but one", ["! -p udp -j DROP"]) { family in
                [
                    .drops(.tcp(8080, family)), .passes(.udp(5353, family)),
                    .drops(.direct(.other(protocol: 253), family)),
                ]
            }.forBoth,
            ImportedCase("the protocol of IPv6's messages in a rule for IPv4", ["-p ipv6-icmp -j DROP"]) { family in
                [.passes(.ping(family)), .drops(.direct(.other(protocol: 58), family))]
            },
        ]

        static let flags = [
            ImportedCase("one flag of one", ["-p tcp -m tcp --tcp-flags ACK ACK -j DROP"]) { family in
                [
                    .drops(.tcp(8080, family, flags: .ack)), .passes(.tcp(8080, family)),
                    .drops(tcp(80, family, [.syn, .ack])), .drops(tcp(80, family, [.rst, .ack])),
                    .passes(tcp(80, family, .fin)), .passes(.udp(5353, family)),
                ]
            }.forBoth,
            ImportedCase("no beginning of a connection", ["-p tcp -m tcp ! --syn -j DROP"]) { family in
                [
                    .passes(.tcp(8080, family)), .drops(.tcp(8080, family, flags: .ack)),
                    .drops(tcp(80, family, [.syn, .fin])), .drops(tcp(80, family, [])), .passes(.udp(5353, family)),
                    .passes(tcp(80, family, [.syn, .urg])),
                ]
            },
            ImportedCase(
                "all flags or none",
                [
                    "-p tcp -m tcp --tcp-flags ALL NONE -j DROP", "-p tcp -m tcp --tcp-flags ALL FIN,PSH,URG -j DROP",
                ]
            ) { family in
                [
                    .drops(tcp(80, family, [])), .drops(tcp(80, family, [.fin, .psh, .urg])),
                    .passes(tcp(80, family, [.fin, .psh])), .passes(tcp(80, family)),
                ]
            },
        ]

        static let messages = [
            ImportedCase("a code of a type", ["-p icmp -m icmp --icmp-type 3/4 -j DROP"]) { family in
                [
                    .drops(.direct(.icmp(type: 3, code: 4), family)), .passes(.direct(.icmp(type: 3, code: 3), family)),
                    .passes(.ping(family)), .passes(.udp(5353, family)),
                ]
            },
            ImportedCase("a code of a type of IPv6", ["-p ipv6-icmp -m icmp6 --icmpv6-type 1/4 -j DROP"]) { family in
                [
                    .drops(.direct(.icmp(type: 1, code: 4), family)), .passes(.direct(.icmp(type: 1, code: 3), family)),
                    .passes(.ping(family)),
                ]
            }.with { $0.families = [.ip6] },
            ImportedCase("a type, whatever the code", ["-p icmp -m icmp --icmp-type destination-unreachable -j DROP"]) {
                family in
                [
                    .drops(.direct(.icmp(type: 3, code: 4), family)), .drops(.direct(.icmp(type: 3), family)),
                    .passes(.ping(family)),
                ]
            },
            ImportedCase("any type", ["-p icmp -m icmp --icmp-type any -j DROP"]) { family in
                [.drops(.direct(.icmp(type: 13), family)), .drops(.ping(family)), .passes(.tcp(8080, family))]
            },
            ImportedCase("all types but one", ["-p icmp -m icmp ! --icmp-type 8 -j DROP"]) { family in
                [.drops(.direct(.icmp(type: 13), family)), .passes(.ping(family)), .passes(.tcp(8080, family))]
            },
        ]

        private static func tcp(_ port: UInt16, _ family: AddressFamily, _ flags: TCPFlags = .syn) -> Probe {
            .direct(.tcp(destination: port, flags: flags), family)
        }
    }
}
