import PacketLab
import Seawall
import Testing

extension KernelTests {
    /// Services: protocols, and the ports that a client dialled.
    @Suite struct ServiceTests {
        @Test(arguments: cases, Backend.allCases)
        func judges(_ kernelCase: KernelCase, under backend: Backend) throws { try kernelCase.judge(under: backend) }

        static let cases = protocols + ports

        static let protocols = [
            KernelCase("all of TCP") {
                Containers { Inbound(on: "eth0") { Drop(.tcp) } }
            } sees: { family in
                [
                    .drops(.tcp(8080, family)), .drops(.tcp(443, family)), .passes(.udp(443, family)),
                    .drops(.direct(.tcp(destination: 80), family)),
                    .drops(.direct(.tcp(destination: 80), family).invalid),
                    .drops(.direct(.tcp(destination: 80), family).untracked), .passes(.ping(family)),
                ]
            },
            KernelCase("several services in one rule") {
                Containers { Inbound(on: "eth0") { Drop(.tcp(443), .udp(443), .icmp(.echoRequest)) } }
            } sees: { family in
                [
                    .drops(.tcp(443, family)), .drops(.udp(443, family)), .passes(.tcp(8080, family)),
                    .passes(.udp(5353, family)), family == .ip ? .drops(.ping(family)) : .passes(.ping(family)),
                ]
            },
            KernelCase("pings of IPv4") {
                Containers { Inbound(on: "eth0") { Drop(.icmp(.echoRequest)) } }
            } sees: { family in
                [
                    family == .ip ? .drops(.ping(family)) : .passes(.ping(family)),
                    .passes(.direct(.icmp(type: 13), family)), .passes(.ping(family, from: .neighbour)),
                ]
            },
            KernelCase("pings of IPv6") {
                Containers { Inbound(on: "eth0") { Drop(.icmpv6(.echoRequest)) } }
            } sees: { family in
                [
                    family == .ip6 ? .drops(.ping(family)) : .passes(.ping(family)),
                    .passes(.direct(.icmp(type: 129), family)), .passes(.tcp(8080, family)),
                ]
            },
            KernelCase("all of ICMP") {
                Containers { Inbound(on: "eth0") { Drop(.icmp, .icmpv6) } }
            } sees: { family in
                [
                    .drops(.ping(family)), .drops(.direct(.icmp(type: family == .ip ? 13 : 140), family)),
                    .passes(.udp(5353, family)),
                ]
            },
            KernelCase("protocols by name and number") {
                Containers { Inbound(on: "eth0") { Drop(.protocol("gre"), .protocol(253)) } }
            } sees: { family in
                [
                    .drops(.direct(.other(protocol: 47), family)), .drops(.direct(.other(protocol: 253), family)),
                    .passes(.direct(.other(protocol: 254), family)), .passes(.tcp(8080, family)),
                ]
            },
            KernelCase("SCTP to a port") {
                Containers { Inbound(on: "eth0") { Drop(.sctp(3868)) } }
            } sees: { family in
                [
                    .drops(.published(.sctp(destination: 3868), family)),
                    .passes(.direct(.sctp(destination: 3869), family)),
                    .passes(.tcp(8080, family)),
                ]
            },
        ]

        static let ports = [
            KernelCase("one published port") {
                Containers { Inbound(on: "eth0") { Drop(.tcp(8080)) } }
            } sees: { family in
                [
                    .drops(.tcp(8080, family)), .drops(.tcp(8080, family, flags: [.ack])),
                    .passes(.tcp(9090, family)), .passes(.tcp(443, family)), .passes(.udp(443, family)),
                    .passes(.direct(.tcp(destination: 80), family)), .drops(.direct(.tcp(destination: 8080), family)),
                    .passes(.direct(.tcp(destination: 8080), family).invalid),
                    .passes(.direct(.tcp(destination: 8080), family).untracked),
                ]
            },
            KernelCase("the container's own port is not the one that was dialled") {
                Containers { Inbound(on: "eth0") { Drop(.tcp(80)) } }
            } sees: { family in
                [
                    .passes(.tcp(8080, family)), .passes(.tcp(9090, family)),
                    .drops(.direct(.tcp(destination: 80), family)),
                ]
            },
            KernelCase("UDP in fragments") {
                Containers { Inbound(on: "eth0") { Drop(.udp(5353)) } }
            } sees: { family in
                [
                    .drops(Probe.udp(5353, family).with { $0.isFragmented = true }), .drops(.udp(5353, family)),
                    .passes(Probe.udp(443, family).with { $0.isFragmented = true }),
                ]
            },
            KernelCase("a range of ports") {
                Containers { Inbound(on: "eth0") { Drop(.tcp(8000...8080)) } }
            } sees: { family in
                [
                    .drops(.tcp(8080, family)), .drops(.direct(.tcp(destination: 8000), family)),
                    .passes(.direct(.tcp(destination: 8081), family)),
                    .passes(.direct(.tcp(destination: 7999), family)),
                    .passes(.tcp(9090, family)), .passes(.udp(443, family)),
                ]
            },
            KernelCase("a set of ports, ranges and names") {
                Containers { Inbound(on: "eth0") { Drop(.tcp([22, "https", 9000...9100])) } }
            } sees: { family in
                [
                    .drops(.tcp(22, family)), .drops(.tcp(443, family)), .drops(.tcp(9090, family)),
                    .passes(.tcp(8080, family)), .passes(.tcp(113, family)), .passes(.udp(443, family)),
                ]
            },
            KernelCase("more ports than a multiport match holds") {
                Containers { Inbound(on: "eth0") { Drop(.tcp(PortSet(manyPorts))) } }
            } sees: { family in
                [
                    .drops(.tcp(8080, family)), .drops(.tcp(22, family)), .passes(.tcp(443, family)),
                    .passes(.udp(443, family)),
                ]
            },
            KernelCase("all ports but some") {
                Containers { Inbound(on: "eth0") { Drop(.tcp(.not([8080, 443]))) } }
            } sees: { family in
                [
                    .passes(.tcp(8080, family)), .passes(.tcp(443, family)), .drops(.tcp(22, family)),
                    .drops(.direct(.tcp(destination: 80), family)), .passes(.udp(5353, family)), .passes(.ping(family)),
                    .passes(.direct(.tcp(destination: 80), family).invalid),
                ]
            },
            KernelCase("the port after translation") {
                Containers { Inbound(on: "eth0") { Drop(.tcp, containerPort: 80) } }
            } sees: { family in
                [
                    .drops(.tcp(8080, family)), .drops(.tcp(9090, family)), .passes(.tcp(443, family)),
                    .drops(.direct(.tcp(destination: 80), family)),
                ]
            },
        ]

        private static let manyPorts: [PortSet] = [8080, 22] + (0..<40).map { PortSet(20_000 + 2 * $0) }
    }
}

extension PortSet {
    fileprivate init(_ members: [PortSet]) {
        self = members.dropFirst().reduce(members[0]) { [$0, $1] }
    }
}
