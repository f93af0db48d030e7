import PacketLab
import Seawall
import Testing

extension KernelTests {
    /// Conditions on the packet itself.
    @Suite struct PacketMatchTests {
        @Test(arguments: cases, Backend.allCases)
        func judges(_ kernelCase: KernelCase, under backend: Backend) throws { try kernelCase.judge(under: backend) }

        static let cases = header + transport + flags + surroundings

        static let header = [
            dropping("family") {
                Match.family(.ip6)
            } sees: { family in
                [family == .ip6 ? .drops(.tcp(8080, family)) : .passes(.tcp(8080, family))]
            },
            dropping("interfaces") {
                Match.inInterface("eth0")
                Match.outInterface(.not("docker0"))
            } sees: { family in
                [
                    .drops(.tcp(5432, family)), .passes(.tcp(8080, family)),
                    .passes(.tcp(5432, family, from: .neighbour)),
                ]
            },
            dropping("interfaces by netfilter's negation") {
                Match.not(.outInterface("docker*"))
            } sees: { family in
                [
                    .drops(.tcp(5432, family)), .passes(.tcp(8080, family)),
                    .drops(.ping(family, from: .web, to: .client)),
                ]
            },
            dropping("source") {
                Match.source(["192.168.0.0/26", "fd00:0:0:1::/123"])
            } sees: { family in
                [.drops(.tcp(8080, family)), .passes(.tcp(8080, family, from: .stranger))]
            },
            dropping("another source") {
                Match.not(.source("192.168.0.1"))
            } sees: { family in
                [
                    family == .ip ? .passes(.tcp(8080, family)) : .drops(.tcp(8080, family)),
                    .drops(.tcp(8080, family, from: .stranger)),
                ]
            },
            dropping("destination") {
                Match.destination(["172.18.0.2", "fd00:0:0:18::2"])
            } sees: { family in
                [.drops(.tcp(8080, family)), .passes(.tcp(5432, family)), .passes(.ping(family, to: .peer))]
            },
            dropping("protocol") {
                Match.protocol("udp", "gre")
            } sees: { family in
                [
                    .drops(.udp(5353, family)), .drops(.direct(.other(protocol: 47), family)),
                    .passes(.tcp(8080, family)),
                ]
            },
            dropping("another protocol") {
                Match.not(.protocol("tcp", "udp"))
            } sees: { family in
                [.passes(.udp(5353, family)), .passes(.tcp(8080, family)), .drops(.ping(family))]
            },
            dropping("later fragments, of which conntrack leaves none") {
                Match.laterFragment
            } sees: { family in
                [.passes(Probe.udp(5353, family).with { $0.isFragmented = true }), .passes(.tcp(8080, family))]
            },
        ]

        static let transport = [
            dropping("source port") {
                Match.protocol("udp")
                Match.sourcePort([1000...1010, 2000])
            } sees: { family in
                [
                    .drops(.published(.udp(source: 1010, destination: 5353), family)),
                    .drops(.published(.udp(source: 2000, destination: 5353), family)),
                    .passes(.published(.udp(source: 1011, destination: 5353), family)),
                    .passes(.published(.tcp(source: 2000, destination: 8080), family)),
                ]
            },
            dropping("another source port") {
                Match.protocol("udp")
                Match.not(.sourcePort(1000))
            } sees: { family in
                [
                    .passes(.published(.udp(source: 1000, destination: 5353), family)), .drops(.udp(5353, family)),
                    .passes(.tcp(8080, family)), .passes(.ping(family)),
                ]
            },
            dropping("destination port after translation") {
                Match.protocol("tcp")
                Match.destinationPort(80)
            } sees: { family in
                [
                    .drops(.tcp(8080, family)), .drops(.direct(.tcp(destination: 80), family).invalid),
                    .passes(.tcp(443, family)),
                ]
            },
            dropping("another destination port") {
                Match.protocol("tcp")
                Match.not(.destinationPort([80, 443]))
            } sees: { family in
                [
                    .passes(.tcp(8080, family)), .passes(.tcp(443, family)), .drops(.tcp(22, family)),
                    .passes(.udp(5353, family)),
                ]
            },
            dropping("type of ICMP message") {
                Match.icmpType(.echoRequest, .timestampRequest)
            } sees: { family in
                [
                    family == .ip ? .drops(.ping(family)) : .passes(.ping(family)),
                    family == .ip
                        ? .drops(.direct(.icmp(type: 13), family)) : .passes(.direct(.icmp(type: 129), family)),
                    .passes(.direct(.icmp(type: 17), family)),
                ]
            },
            dropping("type and code of ICMP message") {
                Match.icmpType(.fragmentationNeeded)
            } sees: { family in
                [
                    family == .ip
                        ? .drops(.direct(.icmp(type: 3, code: 4), family))
                        : .passes(.direct(.icmp(type: 3, code: 4), family)),
                    .passes(.direct(.icmp(type: 3, code: 3), family)), .passes(.ping(family)),
                ]
            },
            dropping("type of ICMPv6 message") {
                Match.icmpv6Type(.echoRequest, .packetTooBig)
            } sees: { family in
                [
                    family == .ip6 ? .drops(.ping(family)) : .passes(.ping(family)),
                    family == .ip6
                        ? .drops(.direct(.icmp(type: 2), family)) : .passes(.direct(.icmp(type: 2), family)),
                    .passes(.direct(.icmp(type: 129), family)),
                ]
            },
        ]

        static let flags = [
            dropping("TCP flags") {
                Match.protocol("tcp")
                Match.tcpFlags(.syn, outOf: [.syn, .ack])
            } sees: { family in
                [
                    .drops(.tcp(8080, family)), .passes(.tcp(8080, family, flags: .ack)),
                    .passes(.direct(.tcp(destination: 80, flags: [.syn, .ack]), family)),
                    .drops(.direct(.tcp(destination: 80, flags: [.syn, .fin]), family)), .passes(.udp(5353, family)),
                ]
            },
            dropping("TCP flags that iptables cannot ask for", refusedBy: .iptables) {
                Match.protocol("tcp")
                Match.tcpFlags(.ece, outOf: [.ece, .cwr])
            } sees: { family in
                [
                    .drops(.tcp(8080, family, flags: [.syn, .ece])), .passes(.tcp(8080, family)),
                    .passes(.udp(5353, family)),
                ]
            },
            dropping("other TCP flags") {
                Match.protocol("tcp")
                Match.not(.tcpFlags(.syn, outOf: [.syn, .ack]))
            } sees: { family in
                [
                    .passes(.tcp(8080, family)), .drops(.tcp(8080, family, flags: .ack)),
                    .drops(.direct(.tcp(destination: 80, flags: []), family)), .passes(.udp(5353, family)),
                ]
            },
        ]

        static let surroundings = [
            dropping("mark") {
                Match.mark(2)
            } sees: { family in
                [
                    .drops(.tcp(8080, family).marked(2)), .passes(.tcp(8080, family).marked(3)),
                    .passes(.tcp(8080, family)),
                ]
            },
            dropping("bits of the mark") {
                Match.mark(1, mask: 0x11)
            } sees: { family in
                [
                    .drops(.tcp(8080, family).marked(1)), .drops(.tcp(8080, family).marked(3)),
                    .passes(.tcp(8080, family).marked(17)), .passes(.tcp(8080, family).marked(2)),
                ]
            },
            dropping("another mark") {
                Match.not(.mark(2))
            } sees: { family in
                [
                    .passes(.tcp(8080, family).marked(2)), .drops(.tcp(8080, family).marked(3)),
                    .drops(.tcp(8080, family)),
                ]
            },
            dropping("packets to all on the link") {
                Match.packetType(.broadcast)
            } sees: { family in
                [.drops(onLink(.broadcast, family)), .passes(onLink(.multicast, family)), .passes(.tcp(8080, family))]
            },
            dropping("packets to one machine on the link") {
                Match.packetType(.host)
            } sees: { family in
                [.drops(.tcp(8080, family)), .passes(onLink(.broadcast, family)), .passes(onLink(.multicast, family))]
            },
            dropping("packets to more than one machine on the link") {
                Match.packetType([.broadcast, .multicast])
            } sees: { family in
                [.drops(onLink(.broadcast, family)), .drops(onLink(.multicast, family)), .passes(.tcp(8080, family))]
            },
            dropping("sources that are addresses of the router") {
                Match.sourceType(.local)
            } sees: { family in
                [.drops(.tcp(8080, family, source: routerAtOther(family))), .passes(.tcp(8080, family))]
            },
            dropping("sources that are no unicast addresses") {
                Match.not(.sourceType(.unicast))
            } sees: { family in
                [.drops(.tcp(8080, family, source: routerAtOther(family))), .passes(.tcp(8080, family))]
            },
            dropping("sources of one of two types") {
                Match.sourceType([.unicast, .local])
            } sees: { family in
                [.drops(.tcp(8080, family, source: routerAtOther(family))), .drops(.tcp(8080, family))]
            },
            dropping("sources that are addresses of the router where the packet entered") {
                Match.sourceType(.local, limitedTo: .in)
            } sees: { family in
                [
                    .drops(.tcp(8080, family, source: Host.router.addressText(family))),
                    .passes(.tcp(8080, family, source: routerAtOther(family))), .passes(.tcp(8080, family)),
                ]
            },
            // ip6tables calls unreachable what nft tells apart: unreachable, blackhole, prohibited.
            dropping("sources without a route", families: [.ip6], refusedBy: .iptables) {
                Match.family(.ip6)
                Match.sourceType(.unreachable)
            } sees: { family in
                [.drops(.tcp(8080, family, source: "2001:db8:dead::7")), .passes(.tcp(8080, family))]
            },
            dropping("destinations that are broadcast addresses", families: [.ip]) {
                Match.family(.ip)
                Match.destinationType([.broadcast, .local])
            } sees: { family in
                let all = Packet(from: Host.client.address(family), to: .v4(0xac12_ffff), .udp(destination: 53))
                return [.drops(Probe(all, from: .client, reaches: .web)), .passes(.udp(5353, family))]
            },
            dropping("what the routing table says of the destination") {
                Match.destinationType(.unicast)
            } sees: { family in
                [.drops(.tcp(8080, family)), .drops(.ping(family, from: .web, to: .client))]
            },
        ]

        /// A rule directly in `Containers`, which sees every packet.
        private static func dropping(
            _ name: String, families: [AddressFamily] = AddressFamily.allCases, refusedBy: Backend? = nil,
            @MatchBuilder _ matches: () -> [Match],
            sees: @escaping @Sendable (AddressFamily) -> [Expectation]
        ) -> KernelCase {
            let rule = Rule(.drop, matches)
            return KernelCase(name, families: families, refusedBy: refusedBy) {
                Containers { rule }
            } sees: {
                sees($0)
            }
        }

        /// The router's address on the link of `neighbour`.
        @Sendable private static func routerAtOther(_ family: AddressFamily) -> String {
            family == .ip ? "192.168.1.254" : "fd00:0:0:2::fe"
        }

        /// A packet from one container to another of the same bridge, addressed to more than one machine on their link.
        private static func onLink(_ address: Packet.LinkAddress, _ family: AddressFamily) -> Probe {
            Probe.direct(.udp(destination: 7), family, from: .peer, to: .web).with { $0.linkAddress = address }
        }
    }
}
