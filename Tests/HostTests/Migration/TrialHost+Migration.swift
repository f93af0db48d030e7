import PacketLab
import PacketModel
import TestSupport
import Testing

extension TrialHost {
    /// The iptables that holds Docker's rules.
    enum Variant: String, CaseIterable, CustomStringConvertible {
        case legacy, nft

        var description: String { rawValue }
    }

    /// A fresh host whose `DOCKER-USER` holds rules that somebody wrote by hand, beside fail2ban's; further ones stand between.
    static func withUserRules<T>(
        _ variant: Variant, _ rules: [String] = [], verdict: String = "RETURN",
        _ body: (TrialHost) async throws -> T
    ) async throws -> T {
        try await with(.nft) { host in
            for family in AddressFamily.allCases {
                let all =
                    ["-p tcp -m multiport --dports 22,2222 -j f2b"] + rules + Self.userRules(verdict, family)
                try host.lab.loadDockerUser(all, family)
            }
            if variant == .nft { try host.moveToNFTVariant() }
            return try await body(host)
        }
    }

    /// The client may come to port 8080, and nobody else; port 9090 is refused.
    private static func userRules(_ verdict: String, _ family: AddressFamily) -> [String] {
        let client = Host.client.addressText(family)
        let dialled = { (port: Int) in "-p tcp -m conntrack --ctorigdstport \(port) --ctdir ORIGINAL" }
        return [
            "-i eth0 -s \(client) \(dialled(8080)) -j \(verdict)", "-i eth0 \(dialled(8080)) -j DROP",
            "-i eth0 \(dialled(9090)) -j REJECT --reject-with tcp-reset",
        ]
    }

    /// Docker's filter table moves from iptables-legacy to iptables-nft.
    private func moveToNFTVariant() throws {
        let script = """
            for tool in iptables ip6tables; do
                $tool-legacy-save -t filter | $tool-nft-restore
                $tool-legacy -w -F; $tool-legacy -w -X
            done
            """
        try Program.demand(["sh", "-ec", script], in: lab[.router])
    }

    /// The rules of `DOCKER-USER` in all tables that have it.
    func dockerUser() async throws -> [String] {
        try await state().split(separator: "\n").map(String.init).filter { $0.hasPrefix("-A DOCKER-USER") }
    }
}
