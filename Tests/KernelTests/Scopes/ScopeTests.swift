import PacketLab
import Seawall
import Testing

extension KernelTests {
    /// Scopes: which packets are judged at all.
    @Suite struct ScopeTests {
        @Test(arguments: cases, Backend.allCases)
        func judges(_ kernelCase: KernelCase, under backend: Backend) throws { try kernelCase.judge(under: backend) }

        static let cases = interfaces + connections + special

        static let interfaces = [
            KernelCase("what enters at one interface") {
                Containers { Inbound(on: "eth0") { Default(.drop) } }
            } sees: { family in
                [
                    .drops(.tcp(8080, family)), .drops(.direct(.other(protocol: 254), family)),
                    .passes(.tcp(8080, family, from: .neighbour)), .passes(.ping(family, from: .web, to: .client)),
                    .passes(.ping(family, from: .web, to: .database)),
                ]
            },
            KernelCase("what enters anywhere else") {
                Containers { Inbound(on: .not("eth0")) { Default(.drop) } }
            } sees: { family in
                [
                    .passes(.tcp(8080, family)), .drops(.tcp(8080, family, from: .neighbour)),
                    .drops(.ping(family, from: .web, to: .client)),
                ]
            },
            KernelCase("what enters at interfaces of a pattern") {
                Containers { Inbound(on: "eth*") { Default(.drop) } }
            } sees: { family in
                [
                    .drops(.tcp(8080, family)), .drops(.tcp(8080, family, from: .neighbour)),
                    .passes(.ping(family, from: .web, to: .database)),
                ]
            },
            KernelCase("what enters at one of several interfaces") {
                Containers { Inbound(on: ["eth1", "br-*"]) { Default(.drop) } }
            } sees: { family in
                [
                    .passes(.tcp(8080, family)), .drops(.tcp(8080, family, from: .neighbour)),
                    .drops(.ping(family, from: .database, to: .web)), .passes(.ping(family, from: .web, to: .database)),
                ]
            },
            KernelCase("none of several interfaces") {
                Containers { Inbound(on: .not(["eth1", "br-*"])) { Default(.drop) } }
            } sees: { family in
                [
                    .drops(.tcp(8080, family)), .passes(.tcp(8080, family, from: .neighbour)),
                    .passes(.ping(family, from: .database, to: .web)), .drops(.ping(family, from: .web, to: .database)),
                ]
            },
            KernelCase("what goes toward a bridge") {
                Containers { Inbound(on: "eth0", toward: "br-*") { Default(.drop) } }
            } sees: { family in
                [
                    .drops(.tcp(5432, family)), .passes(.tcp(8080, family)),
                    .passes(.tcp(5432, family, from: .neighbour)),
                ]
            },
            KernelCase("what leaves, by the container's address") {
                Containers {
                    Outbound(via: "eth0", from: ["172.18.0.0/16", "fd00:0:0:18::/64"]) {
                        Drop(.tcp(9000), to: ["192.168.0.1", "fd00:0:0:1::1"])
                    }
                }
            } sees: { family in
                [
                    .drops(.direct(.tcp(destination: 9000), family, from: .web, to: .client)),
                    .drops(.direct(.tcp(destination: 9000), family, from: .peer, to: .client)),
                    .passes(.direct(.tcp(destination: 9000), family, from: .web, to: .stranger)),
                    .passes(.direct(.tcp(destination: 9001), family, from: .web, to: .client)),
                    .passes(.direct(.tcp(destination: 9000), family, from: .database, to: .client)),
                    .passes(.direct(.tcp(destination: 9000), family, from: .web, to: .neighbour)),
                ]
            },
            KernelCase("what goes from one bridge to another") {
                Containers { Between("docker0", "br-db") { Default(.drop) } }
            } sees: { family in
                [
                    .drops(.direct(.tcp(destination: 5432), family, from: .web, to: .database)),
                    .passes(.direct(.tcp(destination: 80), family, from: .database, to: .web)),
                    .passes(.tcp(5432, family)), .passes(.ping(family, from: .web, to: .client)),
                ]
            },
        ]

        static let connections = [
            KernelCase("replies and related errors pass", after: question) {
                Containers {
                    Inbound(on: "eth0") { Default(.drop) }
                    Outbound(via: "eth0") { Default(.drop) }
                }
            } sees: { family in
                [
                    .passes(.answer(to: 40_001, family)), .passes(.complaint(about: 40_001, family)),
                    .passes(.containerComplaint(about: 40_001, family)),
                    .drops(.published(.udp(source: 40_001, destination: 5353), family)),
                ]
            },
            KernelCase("a changed policy takes hold on connections that run", after: question) {
                Containers { Inbound(on: "eth0") { Drop(.udp(5353)) } }
            } sees: { family in
                [
                    .drops(.published(.udp(source: 40_001, destination: 5353), family)),
                    .passes(.answer(to: 40_001, family)), .passes(.tcp(8080, family)),
                ]
            },
            KernelCase("related errors are dropped if the scope says so", after: question) {
                Containers { Inbound(on: "eth0", related: .drop) { Drop(.tcp(8080)) } }
            } sees: { family in
                [
                    .drops(.complaint(about: 40_001, family)), .passes(.containerComplaint(about: 40_001, family)),
                    .passes(.published(.udp(source: 40_001, destination: 5353), family)), .drops(.tcp(8080, family)),
                ]
            },
            KernelCase("related errors are judged if the scope says so", after: question) {
                Containers {
                    Inbound(on: "eth0", related: .judge) {
                        Allow(.udp)
                        Default(.drop)
                    }
                }
            } sees: { family in
                [
                    .drops(.complaint(about: 40_001, family)), .passes(.answer(to: 40_001, family)),
                    .passes(.published(.udp(source: 40_001, destination: 5353), family)),
                ]
            },
        ]

        static let special = [
            KernelCase("packets without a connection are judged") {
                Containers {
                    Inbound(on: "eth0") {
                        Drop(.tcp(443))
                        Default(.drop)
                    }
                }
            } sees: { family in
                [
                    .drops(.direct(.tcp(destination: 443), family).invalid),
                    .drops(.direct(.tcp(destination: 443), family).untracked),
                    .passes(.direct(.tcp(destination: 443), family, from: .neighbour).invalid),
                ]
            },
            KernelCase("packets without a connection pass if the scope says so") {
                Containers { Inbound(on: "eth0", invalid: .pass, untracked: .pass) { Default(.drop) } }
            } sees: { family in
                [
                    .passes(.direct(.tcp(destination: 443), family).invalid),
                    .passes(.direct(.tcp(destination: 443), family).untracked), .drops(.tcp(443, family)),
                ]
            },
            KernelCase("invalid packets are dropped if the scope says so") {
                Containers { Inbound(on: "eth0", invalid: .drop) { Drop(.tcp(8080)) } }
            } sees: { family in
                [
                    .drops(.direct(.tcp(destination: 443), family).invalid),
                    .passes(.direct(.tcp(destination: 443), family).untracked), .passes(.tcp(443, family)),
                ]
            },
            KernelCase("untracked packets are dropped if the scope says so") {
                Containers { Inbound(on: "eth0", untracked: .drop) { Drop(.tcp(8080)) } }
            } sees: { family in
                [
                    .passes(.direct(.tcp(destination: 443), family).invalid),
                    .drops(.direct(.tcp(destination: 443), family).untracked), .passes(.tcp(443, family)),
                ]
            },
            KernelCase("what is routed straight to a container is dropped if the scope says so") {
                Containers { Inbound(on: "eth0", direct: .drop) { Drop(.tcp(8080)) } }
            } sees: { family in
                [
                    .drops(.direct(.tcp(destination: 80), family)), .drops(.ping(family)), .passes(.tcp(443, family)),
                    .drops(.tcp(8080, family)), .passes(.direct(.tcp(destination: 80), family, from: .neighbour)),
                ]
            },
        ]

        /// A question over UDP that was answered before the policy was there.
        @Sendable private static func question(_ family: AddressFamily) -> [Probe] {
            [.published(.udp(source: 40_001, destination: 5353), family), .answer(to: 40_001, family)]
        }
    }
}
