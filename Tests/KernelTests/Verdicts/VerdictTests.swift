import PacketLab
import Seawall
import Testing

extension KernelTests {
    /// What becomes of packets that match.
    @Suite struct VerdictTests {
        @Test(arguments: cases, Backend.allCases)
        func judges(_ kernelCase: KernelCase, under backend: Backend) throws { try kernelCase.judge(under: backend) }

        static let cases = order + answers + limited

        static let order = [
            KernelCase("the first rule that matches decides") {
                Containers {
                    Inbound(on: "eth0") {
                        Allow(.tcp(8080))
                        Drop(.tcp([8080, 443]))
                        Allow(.tcp(443))
                        Reject(.tcp(22))
                    }
                    Inbound(on: "eth0") { Drop(.tcp([8080, 22, 113])) }
                }
            } sees: { family in
                [
                    .passes(.tcp(8080, family)), .drops(.tcp(443, family)), .drops(.tcp(113, family)),
                    portUnreachable(.tcp(22, family)), .passes(.udp(443, family)),
                ]
            },
            KernelCase("a rule that logs lets the next decide") {
                Containers {
                    Inbound(on: "eth0") {
                        Log(.tcp(8080))
                        Drop(.tcp(8080)).log(prefix: "seawall-test: ", limit: .perMinute(2))
                        Allow(.tcp(443)).log()
                        Default(.drop).log(prefix: "seawall-test: ", level: .info, limit: .perMinute(1))
                    }
                }
            } sees: { family in
                (0..<8).flatMap { _ in
                    [.drops(.tcp(8080, family)), .passes(.tcp(443, family)), .drops(.udp(443, family))] as [Expectation]
                }
            },
            KernelCase("groups and loops change nothing") {
                Containers {
                    Inbound(on: "eth0") {
                        Group("published") {
                            for port in [8080, 443] { Allow(.tcp(PortSet(port))).comment("published") }
                        }
                        Default(.drop)
                    }
                }
            } sees: { family in
                [
                    .passes(.tcp(8080, family)), .passes(.tcp(443, family)), .drops(.tcp(22, family)),
                    .drops(.udp(443, family)),
                ]
            },
        ]

        static let answers = [
            KernelCase("a reset") {
                Containers { Inbound(on: "eth0") { Reject(.tcp(113), with: .tcpReset) } }
            } sees: { family in
                [.resets(.tcp(113, family)), .passes(.tcp(443, family)), .passes(.udp(443, family))]
            },
            KernelCase("port unreachable") {
                Containers { Inbound(on: "eth0") { Reject(.tcp(113), .udp(443)) } }
            } sees: { family in
                [portUnreachable(.tcp(113, family)), portUnreachable(.udp(443, family)), .passes(.tcp(443, family))]
            },
            KernelCase("answers that both families have") {
                Containers {
                    Inbound(on: "eth0") {
                        Reject(.tcp(113), with: .hostUnreachable)
                        Reject(.tcp(22), with: .noRoute)
                        Default(.reject(with: .adminProhibited))
                    }
                }
            } sees: { family in
                let type: UInt8 = family == .ip ? 3 : 1
                return [
                    .rejects(.tcp(113, family), type, family == .ip ? 1 : 3), .rejects(.tcp(22, family), type, 0),
                    .rejects(.udp(5353, family), type, family == .ip ? 13 : 1),
                ]
            },
            KernelCase("answers of IPv6 alone", families: [.ip6]) {
                Containers {
                    Inbound(on: "eth0") {
                        Reject(.tcp(113), from: "fd00::/16", with: .policyFail)
                        Reject(.tcp(22), from: "fd00::/16", with: .rejectRoute)
                    }
                }
            } sees: { family in
                [.rejects(.tcp(113, family), 1, 5), .rejects(.tcp(22, family), 1, 6), .passes(.tcp(443, family))]
            },
            KernelCase("answers of IPv4 alone", families: [.ip]) {
                Containers {
                    Inbound(on: "eth0") {
                        Reject(.tcp(113), from: "192.168.0.0/16", with: .protocolUnreachable)
                        Reject(.tcp(22), from: "192.168.0.0/16", with: .networkProhibited)
                        Reject(.tcp(443), from: "192.168.0.0/16", with: .hostProhibited)
                    }
                }
            } sees: { family in
                [
                    .rejects(.tcp(113, family), 3, 2), .rejects(.tcp(22, family), 3, 9),
                    .rejects(.tcp(443, family), 3, 10),
                ]
            },
        ]

        static let limited = [
            // Over UDP: of a TCP probe the client's kernel resets the answer, and that counts as well.
            KernelCase("a rate, for each family its own") {
                Containers {
                    Inbound(on: "eth0") {
                        Allow(.udp(5353)).limit(.perHour(1).burst(3))
                        Drop(.udp(5353))
                    }
                }
            } sees: { family in
                Array(repeating: .passes(.udp(5353, family)), count: 3)
                    + Array(repeating: .drops(.udp(5353, family)), count: 3) + [.passes(.udp(443, family))]
            },
            KernelCase("a rate counts what the rule matches and nothing else") {
                Containers {
                    Inbound(on: "eth0") {
                        Drop(.udp(5353), from: ["192.168.0.1", "fd00:0:0:1::1"]).limit(.perHour(1).burst(1))
                    }
                }
            } sees: { family in
                [
                    .passes(.udp(443, family)), .passes(.udp(5353, family, from: .stranger)),
                    .drops(.udp(5353, family)),
                    .passes(.udp(5353, family)),
                ]
            },
            KernelCase("a rule that holds until a day to come") {
                Containers { Inbound(on: "eth0") { Drop(.tcp(8080)).until("2037-01-31") } }
            } sees: { family in
                [.drops(.tcp(8080, family)), .passes(.tcp(443, family))]
            },
            KernelCase("a rule whose last day has passed") {
                Containers { Inbound(on: "eth0") { Drop(.tcp(8080)).until("2001-01-31T18:00:00Z") } }
            } sees: { family in
                [.passes(.tcp(8080, family)), .passes(.tcp(443, family))]
            },
        ]

        private static func portUnreachable(_ probe: Probe) -> Expectation {
            .rejects(probe, probe.packet.family == .ip ? 3 : 1, probe.packet.family == .ip ? 3 : 4)
        }
    }
}
