import PacketLab
import PacketModel

/// A policy as somebody who knows both engines would write it by hand.
struct HandWrittenRules: Sendable {
    /// Rules of `DOCKER-USER` by family.
    let iptables: [AddressFamily: [String]]
    /// The rules of a chain at the forward hook, for both families.
    let nft: [String]

    /// An engine.
    enum Engine: CaseIterable { case iptables, nft }

    /// Loads the rules into one engine, and empties the other.
    func load(into lab: Lab, _ engine: Engine) throws {
        try lab.resetFirewall()
        switch engine {
        case .iptables: for (family, rules) in iptables { try lab.loadDockerUser(rules, family) }
        case .nft:
            let chain = ["type filter hook forward priority filter - 10;"] + nft
            try lab.loadNFT("table inet seawall {\nchain containers {\n\(chain.joined(separator: "\n"))\n}\n}\n")
        }
    }

    /// One port for one client; for everybody else it is closed.
    static let onePortOneClient = HandWrittenRules(
        iptables: [
            .ip: ["-i eth0 -s 192.168.0.1/32 -p tcp \(dialled) -j RETURN", "-i eth0 -p tcp \(dialled) -j DROP"],
            .ip6: ["-i eth0 -s fd00:0:0:1::1/128 -p tcp \(dialled) -j RETURN", "-i eth0 -p tcp \(dialled) -j DROP"],
        ],
        nft: [
            "iifname eth0 ct direction reply accept",
            "iifname eth0 ip saddr 192.168.0.1 meta l4proto tcp ct original proto-dst 8080 accept",
            "iifname eth0 ip6 saddr fd00:0:0:1::1 meta l4proto tcp ct original proto-dst 8080 accept",
            "iifname eth0 meta l4proto tcp ct original proto-dst 8080 drop",
        ])

    /// Nothing that enters but for one client; replies and related errors pass.
    static let allButOneClient = HandWrittenRules(
        iptables: [
            .ip: [
                "-i eth0 -p icmp -m conntrack --ctstate RELATED -j RETURN",
                "-i eth0 ! -s 192.168.0.1/32 \(judged) -j DROP",
            ],
            .ip6: ["-i eth0 -p ipv6-icmp -m conntrack --ctstate RELATED -j RETURN", "-i eth0 \(judged) -j DROP"],
        ],
        nft: [
            "iifname eth0 meta nfproto ipv4 meta l4proto icmp ct state related accept",
            "iifname eth0 meta nfproto ipv6 meta l4proto icmpv6 ct state related accept",
            "iifname eth0 ct direction reply accept", "iifname eth0 ip saddr != 192.168.0.1 drop",
            "iifname eth0 meta nfproto ipv6 drop",
        ])

    private static let dialled = "-m conntrack --ctorigdstport 8080 --ctdir ORIGINAL"
    private static let judged = "-m conntrack --ctstate NEW,ESTABLISHED,RELATED,INVALID,UNTRACKED --ctdir ORIGINAL"
}
