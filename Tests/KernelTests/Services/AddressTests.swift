import PacketLab
import Seawall
import Testing

extension KernelTests {
    /// Addresses: who sends, and what was dialled.
    @Suite struct AddressTests {
        @Test(arguments: cases, Backend.allCases)
        func judges(_ kernelCase: KernelCase, under backend: Backend) throws { try kernelCase.judge(under: backend) }

        static let cases = sources + destinations

        static let sources = [
            KernelCase("one client of one port") {
                Containers {
                    Inbound(on: "eth0") {
                        Allow(.tcp(8080), from: "192.168.0.1")
                        Drop(.tcp(8080))
                    }
                }
            } sees: { family in
                [
                    family == .ip ? .passes(.tcp(8080, family)) : .drops(.tcp(8080, family)),
                    .drops(.tcp(8080, family, from: .stranger)), .passes(.tcp(443, family, from: .stranger)),
                    .passes(.tcp(8080, family, from: .neighbour)),
                ]
            },
            KernelCase("all but one client, by a negation that means both families") {
                Containers { Inbound(on: "eth0") { Drop(from: .not("192.168.0.1")) } }
            } sees: { family in
                [
                    family == .ip ? .passes(.tcp(8080, family)) : .drops(.tcp(8080, family)),
                    .drops(.tcp(8080, family, from: .stranger)), .drops(.ping(family, from: .stranger)),
                    .drops(.direct(.tcp(destination: 80), family, from: .stranger).invalid),
                    .drops(.direct(.udp(destination: 53), family, from: .stranger).untracked),
                    .passes(.tcp(8080, family, from: .neighbour)),
                ]
            },
            KernelCase("networks, ranges and addresses of both families") {
                Containers {
                    Inbound(on: "eth0") {
                        Drop(from: [
                            "203.0.113.0/25", "198.18.0.5-198.18.0.9", "192.168.0.99", "2001:db8:10::/48",
                            "2001:db8:20::5-2001:db8:20::9", "fd00:0:0:1::99",
                        ])
                    }
                }
            } sees: { family in
                let (inside, outside) =
                    family == .ip
                    ? (
                        ["203.0.113.0", "203.0.113.127", "198.18.0.5", "198.18.0.9"],
                        ["203.0.113.128", "198.18.0.4", "198.18.0.10"]
                    )
                    : (
                        ["2001:db8:10::", "2001:db8:10:ffff::1", "2001:db8:20::5", "2001:db8:20::9"],
                        ["2001:db8:11::", "2001:db8:20::4", "2001:db8:20::a"]
                    )
                return inside.map { .drops(.tcp(8080, family, source: $0)) }
                    + outside.map { .passes(.tcp(8080, family, source: $0)) }
                    + [.passes(.tcp(8080, family)), .drops(.udp(5353, family, from: .stranger))]
            },
            KernelCase("not in a set of networks") {
                Containers {
                    Inbound(on: "eth0") { Drop(.tcp(8080), from: .not(["192.168.0.0/28", "fd00:0:0:1::/124"])) }
                }
            } sees: { family in
                [
                    .passes(.tcp(8080, family)), .drops(.tcp(8080, family, from: .stranger)),
                    .passes(.tcp(443, family, from: .stranger)),
                    .drops(.tcp(8080, family, source: family == .ip ? "192.168.0.16" : "fd00:0:0:1::10")),
                    .passes(.tcp(8080, family, source: family == .ip ? "192.168.0.15" : "fd00:0:0:1::f")),
                ]
            },
            KernelCase("many addresses") {
                Containers { Inbound(on: "eth0") { Drop(from: AddressSet(manyAddresses)) } }
            } sees: { family in
                let (inside, outside) =
                    family == .ip ? ("198.18.7.0", "198.18.7.1") : ("2001:db8::700", "2001:db8::701")
                return [
                    .drops(.tcp(8080, family, source: inside)), .passes(.tcp(8080, family, source: outside)),
                    .passes(.tcp(8080, family)),
                ]
            },
        ]

        static let destinations = [
            KernelCase("the address that was dialled") {
                Containers { Inbound(on: "eth0") { Drop(to: "192.168.0.254") } }
            } sees: { family in
                [
                    family == .ip ? .drops(.tcp(8080, family)) : .passes(.tcp(8080, family)),
                    family == .ip ? .drops(.udp(5353, family)) : .passes(.udp(5353, family)),
                    .passes(.direct(.tcp(destination: 80), family)),
                    .passes(.direct(.tcp(destination: 80), family).invalid),
                ]
            },
            KernelCase("all addresses but the one that was dialled") {
                Containers { Inbound(on: "eth0") { Drop(.tcp, to: .not(["192.168.0.254", "fd00:0:0:1::fe"])) } }
            } sees: { family in
                [
                    .passes(.tcp(8080, family)), .drops(.direct(.tcp(destination: 80), family)),
                    .passes(.direct(.tcp(destination: 80), family).invalid), .passes(.udp(5353, family)),
                ]
            },
            KernelCase("the container's address") {
                Containers { Inbound(on: "eth0") { Drop(containerAddress: ["172.18.0.2", "fd00:0:0:18::2"]) } }
            } sees: { family in
                [
                    .drops(.tcp(8080, family)), .drops(.direct(.tcp(destination: 80), family).invalid),
                    .drops(.ping(family)), .passes(.ping(family, to: .peer)), .passes(.tcp(5432, family)),
                ]
            },
        ]

        private static let manyAddresses =
            (0..<200).map { "198.18.\($0).0" } + (0..<200).map { "2001:db8::" + String($0 << 8, radix: 16) }
    }
}
