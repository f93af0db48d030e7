import PacketLab
import PacketModel
import Seawall
import Testing

extension KernelTests {
    /// Lists of addresses as sets of ipset: every packet meets the fate that it meets without them.
    @Suite struct AddressSetTests {
        private static let listed: AddressSet = [
            "203.0.113.0/25", "198.18.0.5-198.18.0.9", "192.168.0.99", "198.51.100.1", "198.51.100.3", "198.51.100.5",
            "198.51.100.7", "198.51.100.9", "198.18.1.0/24",
            "2001:db8:10::/48", "2001:db8:20::5-2001:db8:20::9", "fd00:0:0:1::99", "2001:db8:30::1", "2001:db8:30::3",
            "2001:db8:30::5", "2001:db8:30::7", "2001:db8:30::9", "2001:db8:40::/64",
        ]

        private static func sources(_ family: AddressFamily) -> [String] {
            family == .ip
                ? [
                    "203.0.113.0", "203.0.113.127", "203.0.113.128", "198.18.0.4", "198.18.0.5", "198.18.0.9",
                    "198.18.0.10", "198.51.100.1", "198.51.100.2", "198.51.100.9", "198.18.1.255",
                ]
                : [
                    "2001:db8:10::", "2001:db8:10:ffff::1", "2001:db8:11::", "2001:db8:20::4", "2001:db8:20::5",
                    "2001:db8:20::9", "2001:db8:20::a", "2001:db8:30::1", "2001:db8:30::2", "2001:db8:40::ffff",
                ]
        }

        static let policies: [PolicyContent] = [
            content { Drop(from: listed) },
            content {
                Allow(.tcp(8080), from: listed)
                Drop(.tcp(8080))
            },
            content { Drop(.tcp(8080), from: .not(listed)) },
            content {
                Allow(.tcp(8080), from: listed).limit(.perSecond(1000).burst(200))
                Reject(.tcp(8080))
            },
        ]

        private static func content(@PolicyBuilder _ rules: () -> PolicyContent) -> PolicyContent {
            let rules = rules()
            return contain { Containers { Inbound(on: "eth0") { rules } } }
        }

        private static func contain(@PolicyBuilder _ content: () -> PolicyContent) -> PolicyContent { content() }

        @Test(arguments: policies.indices, ["docker-user", "own-chain"])
        func decideAsTheirAddresses(policy: Int, layout: String) throws {
            let options = ["--layout", layout]
            let without = try fates(under: Self.policies[policy], options)
            let with = try fates(under: Self.policies[policy], options + ["--ipset"])
            for (plain, set) in zip(without, with) {
                #expect(plain.fate == set.fate, "\(plain.probe): \(plain.fate) without sets, \(set.fate) with them")
            }
            #expect(Set(without.map(\.fate)).count > 1)
        }

        private func fates(under policy: PolicyContent, _ options: [String]) throws -> [(probe: Probe, fate: Fate)] {
            let lab = try #require(LabTrait.lab)
            try lab.resetFirewall()
            let installed = try install(policy, backend: .iptables, in: lab, options: options)
            try #require(installed.status == 0, "seawall apply: \(installed.complaint)\(installed.output)")
            #expect(installed.output.contains("ipset: ") == options.contains("--ipset"))
            let probes = AddressFamily.allCases.flatMap { family in
                Self.sources(family).map { Probe.tcp(8080, family, source: $0) } + [
                    .tcp(443, family), .tcp(8080, family),
                ]
            }
            return Array(zip(probes, try lab.send(probes))).map { ($0, $1) }
        }
    }
}
